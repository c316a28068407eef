"""Virtual environments with the packages that a test runs, each made once for each machine."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(name, *requirements):
    """Path of a Python that has the requirements and this project, as it stands, installed.

    It is kept in ``${XDG_CACHE_HOME:-~/.cache}/otel-ai-feedback/environments`` under a name that
    changes with the requirements, the Python and the place of this project.
    """
    identity = "\n".join([*sorted(requirements), sys.version, str(ROOT)])
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = cache / "otel-ai-feedback" / "environments" / f"{name}-{digest}"
    directory.parent.mkdir(parents=True, exist_ok=True)
    python = directory / "bin" / "python"
    # Entry points and dependencies are written down when the project is installed.
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    made = directory / "made"
    with _locked(directory.with_suffix(".lock")):
        if not made.exists():
            shutil.rmtree(directory, ignore_errors=True)
            _uv("venv", "--python", sys.executable, str(directory))
        if not made.exists() or made.read_text() != project:
            _uv("pip", "install", "--python", str(python), "--editable", str(ROOT), *requirements)
            made.write_text(project)
    return python


@contextmanager
def _locked(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _uv(*arguments):
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    uv = shutil.which("uv", path=beside)
    assert uv is not None, "uv is not installed: pip install uv"
    done = subprocess.run(
        [uv, "--quiet", *arguments], capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stderr
