"""Real packages in environments of their own, against local servers.

They have the marker ``packages``, which plain ``pytest`` leaves out: ``pytest -m packages`` runs
them, and needs a package registry the first time. ``OTEL_AI_FEEDBACK_TEST_RECORD=1`` has them write
the fixtures again. A test looks like this::

    @pytest.fixture(scope="module")
    def python(environment):
        return environment("before")

    def test_whole(run, python):
        assert run(python, PROGRAM).hashes == [HASH]

    def test_recorded(record, python):
        record("openai-v2", python, "opentelemetry-instrumentation-openai-v2", PROGRAM)
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from capture.fakes import serving, url

from . import environments, programs, recorded
from .models import Models


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what runs a package; first, as pytest then leaves out what is not asked for."""
    for item in items:
        here = item.path.is_relative_to(Path(__file__).parent)
        if here and {"environment", "node"}.intersection(item.fixturenames):
            item.add_marker(pytest.mark.packages)


@pytest.fixture(scope="session")
def environment():
    """``environment(name, *requirements)``: a Python with packages; see :mod:`environments`."""
    return environments.environment


@pytest.fixture(scope="session")
def node():
    """Directory with the packages of Node."""
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    return environments.node_environment()


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

    ``record(name, python, package, program, **expected)``; for ``expected`` see
    :func:`recorded.keep`.
    ``variables`` and ``providers`` go to :func:`programs.run`.
    """

    def record(
        name, python, package, program, *, providers=programs.PROVIDERS, variables=None, **expected
    ):
        def ran():
            return run(python, program, capture=False, providers=providers, **(variables or {}))

        recorded.keep(
            name, f"{package}=={_version(python, package)}", ran, models.server_port, **expected
        )

    return record


def _version(python, package):
    code = f"import importlib.metadata; print(importlib.metadata.version({package!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()
