"""``serve`` with people who have roles."""

import contextlib
import dataclasses

import pytest

from otel_ai_feedback import serve
from triage.notifications import FILE


@pytest.fixture(scope="package")
def owners(tmp_path_factory):
    """A triage file, so that all pages are there."""
    file = tmp_path_factory.mktemp("triage") / "triage.yaml"
    file.write_text(FILE)
    return file


@pytest.fixture
def running(engine, settings, owners):
    """``running(**settings)``: a server with these, as a context."""

    @contextlib.contextmanager
    def running(**chosen):
        told = dataclasses.replace(settings, triage=owners, **chosen)
        with serve.running(told, port=0, jobs_every=None) as server:
            yield server

    return running
