"""One real server over the run's store, and telemetry to send to it."""

import httpx
import pytest

from otel_ai_feedback import local, store
from otel_ai_feedback.store import server_file

from . import otlp

NEVER = 3600


@pytest.fixture(scope="package")
def server(engine, settings):
    with local.running(settings, port=0, jobs_every=NEVER) as running:
        yield running


@pytest.fixture(scope="package")
def web(server):
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def send(clean, web):
    """Send spans to the emptied store; the answer must be 200."""

    def send(*spans, resource=otlp.RESOURCE):
        answer = web.post(
            "/v1/traces",
            content=otlp.traces(*spans, resource=resource).SerializeToString(),
            headers={"Content-Type": "application/x-protobuf"},
        )
        assert answer.status_code == 200, answer.text
        return answer

    return send


@pytest.fixture
def token(server, settings):
    """Password of the ClickHouse endpoint."""
    announced = server_file.read(settings.store.removeprefix("chdb://"))
    assert announced is not None
    assert announced.url == server.url
    return announced.token


@pytest.fixture(scope="package")
def database():
    return store.DATABASE
