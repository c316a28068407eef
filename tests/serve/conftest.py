"""One real server over the run's store, and telemetry to send to it."""

import dataclasses
import secrets

import httpx
import pytest

from otel_ai_feedback import serve, store
from otel_ai_feedback.store import facts, server_file

from . import otlp


@pytest.fixture(scope="package")
def passwords():
    """Password of each user of the ClickHouse endpoint that is not the owner."""
    return {name: secrets.token_urlsafe(24) for name in ("collector", "grafana", "analyst")}


@pytest.fixture(scope="package")
def users(tmp_path_factory, passwords):
    """The file of users: one who writes, one who reads, one who reads texts as well."""
    path = tmp_path_factory.mktemp("users") / "users.toml"
    path.touch(0o600)
    path.write_text(
        f'''
        [collector]
        role = "writer"
        password = "{passwords["collector"]}"

        [grafana]
        role = "reader"
        password = "{passwords["grafana"]}"

        [analyst]
        role = "reader"
        text = true
        password = "{passwords["analyst"]}"
        '''
    )
    return path


@pytest.fixture(scope="package")
def server(engine, settings, users):
    with serve.running(
        dataclasses.replace(settings, users=users), port=0, jobs_every=None
    ) as running:
        yield running


@pytest.fixture(scope="package")
def web(server):
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture(scope="package")
def post(web):
    """Send spans; the answer must be 200."""

    def post(*spans, resource=otlp.RESOURCE):
        answer = web.post(
            "/v1/traces",
            content=otlp.traces(*spans, resource=resource).SerializeToString(),
            headers={"Content-Type": "application/x-protobuf"},
        )
        assert answer.status_code == 200, answer.text
        return answer

    return post


@pytest.fixture
def send(clean, post):
    """Send spans to the emptied store and take them into the facts; the answer must be 200."""

    def send(*spans, resource=otlp.RESOURCE):
        answer = post(*spans, resource=resource)
        facts.catch_up(clean)
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
