"""What the tests of dashboards and rules share."""

import dataclasses
import secrets
import sys
from pathlib import Path

import httpx
import pytest

from otel_ai_feedback import serve

# The raw rows are those of the store's tests.
sys.path.append(str(Path(__file__).parents[1] / "store"))


@pytest.fixture(scope="package")
def password():
    """Of the user ``grafana`` of the ClickHouse endpoint, who may read what holds no text."""
    return secrets.token_urlsafe(24)


@pytest.fixture(scope="package")
def server(engine, settings, password, tmp_path_factory):
    users = tmp_path_factory.mktemp("users") / "users.toml"
    users.touch(0o600)
    users.write_text(f'[grafana]\nrole = "reader"\npassword = "{password}"\n')
    chosen = dataclasses.replace(settings, users=users)
    with serve.running(chosen, port=0, jobs_every=None) as running:
        yield running


@pytest.fixture(scope="package")
def web(server):
    with httpx.Client(base_url=server.url, timeout=300) as client:
        yield client


@pytest.fixture
def outputs(engine, wiped):
    """The ids of 28 days of outputs, put into the store where the test before has emptied it."""
    from . import corpus

    there = engine.query(THERE, parameters={"ids": _replayed}).first_row
    if not _replayed or there != (len(_replayed), True):
        wiped(engine)
        _replayed[:] = corpus.replay(engine)
    return _replayed


_replayed: list[str] = []
# Tests of other folders may have run in between, and have outputs and incidents of their own.
THERE = """
    select countIf(output_id in {ids:Array(String)}) as replayed,
        (select count() from incident_events) > 0 as has_incidents
    from (select distinct concat(trace_id, '-', span_id) as output_id from output_facts)
"""
