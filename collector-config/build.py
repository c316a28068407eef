#!/usr/bin/env python3
"""Build the Collector of builder.yaml from Go modules, or find the one that is built already.

Prints the path of the binary. It lies outside of the repository, in
``${XDG_CACHE_HOME:-~/.cache}/otel-ai-feedback``, under a hash of the manifest: another manifest is
another Collector. Needs Go; the first build takes minutes, later calls none.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

MANIFEST = Path(__file__).with_name("builder.yaml")
NAME = "otelcol-ai-feedback"


def main() -> None:
    """Build, unless it is there, and print where."""
    binary = cached()
    if not binary.exists():
        build(binary)
    print(binary)  # noqa: T201


def cached() -> Path:
    """Where the binary of this manifest is, or will be."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    key = hashlib.sha256(MANIFEST.read_bytes()).hexdigest()[:16]
    return Path(base) / "otel-ai-feedback" / f"collector-{key}" / NAME


def build(binary: Path) -> None:
    """Build the binary; of several processes one does, and the others wait for it."""
    go = shutil.which("go")
    if go is None:
        sys.exit("building the Collector needs Go 1.26 or newer on the PATH (https://go.dev/dl)")
    binary.parent.mkdir(parents=True, exist_ok=True)
    with (binary.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if binary.exists():
            return
        work = binary.parent / "build"
        work.mkdir(exist_ok=True)
        version = re.search(r"^\s+version: (\S+)$", MANIFEST.read_text(), re.MULTILINE)[1]
        environment = dict(os.environ) | {"CGO_ENABLED": "0", "GOBIN": str(work)}
        builder = f"go.opentelemetry.io/collector/cmd/builder@v{version}"
        _run([go, "install", builder], environment, work)
        _run([str(work / "builder"), "--config", str(MANIFEST)], environment, work)
        # Complete or not there at all.
        os.replace(work / "dist" / NAME, binary)
        shutil.rmtree(work)


def _run(command: list[str], environment: dict[str, str], directory: Path) -> None:
    # Standard output is for the path alone.
    done = subprocess.run(  # noqa: S603
        command, env=environment, cwd=directory, stdout=sys.stderr, check=False
    )
    if done.returncode:
        sys.exit(f"failed: {' '.join(command)}")


if __name__ == "__main__":
    main()
