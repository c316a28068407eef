"""How many bytes a page loads: the built script files, as they go over the wire."""

from __future__ import annotations

import argparse
import gzip
import json

from otel_ai_feedback.capture.web.script_files import DIRECTORY

CORE_LIMIT = 2048
WITH_DRAFT_LIMIT = 4096


def main() -> None:
    """Measure, and fail beyond the limits."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="the same: it takes no time")
    parser.parse_args()
    sizes = {
        path.stem: len(gzip.compress(path.read_bytes(), 9, mtime=0))
        for path in sorted(DIRECTORY.glob("*.js"))
    }
    core = sizes["feedback"]
    with_draft = core + sizes["feedback-draft"]
    result = {
        "bench": "script_size",
        "gzipped_bytes": sizes,
        "core": core,
        "page": core + sizes["feedback-acts"],
        "page_with_draft": with_draft + sizes["feedback-acts"],
        "core_limit": CORE_LIMIT,
        "with_draft": with_draft,
        "with_draft_limit": WITH_DRAFT_LIMIT,
    }
    print(json.dumps(result))
    if core > CORE_LIMIT or with_draft > WITH_DRAFT_LIMIT:
        raise SystemExit("the script is larger than docs/browser.md promises")


if __name__ == "__main__":
    main()
