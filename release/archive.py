"""Writes what a release has beside the package: dashboards, rules, provisioning, configurations.

    python release/archive.py --output dist

The same commit gives the same bytes, whoever builds it: names are sorted, and times are that of the
commit (or of SOURCE_DATE_EPOCH).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import os
import re
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
TAKEN = (
    "grafana", "collector-config", "deploy", "docker-compose.yml", "docker-compose.cluster.yml",
    "semconv", "LICENSE", "docs/grafana.md", "docs/collector.md", "docs/operations.md",
)  # fmt: skip


def version() -> str:
    """The version of the package, from its one place."""
    text = (ROOT / "src/otel_ai_feedback/_version.py").read_text(encoding="utf-8")
    found: str = re.findall(r'^__version__ = "(.+)"', text, re.MULTILINE)[0]
    return found


def git(*arguments: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def archive() -> bytes:
    """The archive: what git knows of the files, under a folder with the version."""
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct"))
    folder = f"otel-ai-feedback-{version()}-provisioning"
    written = io.BytesIO()
    # Without a name and with a time that is given, gzip has the same head everywhere.
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=written, mtime=epoch) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.USTAR_FORMAT) as opened,
    ):
        for name in sorted(git("ls-files", "--", *TAKEN).splitlines()):
            content = (ROOT / name).read_bytes()
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mtime = len(content), epoch
            entry.mode = 0o755 if os.access(ROOT / name, os.X_OK) else 0o644
            opened.addfile(entry, io.BytesIO(content))
    return written.getvalue()


def main() -> None:
    """Write the archive and its checksum."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", metavar="DIR", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    content = archive()
    file = options.output / f"otel-ai-feedback-{version()}-provisioning.tar.gz"
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    file.with_name(f"{file.name}.sha256").write_text(f"{digest}  {file.name}\n", encoding="utf-8")
    print(file)


if __name__ == "__main__":
    main()
