"""Beacons that `serve` takes for services that cannot."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import anyio
import httpx
import pytest

from asking import asked
from otel_ai_feedback.capture.linking.handles import Handle, mint
from otel_ai_feedback.capture.linking.keys import load_key
from otel_ai_feedback.capture.text.hashing import derive_key
from otel_ai_feedback.serve import beacons
from otel_ai_feedback.serve.writer import Writer

from . import otlp

PAGE = (Path(__file__).parents[2] / "docs/beacon.md").read_text()
ACTIONS = "/_ai_feedback/actions"
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture
def secret(settings):
    return load_key(settings.key, settings.state_dir).secret


@pytest.fixture
def span(send):
    """An output that has just been made."""
    made = otlp.output(start=time.time_ns() - 5 * 10**9)
    send(made)
    return made


def of(span):
    return span.trace_id.hex(), span.span_id.hex(), span.start_time_unix_nano // 10**9


def handle_of(span, secret):
    trace_id, span_id, start = of(span)
    handle = Handle("output", int(trace_id, 16), int(span_id, 16), start, True)
    return mint(handle, derive_key(secret, b"handle"))


def beacon(handle):
    now = time.time() * 1000
    entry = {"action_id": "a1", "handle": handle, "action": "copy", "value": 0.9, "time": now}
    return json.dumps({"sent": now, "actions": [entry]})


def actions(client):
    """What is stored, without waiting: an answer of 204 says that it is."""
    query = "select action, value, source, output_id from actions where output_id != ''"
    return asked(client, query).result_rows


@pytest.mark.slow
def test_an_action_is_in_the_store_and_linked(clean, web, span, secret):
    for _ in range(2):
        answer = web.post(ACTIONS, content=beacon(handle_of(span, secret)), headers=PLAIN)
        assert answer.status_code == 204
    trace_id, span_id, _ = of(span)
    assert actions(clean) == [("copy", 0.9, "api", f"{trace_id}-{span_id}")]


def test_an_action_is_of_the_service_of_its_output(clean, web, span, secret):
    web.post(ACTIONS, content=beacon(handle_of(span, secret)), headers=PLAIN)
    actions(clean)
    columns = "service, environment, feature"
    (of_output,) = clean.query(f"select {columns} from outputs").result_rows
    assert clean.query(f"select {columns} from actions").result_rows == [of_output]
    assert of_output[0] != ""


def test_a_handle_that_another_language_made_is_one_of_ours(span, secret):
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    (code,) = re.findall(r"```js\n(.*?)```", PAGE, re.DOTALL)
    trace_id, span_id, start = of(span)
    call = f'console.log(outputHandle("{trace_id}", "{span_id}", {start}))'
    made = subprocess.run(
        [node, "-e", code + call],
        env={"OTEL_AI_FEEDBACK_KEY": secret.decode()},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert made == handle_of(span, secret)


@pytest.mark.parametrize("fails", [True, False])
def test_only_what_is_stored_is_acknowledged(settings, span, secret, fails):
    """A full disk, for example: 503, and the page keeps what it has."""

    def insert(_):
        if fails:
            raise RuntimeError("Code: 243. DB::Exception: no space (NOT_ENOUGH_SPACE)")

    async def send(application):
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post(
                ACTIONS, content=beacon(handle_of(span, secret)), headers=PLAIN
            )

    writer = Writer(insert, "otel_traces")
    with beacons.taking(settings, writer) as application:
        answer = anyio.run(send, application)
    writer.close()
    assert answer.status_code == (503 if fails else 204)
    assert ("retry-after" in answer.headers) is fails


def test_pages_of_other_origins_are_refused(clean, web):
    foreign = PLAIN | {"Origin": "https://elsewhere.example"}
    answer = web.post(ACTIONS, content=beacon("x"), headers=foreign)
    assert answer.status_code == 403
    assert "allowed_origins" in answer.json()["error"]
