"""Real packages in environments of their own, against local servers.

They have the marker ``packages``, which plain ``pytest`` leaves out: ``pytest -m packages`` runs
them, and needs a package registry the first time. ``OTEL_AI_FEEDBACK_TEST_RECORD=1`` has them write
the fixtures anew. A test looks like this::

    @pytest.fixture(scope="module")
    def python(environment):
        return environment("before")

    def test_whole(run, python):
        assert run(python, PROGRAM).hashes == [HASH]

    def test_recorded(record, python):
        record("openai-v2", python, "opentelemetry-instrumentation-openai-v2", PROGRAM)
"""

import os
import subprocess
from pathlib import Path

import pytest

from capture.fakes import ANSWER, serving, url

from . import environments, programs, recorded
from .models import QUESTION, Models

_RECORD = os.environ.get("OTEL_AI_FEEDBACK_TEST_RECORD") == "1"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what runs a package; first, as pytest then leaves out what is not asked for."""
    for item in items:
        here = item.path.is_relative_to(Path(__file__).parent)
        if here and "environment" in item.fixturenames:
            item.add_marker(pytest.mark.packages)


@pytest.fixture(scope="session")
def environment():
    """``environment(name)``: a Python with the packages of one of ``environments.REQUIREMENTS``."""
    return environments.environment


@pytest.fixture(scope="session")
def models():
    """The model server."""
    with serving(Models) as server:
        yield server


@pytest.fixture
def run(models, tmp_path):
    """``run(python, program, **variables)``: what the program sent; see :func:`programs.run`."""

    def run(python, program, **options):
        return programs.run(python, program, url(models), tmp_path, **options)

    return run


@pytest.fixture
def record(run, models):
    """Write what a package records, with capture off, as a fixture; or check that it is current.

    ``record(name, python, package, program, **expected)`` where ``expected`` is what the store must
    say of it: ``answers`` (the texts, a row each), ``questions`` (the user turns), ``model``,
    ``response_ids``, and ``session`` where the package records one. ``variables`` and ``providers``
    go to :func:`programs.run`.
    """

    def record(
        name, python, package, program, *, providers=programs.PROVIDERS, variables=None,
        answers=(ANSWER,), questions=(QUESTION,), model="gpt-4o", response_ids=("chatcmpl-1",),
        session=None,
    ):  # fmt: skip
        installed = f"{package}=={_version(python, package)}"
        path = recorded.FIXTURES / f"{name}.json"
        if _RECORD:
            ran = run(python, program, capture=False, providers=providers, **(variables or {}))
            expected = {
                "answers": list(answers), "questions": list(questions), "model": model,
                "response_ids": list(response_ids), "session": session,
            }  # fmt: skip
            fixture = recorded.fixture_of(installed, ran, expected, models.server_port)
            recorded.write(name, fixture)
        assert recorded.read(path)["package"] == installed, (
            f"{path.name} is of another version; record it with OTEL_AI_FEEDBACK_TEST_RECORD=1"
        )

    return record


def _version(python, package):
    code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()
