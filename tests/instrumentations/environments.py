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

_OTEL = "opentelemetry-instrumentation-"
_OPENINFERENCE = "openinference-instrumentation-"
# As few as their versions allow, for each takes a while to make and to import for the first time.
REQUIREMENTS = {
    # No instrumentation: what compares experiments, to compare with, and what records their flags.
    "experiments": (
        "tea-tasting==1.14.0",
        "pandas",
        "openfeature-sdk==0.10.0",
        "openfeature-hooks-opentelemetry==0.3.1",
        "opentelemetry-sdk",
    ),
    # No instrumentation: what reads the files of `export --parquet`.
    # dbt 1.12 fetches a part of itself from outside PyPI.
    "dbt": ("dbt-core==1.11.16", "dbt-duckdb==1.11.1", "duckdb==2.0.1"),
    "current": (
        f"{_OTEL}genai-openai==1.3b0",
        f"{_OTEL}genai-anthropic==1.3b0",
        f"{_OPENINFERENCE}openai==0.1.66",
        f"{_OPENINFERENCE}anthropic==3.1.0",
        f"{_OTEL}openai==0.62.4",
        f"{_OTEL}anthropic==0.62.4",
        "agent-framework-core==1.23.0",
        "agent-framework-openai==1.17.0",
        "haystack-ai==3.4.0",
        "langfuse==5.0.4",
        "langsmith[otel]==0.15.0",
        "logfire==5.2.0",
        "mlflow-tracing==3.17.2",
        "opentelemetry-haystack==2.0.0",
        "pydantic-ai-slim[openai]==2.62.0",
        "openai",
        "anthropic",
    ),
    # What does not go with the current version of the openai package, or of the SDK.
    "chains": (
        f"{_OPENINFERENCE}langchain==0.1.80",
        f"{_OPENINFERENCE}litellm==0.1.51",
        "google-adk==2.13.0",
        "langchain-openai",
        "langgraph",
        "langsmith[otel]==0.15.0",
        "litellm==1.106.2",
        "strands-agents[openai]==1.62.0",
    ),
    "before": (
        f"{_OTEL}openai-v2==2.4b0",
        "opentelemetry-util-genai==0.4b0",
        "haystack-ai==2.31.0",
        "pydantic-ai-slim[openai]==1.107.10",
        "openai<3",
    ),
    "old": (
        f"{_OTEL}openai==0.40.14",
        f"{_OTEL}anthropic==0.40.14",
        "logfire==4.25.0",
        "strands-agents[openai]==1.0.0",
        "openai<2",
        "anthropic<1",
    ),
    "openai-v2-later": (
        f"{_OTEL}openai-v2==2.4b0",
        "opentelemetry-util-genai==1.0b0",
        "openai<3",
    ),
    # It needs an API that was taken out of OpenTelemetry since.
    "pydantic-ai-1.0": (
        "pydantic-ai-slim[openai]==1.0.0",
        "openai<2",
        "opentelemetry-sdk==1.34.1",
        "opentelemetry-exporter-otlp==1.34.1",
    ),
}


JS = ROOT / "js/node"
# What pages load, of which the package has a copy.
SCRIPTS = ROOT / "src/otel_ai_feedback/capture/web/static"
NODE_REQUIREMENTS = (
    "ai@7.0.173",
    "@ai-sdk/openai@4.0.118",
    "@ai-sdk/otel@1.0.173",
    "@opentelemetry/api@1.9.1",
    "@opentelemetry/exporter-trace-otlp-proto@0.223.1",
    "@opentelemetry/sdk-trace-node@2.12.0",
    "zod@4.6.7",
)


def environment(name, *requirements):
    """Path of a Python that has these packages and this project, as it stands.

    Without requirements the name is one of :data:`REQUIREMENTS`, which several tests share.

    It is kept in ``${XDG_CACHE_HOME:-~/.cache}/otel-ai-feedback/environments`` under a name that
    changes with the requirements, the Python and the place of this project.
    """
    requirements = requirements or REQUIREMENTS[name]
    directory = _directory(name, *sorted(requirements), sys.version, str(ROOT))
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


def node_environment(name="vercel", *requirements):
    """Directory with packages of Node, by default what Vercel's AI SDK needs."""
    requirements = requirements or NODE_REQUIREMENTS
    directory = _directory(name, *requirements)
    made = directory / "made"
    with _locked(directory.with_suffix(".lock")):
        if not made.exists():
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            (directory / "package.json").write_text('{"private": true, "type": "module"}')
            quiet = ("--silent", "--no-audit", "--no-fund")
            _run("npm", "install", *quiet, *requirements, cwd=directory)
            made.touch()
    return directory


def packed():
    """The package of js/node as npm would publish it, built from what is there: a tar archive."""
    sources = [
        path
        for path in (ROOT / "package-lock.json", *sorted(SCRIPTS.iterdir()), *sorted(JS.rglob("*")))
        if path.is_file() and not {"node_modules", "dist"} & set(path.relative_to(ROOT).parts)
    ]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    directory = _directory("node-package", digest)
    made = directory / "made"
    with _locked(directory.with_name("node-package.lock")):
        if not made.exists():
            shutil.rmtree(directory, ignore_errors=True)
            directory.mkdir()
            _run("npm", "ci", "--silent", "--no-audit", "--no-fund", cwd=ROOT)
            _run("npm", "run", "build", "--silent", cwd=JS)
            pack = ("npm", "pack", "--silent", "--pack-destination", str(directory))
            _run(*pack, cwd=JS)
            made.touch()
    return next(directory.glob("*.tgz"))


def _directory(name, *identity):
    digest = hashlib.sha256("\n".join(identity).encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = cache / "otel-ai-feedback" / "environments" / f"{name}-{digest}"
    directory.parent.mkdir(parents=True, exist_ok=True)
    return directory


@contextmanager
def _locked(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _uv(*arguments):
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    uv = shutil.which("uv", path=beside)
    assert uv is not None, "uv is not installed: pip install uv"
    _run(uv, "--quiet", *arguments)


def _run(*command, cwd=None):
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=280, check=False, cwd=cwd
    )
    assert done.returncode == 0, done.stderr
