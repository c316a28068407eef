"""Whose tests are run, and what each needs."""

import hashlib
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from instrumentations.environments import environment

HERE = Path(__file__).parent
INSIDE = HERE / "inside"
_OTEL = "opentelemetry-instrumentation-"
_RECORDING = ("pytest<9", "pytest-asyncio<1.4", "pytest-recording<0.14", "vcrpy>=8,<9")
_GENAI = ("pytest", "pytest-asyncio", "pytest-vcr", "vcrpy>=8", "wrapt")
# Their conformance tests need a package that is not on PyPI.
_NO_CONFORMANCE = (
    "--ignore=tests/conformance",
    "--ignore=tests/test_conformance.py",
    "--vcr-record=none",
)


@dataclass(frozen=True)
class Suite:
    """The tests of one instrumentation.

    Attributes:
        package: Its name on PyPI.
        version: The version, of the package and of its tests.
        needs: What the tests need besides.
        group: Whether the sdist names what they need, as a dependency group.
        options: For pytest.
        own: Its sdist has no tests: the folder of ours that play recorded responses to it.
    """

    package: str
    version: str
    needs: tuple[str, ...] = ()
    group: bool = False
    options: tuple[str, ...] = ()
    own: str | None = None

    @property
    def name(self):
        """What a test is called after it."""
        return self.package.replace(_OTEL, "").replace("instrumentation-", "")


SUITES = (
    Suite(f"{_OTEL}genai-openai", "1.3b0", ("openai<4", *_GENAI), options=_NO_CONFORMANCE),
    Suite(f"{_OTEL}genai-anthropic", "1.3b0", ("anthropic<3", *_GENAI), options=_NO_CONFORMANCE),
    Suite(f"{_OTEL}openai", "0.62.4", group=True),
    Suite(f"{_OTEL}anthropic", "0.62.4", ("anthropic<1",), group=True),
    Suite(f"{_OTEL}bedrock", "0.62.4", group=True),
    Suite(f"{_OTEL}cohere", "0.62.4", group=True),
    Suite(f"{_OTEL}mistralai", "0.62.4", group=True),
    Suite(f"{_OTEL}groq", "0.62.4", group=True),
    Suite(f"{_OTEL}google-generativeai", "0.62.4", group=True),
    Suite(f"{_OTEL}langchain", "0.62.4", group=True),
    Suite(
        "openinference-instrumentation-litellm", "0.1.51",
        ("litellm", "opentelemetry-sdk", *_RECORDING),
    ),
    Suite(
        "openinference-instrumentation-openai", "0.1.66",
        ("openai", "opentelemetry-sdk", *_RECORDING), own="play_openai.py",
    ),
    Suite(
        "openinference-instrumentation-anthropic", "3.1.0",
        ("anthropic", "opentelemetry-sdk", *_RECORDING), own="play_anthropic.py",
    ),
)  # fmt: skip


def source_of(suite):
    """The sdist of a suite, unpacked; fetched once for each machine."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    kept = cache / "otel-ai-feedback" / "sdists"
    directory = kept / f"{suite.package.replace('-', '_')}-{suite.version}"
    if not directory.exists():
        # What reads the metadata of an sdist, which pip does before it keeps one.
        python = environment("sdists", "pip", "hatchling", "hatch-vcs", "poetry-core", "setuptools")
        fetched = kept / hashlib.sha256(os.urandom(16)).hexdigest()[:12]
        fetched.mkdir(parents=True)
        options = ("--no-deps", "--no-binary=:all:", "--no-build-isolation", "--dest", str(fetched))
        wanted = f"{suite.package}=={suite.version}"
        _run(str(python), "-m", "pip", "download", "--quiet", *options, wanted)
        with tarfile.open(next(fetched.glob("*.tar.gz"))) as archive:
            archive.extractall(fetched, filter="data")
        next(path for path in fetched.iterdir() if path.is_dir()).rename(directory)
        shutil.rmtree(fetched)
    return directory


def python_of(suite, source):
    """A Python with the instrumentation, what its tests need, and this project."""
    name = f"peers-{suite.name}"
    if not suite.group:
        return environment(name, f"{suite.package}=={suite.version}", *suite.needs)
    group = ("--group", f"{source / 'pyproject.toml'}:test", "--no-sources")
    return environment(name, f"{suite.package}=={suite.version}", *suite.needs, *group)


def run(suite, report, state, *, capture=True, only=()):
    """Run the tests of a suite; what pytest printed.

    Args:
        suite: The suite.
        report: Where to write down what was seen.
        state: A directory for capture.
        capture: Whether it is on.
        only: Node ids, where not all are to run.
    """
    source = source_of(suite)
    python = python_of(suite, source)
    given = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    paths = (INSIDE, INSIDE / "stand_in")
    given |= {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PEERS_REPORT": str(report),
        "PEERS_CAPTURE": "on" if capture else "off",
        "OTEL_AI_FEEDBACK_HASH": "plain",
        "OTEL_AI_FEEDBACK_HASH_MIN_LENGTH": "1",
        "OTEL_AI_FEEDBACK_STATE_DIR": str(state),
    }
    where = HERE / "own" if suite.own else source
    chosen = only or ((suite.own, "--confcutdir=.") if suite.own else ("tests",))
    command = [
        str(python), "-m", "pytest", "-q", "--tb=short", "-p", "with_capture",
        "-p", "no:cacheprovider", "--continue-on-collection-errors", *suite.options, *chosen,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=where, env=given, capture_output=True, text=True, timeout=900, check=False
    )
    return done.stdout + done.stderr


def _run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
