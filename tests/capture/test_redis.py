"""Several workers of a service that share a real redis-server.

One file, although it is long, as there is one server to start.
"""

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import otel_ai_feedback
from otel_ai_feedback import conversation, link_key, output_handle, record_action
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking import redis_outputs
from otel_ai_feedback.capture.linking.answer_choice import AMBIGUOUS, NONE, Choice
from otel_ai_feedback.capture.linking.handles import Handle
from otel_ai_feedback.capture.linking.lookup import Filed, Whose
from otel_ai_feedback.capture.linking.redis_outputs import RedisOutputs
from otel_ai_feedback.capture.text.fragments import MAX_CANDIDATES, fingerprints
from otel_ai_feedback.capture.text.hashing import derive_key

from .telemetry import KEY
from .test_fork import in_child
from .test_linking import PARIS, ROME, USED
from .test_outputs import output, whose

redis = pytest.importorskip("redis")
PASSWORD = "a-password-nobody-may-see"
DIGEST_KEY = b"k" * 32


class Server:
    """A redis-server of this test alone, on loopback, with nothing on disk."""

    def __init__(self, directory):
        self.directory = directory
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self.process = None
        self.client = redis.Redis.from_url(self.url)

    def start(self):
        self.process = subprocess.Popen(
            [
                "redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                "--appendonly", "no", "--dir", str(self.directory), "--requirepass", PASSWORD,
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while True:
            try:
                return self.client.ping()
            except redis.ConnectionError:
                assert self.process.poll() is None, "redis-server did not start"
                threading.Event().wait(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait(60)


@pytest.fixture
def server(tmp_path):
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    server = Server(tmp_path)
    server.start()
    yield server
    server.kill()
    server.client.close()


class Worker:
    """A process of the service, as service.py has it."""

    def __init__(self, directory, registry):
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
        settings = {
            "OTEL_AI_FEEDBACK_KEY": KEY,
            "OTEL_AI_FEEDBACK_STATE_DIR": str(directory),
            "OTEL_AI_FEEDBACK_REGISTRY": registry,
        }
        self.log = Path(directory, f"log-{id(self)}")
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("service.py"))],
            env=ours | settings,
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log.open("w"),
            text=True,
        )

    def __call__(self, name, **arguments):
        self.process.stdin.write(json.dumps([name, arguments]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, self.log.read_text()
        return json.loads(answer)

    def linked(self, **names):
        answer = self("act", **names)
        assert answer["taken"]
        return answer["found"]

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(60)


@pytest.fixture
def workers(server, tmp_path):
    """Two of them, that share the server."""
    both = [Worker(tmp_path, server.url) for _ in range(2)]
    yield both
    for worker in both:
        worker.close()


@pytest.mark.slow
def test_one_makes_outputs_and_another_records_the_actions(workers):
    one, other = workers
    session = {"session.id": "s1"}
    made = one("chat", text=PARIS, key="msg-1", **session, **{"gen_ai.response.id": "r1"})
    one("chat", text=ROME, **session)
    span = made["span"]
    assert other.linked(target=made["request"]) == [[[span], "request", False]]
    assert other.linked(response_id="r1") == [[[span], "response_id", False]]
    assert other.linked(key="msg-1") == [[[span], "key", False]]
    assert other.linked(text=PARIS, session_id="s1") == [[[span], "hash", False]]
    assert other.linked(text=USED, session_id="s1") == [[[span], "fragment", False]]
    assert one("stats").get("redis_failed", 0) == other("stats").get("redis_failed", 0) == 0


@pytest.mark.slow
def test_of_outputs_alike_the_latest_of_all_workers_is_meant(workers):
    one, other = workers
    names = {"session.id": "s1", "gen_ai.response.id": "r1"}
    one("chat", text=PARIS, key="msg-1", **names)
    latest = other("chat", text=PARIS, key="msg-1", **names)["span"]
    for worker in workers:
        assert worker.linked(response_id="r1") == [[[latest], "response_id", True]]
        assert worker.linked(key="msg-1") == [[[latest], "key", False]]
        assert worker.linked(text=PARIS, session_id="s1") == [[[latest], "hash", True]]
        assert worker.linked(text=USED, session_id="s1") == [[[latest], "fragment", True]]


def test_what_one_made_itself_it_knows_more_of_than_redis(switch_on, server):
    telemetry = switch_on(setting={"REGISTRY": server.url, "FEATURE": "chat"})
    telemetry.chat(PARIS, session__id="s1", gen_ai__response__id="r1")
    assert record_action(None, "copy", text=USED, session_id="s1")
    assert telemetry.provider.force_flush()
    attributes = telemetry.actions[0].attributes
    assert attributes["ai_feedback.feature"] == "chat"
    assert attributes["ai_feedback.output.hash"] == telemetry.outputs[0]["ai_feedback.output.hash"]


@pytest.mark.slow
def test_a_third_worker_sees_what_two_have_said(workers, server, tmp_path):
    one, other = workers
    for worker in (one, other):
        latest = worker(
            "chat", text=PARIS, **{"gen_ai.conversation.id": "c1", "gen_ai.response.id": "r1"}
        )["span"]
    third = Worker(tmp_path, server.url)
    assert third.linked(text=PARIS, conversation_id="c1") == [[[latest], "hash", True]]
    assert third.linked(text=USED, conversation_id="c1") == [[[latest], "fragment", True]]
    assert third.linked(response_id="r1") == [[[latest], "response_id", True]]
    assert third.linked(text=PARIS, conversation_id="c2") == [[[], None, False]]
    assert third.linked(response_id="r2") == []
    assert third.linked(key="unknown") == []
    counted = third("stats")
    assert counted["unknown_response_id"] == counted["unknown_key"] == 1
    third.close()


@pytest.mark.slow
def test_the_server_is_killed_in_the_middle(workers, server):
    one, other = workers
    one("chat", text=PARIS, **{"session.id": "s1", "gen_ai.response.id": "r1"})
    server.kill()
    own = one("chat", text=ROME, **{"session.id": "s1", "gen_ai.response.id": "r2"})["span"]
    # Each still finds its own; what only the other knows is lost, counted and logged once.
    assert one.linked(response_id="r2") == [[[own], "response_id", False]]
    assert one.linked(text=ROME, session_id="s1") == [[[own], "hash", False]]
    assert one.linked(text=ROME[:60], session_id="s1") == [[[own], "fragment", False]]
    assert other.linked(response_id="r1") == other.linked(key="msg-1") == []
    assert one("stats")["redis_dropped"] == 1
    assert other("stats")["redis_failed"] >= 2
    for worker in workers:
        log = worker.log.read_text()
        assert log.count("no answer from redis://127.0.0.1") == 1
        assert PASSWORD not in log
        assert worker("stats").get("errors", 0) == 0


def test_entries_in_redis_contain_no_text_and_expire(switch_on, server):
    telemetry = switch_on(setting={"REGISTRY": server.url, "HASH": "plain"})
    with conversation("the-conversation", subject="ann@example.com"):
        link_key(
            "the-message",
            telemetry.chat(
                PARIS, session__id="the-session", gen_ai__response__id="an-answer-of-ours"
            ),
        )
    assert telemetry.provider.force_flush()
    names = list(server.client.scan_iter())
    kinds = {name.split(b":")[2] for name in names}
    assert kinds == {b"request", b"response", b"key", b"hash", b"texts"}
    said = b"".join(names)
    for name in names:
        assert 0 < server.client.ttl(name) <= 24 * 3600
        kind = server.client.type(name)
        values = server.client.lrange(name, 0, -1) if kind == b"list" else [server.client.get(name)]
        said += b"".join(values)
    for secret in (
        "the-conversation",
        "the-message",
        "the-session",
        "an-answer-of-ours",
        "ann@example.com",
        PARIS,
    ):
        raw = secret.encode()
        assert not any(raw[at : at + 8] in said for at in range(max(len(raw) - 7, 1)))
    plain_hash = telemetry.outputs[0]["ai_feedback.output.hash"].removeprefix("sha256:")
    assert plain_hash.encode() not in said
    assert bytes.fromhex(plain_hash) not in said


def test_only_the_workers_thread_talks_to_redis(switch_on, server, monkeypatch):
    telemetry = switch_on(setting={"REGISTRY": server.url})
    threads = set()
    connect = redis_outputs._connect

    class Watched:
        def __init__(self, client):
            self._client = client

        def __getattr__(self, name):
            threads.add(threading.current_thread().name)
            return getattr(self._client, name)

    monkeypatch.setattr(redis_outputs, "_connect", lambda url: Watched(connect(url)))
    link_key("msg-1", telemetry.chat(PARIS, session__id="s1", gen_ai__response__id="r1"))
    output_handle(response_id="r2")
    for names in ({"response_id": "r2"}, {"key": "k"}, {"text": USED, "session_id": "s2"}):
        assert record_action(None, "copy", **names)
    assert telemetry.provider.force_flush()
    assert threads == {"otel-ai-feedback"}


def test_a_name_that_may_be_found_elsewhere_is_looked_for_before_a_less_sure_one(switch_on, server):
    telemetry = switch_on(setting={"REGISTRY": server.url})
    telemetry.chat(PARIS, session__id="s1")
    another = RedisOutputs(server.url, derive_key(KEY.encode(), b"registry"), Guard())
    another.publish([Filed(output(7, response_id="r7"), (), NONE)])
    assert record_action(None, "copy", response_id="r7", text=PARIS, session_id="s1")
    assert telemetry.provider.force_flush()
    (action,) = telemetry.actions
    assert action.links[0].context.span_id == 7
    assert action.attributes["ai_feedback.link.method"] == "response_id"


def test_after_a_fork_child_and_parent_have_connections_of_their_own(switch_on, server):
    telemetry = switch_on(setting={"REGISTRY": server.url})
    telemetry.chat(PARIS, gen_ai__response__id="parent")
    assert telemetry.provider.force_flush()

    def work():
        telemetry.chat(ROME, gen_ai__response__id="child")
        telemetry.provider.force_flush()
        return "redis_failed" in otel_ai_feedback.stats()

    assert in_child(work) == "False"
    assert record_action(None, "copy", response_id="child")
    assert telemetry.provider.force_flush()
    assert len(telemetry.actions) == 1


class Monotonic:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def shared(server, guard=None, monotonic=None):
    return RedisOutputs(server.url, DIGEST_KEY, guard or Guard(), monotonic or Monotonic())


def test_it_comes_back_when_the_server_does(server):
    guard, clock = Guard(), Monotonic()
    outputs = shared(server, guard, clock)
    server.kill()
    outputs.publish([Filed(output(1, response_id="r1"), (), NONE)])
    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        clock.now += pause - 0.01
        before = guard.counts.snapshot()["redis_failed"]
        # Not asked, so no one waits for a connection.
        outputs._client = None
        assert outputs.of_response("r1") is None
        assert outputs._client is None
        clock.now += 0.01
        assert outputs.of_response("r1") is None
        assert guard.counts.snapshot()["redis_failed"] == before + 2
    server.start()
    clock.now += 60
    outputs.publish([Filed(output(2, response_id="r2"), (), NONE)])
    assert outputs.of_response("r2").output.span_id == 2
    assert guard.counts.snapshot()["redis_dropped"] == 1


def test_a_connection_that_was_closed_while_idle_is_made_again(server):
    guard = Guard()
    outputs = shared(server, guard)
    outputs.publish([Filed(output(1, response_id="r1"), (), NONE)])
    server.client.client_kill_filter(_type="normal", skipme=True)
    assert outputs.of_response("r1").output.span_id == 1
    assert guard.counts.snapshot() == {}


def test_a_server_that_never_answers_is_given_up(tmp_path, caplog):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        guard = Guard()
        url = f"redis://user:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}"
        outputs = RedisOutputs(url, DIGEST_KEY, guard, Monotonic())
        with caplog.at_level(logging.WARNING):
            outputs.publish([Filed(output(n, response_id="r"), (), NONE) for n in (1, 2)])
            outputs.tie("key", Handle("output", 1, 1, 1, True))
    assert guard.counts.snapshot() == {"redis_failed": 2, "redis_dropped": 3}
    assert PASSWORD not in caplog.text


def test_without_the_extra_the_log_says_what_to_install(monkeypatch, caplog):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(redis_outputs.importlib, "import_module", missing)
    outputs = RedisOutputs("redis://localhost", DIGEST_KEY, Guard(), Monotonic())
    assert outputs.tied("key") is None
    assert "pip install 'otel-ai-feedback[redis]'" in caplog.text


def test_lists_are_bounded_and_newest_first(server):
    outputs = shared(server)
    made = fingerprints(PARIS, DIGEST_KEY)
    for number in range(1, 50):
        here = output(number, response_id="r", known_hash="h", session_id="s")
        outputs.publish([Filed(here, made, NONE)])
    lengths = {server.client.llen(name) for name in server.client.scan_iter()}
    assert lengths == {4, MAX_CANDIDATES}
    assert outputs.of_hash(whose(session_id="s"), "h").output.span_id == 49
    assert outputs.of_fragment(whose(session_id="s"), made).output.span_id == 49


def test_of_a_user_whose_session_is_not_known(server):
    outputs = shared(server)
    made = fingerprints(PARIS, DIGEST_KEY)
    outputs.publish([Filed(output(1, known_hash="h", session_id="s", subject="ann"), made, NONE)])
    assert outputs.of_hash(whose(subject="ann"), "h").output.span_id == 1
    assert outputs.of_fragment(whose(session_id="t", subject="ann"), made).output.span_id == 1
    assert outputs.of_hash(whose(subject="bob"), "h") is None


def test_never_across_users(server):
    outputs = shared(server)
    made = fingerprints(PARIS, DIGEST_KEY)
    outputs.publish(
        [Filed(output(1, known_hash="h", conversation_id="1", subject="ann"), made, NONE)]
    )
    outputs.publish([Filed(output(2, known_hash="h"), made, NONE)])
    for subject, span_id in (("ann", 1), (None, 1), ("bob", None)):
        for found in (
            outputs.of_hash(Whose("1", None, subject), "h"),
            outputs.of_fragment(Whose("1", None, subject), made),
        ):
            assert (None if found is None else found.output.span_id) == span_id
    assert outputs.of_hash(Whose(None, "1", None), "h") is None
    assert outputs.of_hash(Whose(None, None, None), "h") is None


def test_the_answer_of_a_request(server):
    outputs = shared(server)
    made = output(3, trace_id=9, request_span_id=5)
    assert outputs.of_request(9, 5) == NONE
    outputs.publish([Filed(made, (), Choice(made))])
    assert outputs.of_request(9, 5).output.span_id == 3
    outputs.answered((9, 5), AMBIGUOUS)
    assert outputs.of_request(9, 5) == AMBIGUOUS


def test_a_key_keeps_all_that_its_handle_says(server):
    outputs = shared(server)
    for handle in (Handle("output", 2**128 - 1, 2**64 - 1, 17, True),
                   Handle("request", 1, 2, 2**40, False)):  # fmt: skip
        outputs.tie("msg-ü", handle)
        assert outputs.tied("msg-ü") == handle
    assert outputs.tied("msg") is None


@pytest.mark.parametrize("time", [-1, 2**70])
def test_spans_that_claim_to_have_started_at_any_time_are_written(server, time):
    outputs = shared(server)
    outputs.publish([Filed(output(1, time=time, response_id="r1"), (), NONE)])
    assert outputs.of_response("r1").output.span_id == 1


@pytest.mark.parametrize("value", [b"", b"x", b"\xff" * 47, b"\xff" * 50, b"\x00" * 4096])
def test_what_others_have_written_there_is_left_alone(server, value):
    outputs = shared(server)
    outputs.publish(
        [Filed(output(1, response_id="r", known_hash="h", session_id="s"), [1, 2, 3], NONE)]
    )
    outputs.tie("k", Handle("output", 1, 1, 1, True))
    for name in server.client.scan_iter():
        if server.client.type(name) == b"list":
            server.client.lset(name, 0, value)
        else:
            server.client.set(name, value)
    outputs.tied("k")
    outputs.of_response("r")
    outputs.of_hash(whose(session_id="s"), "h")
    outputs.of_fragment(whose(session_id="s"), [1, 2, 3])
    outputs.of_request(1, 0)
    # Of another type altogether: refused by the server, and no more than that.
    for name in server.client.scan_iter():
        server.client.delete(name)
        server.client.hset(name, "a", "b")
    assert outputs.of_response("r") is None
