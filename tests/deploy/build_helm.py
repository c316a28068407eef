"""Build Helm from its Go modules, or find the one that is built already. Prints its path.

It lies outside of the repository; CI begins with it, as with the Collector.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "v3.19.0"


def main():
    """Build, unless it is there, and print where."""
    print(build())


def build():
    """Path of Helm; of several processes one builds it, and the others wait."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "otel-ai-feedback" / f"helm-{VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "helm").exists():
            go = shutil.which("go")
            if go is None:
                sys.exit("building Helm needs Go on the PATH (https://go.dev/dl)")
            subprocess.run(
                [go, "install", f"helm.sh/helm/v3/cmd/helm@{VERSION}"],
                env=os.environ | {"GOBIN": str(folder), "CGO_ENABLED": "0"},
                check=True,
            )
    return folder / "helm"


if __name__ == "__main__":
    main()
