"""List the addresses outside of the repository to which pages link: ``python docs/make/links.py``.

They are not fetched by any test: what others publish is not ours to keep up.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_LINK: Final = re.compile(r"\]\((https?://[^)\s]+)\)")


def external() -> dict[str, list[str]]:
    """Every address, with the pages that link to it."""
    found: dict[str, list[str]] = {}
    for page in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]):
        for address in dict.fromkeys(_LINK.findall(page.read_text())):
            found.setdefault(address, []).append(str(page.relative_to(ROOT)))
    return dict(sorted(found.items()))


if __name__ == "__main__":
    for address, pages in external().items():
        sys.stdout.write(f"{address}\t{', '.join(pages)}\n")
