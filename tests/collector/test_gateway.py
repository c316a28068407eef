"""From a service through the agent on its host and a gateway elsewhere into the store."""

import subprocess

import pytest

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.text.hashing import hash_text
from serve import otlp

from .processes import Collector, eventually
from .test_single_host import ANSWER, OUTPUT_MESSAGES, chat, messages, resource, text

pytestmark = pytest.mark.collector

TOKEN = "a token of agents and gateways"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of the gateway, and its key."""
    directory = tmp_path_factory.mktemp("certificate")
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
        "-keyout", directory / "key.pem", "-out", directory / "cert.pem",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return directory / "cert.pem", directory / "key.pem"


@pytest.fixture(scope="module")
def gateway(binary, tmp_path_factory, serve, to_serve, certificate):
    cert, key = certificate
    running = Collector(
        binary, "gateway", tmp_path_factory.mktemp("gateway"), **to_serve(serve),
        OTEL_AI_FEEDBACK_GATEWAY_TOKEN=TOKEN,
        OTEL_AI_FEEDBACK_GATEWAY_CERT=str(cert),
        OTEL_AI_FEEDBACK_GATEWAY_KEY=str(key),
    ).start()  # fmt: skip
    yield running
    running.stop()


@pytest.fixture
def agent(binary, tmp_path, gateway, certificate):
    """Start an agent of that gateway."""
    started = []

    def agent(token=TOKEN, **environment):
        one = Collector(
            binary, "agent", tmp_path / f"agent-{len(started)}",
            OTEL_AI_FEEDBACK_GATEWAY=gateway.grpc,
            OTEL_AI_FEEDBACK_GATEWAY_TOKEN=token,
            OTEL_AI_FEEDBACK_GATEWAY_CA=str(certificate[0]),
            **environment,
        )  # fmt: skip
        started.append(one.start())
        return one

    yield agent
    for one in started:
        one.stop()


def test_from_agent_to_gateway_to_store(agent, serve):
    """The agent hashes and takes the text out; what it hands on needs no text any more."""
    silent = agent(OTEL_AI_FEEDBACK_TEXT="drop")
    span = chat(5001, **{OUTPUT_MESSAGES: messages(text(ANSWER))})
    assert silent.send(otlp.traces(span, resource=resource("behind-an-agent")))
    sql = "select SpanAttributes from otel_traces where ServiceName = 'behind-an-agent'"
    rows = eventually(lambda: serve.ask(sql), "the span")
    assert rows[0][0][names.OUTPUT_HASH] == hash_text(ANSWER, None)
    assert OUTPUT_MESSAGES not in rows[0][0]


def test_an_agent_with_another_token_is_refused(agent, serve):
    stranger = agent(token="guessed")
    span = chat(5002, **{OUTPUT_MESSAGES: messages(text(ANSWER))})
    assert stranger.send(otlp.traces(span, resource=resource("stranger-agent")))
    eventually(lambda: "Unauthenticated" in stranger.log, "a refusal in the log")
    sql = "select count() from otel_traces where ServiceName = 'stranger-agent'"
    assert serve.ask(sql) == [(0,)]


def test_what_an_agent_accepted_outlives_the_gateway_being_away(agent, gateway, serve):
    one = agent()
    gateway.kill()
    span = chat(5003, **{OUTPUT_MESSAGES: messages(text(ANSWER))})
    assert one.send(otlp.traces(span, resource=resource("patient-agent")))
    one.kill()
    gateway.start()
    one.start()
    sql = "select count() from otel_traces where ServiceName = 'patient-agent'"
    eventually(lambda: serve.ask(sql) == [(1,)], "the span")
