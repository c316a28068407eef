"""Real samplers of the SDK: what the store estimates is what there was before sampling."""

import math
import random

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import DEFAULT_ON, ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState

import otel_ai_feedback
from asking import asked
from capture.telemetry import KEY, messages
from otel_ai_feedback import serve
from otel_ai_feedback.config import load

REQUESTS = 300
COPIED = 0.3


class Ids(IdGenerator):
    """Ids of seeded dice, so that a run that passes passes again."""

    def __init__(self):
        self._dice = random.Random(20261124)

    def generate_span_id(self):
        return self._dice.getrandbits(64)

    def generate_trace_id(self):
        return self._dice.getrandbits(128)


@pytest.fixture
def server(clean, settings):
    with serve.running(settings, port=0, jobs_every=None) as running:
        yield running


@pytest.fixture
def chat(server, tmp_path):
    """``chat(sampler, contexts)``: a request in each context; of every tenth, 3 answers copied."""
    providers = []

    def chat(sampler, contexts=None, **resource):
        resource = Resource({"service.name": "chat", "ai_feedback.backfill": "true"} | resource)
        provider = TracerProvider(sampler=sampler, resource=resource, id_generator=Ids())
        provider.add_span_processor(
            BatchSpanProcessor(
                OTLPSpanExporter(endpoint=f"{server.url}/v1/traces"), max_queue_size=10_000
            )
        )
        loggers = LoggerProvider(resource=resource)
        loggers.add_log_record_processor(
            BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{server.url}/v1/logs"))
        )
        names = {"OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)}
        otel_ai_feedback.instrument(provider, loggers, load(environ=names, directory=tmp_path))
        providers.extend((provider, loggers))
        tracer = provider.get_tracer("app")
        for number in range(REQUESTS):
            context = contexts() if contexts else None
            with tracer.start_as_current_span("POST /chat", context):
                span = tracer.start_span("chat")
                # Not at the start: the consistent sampler of SDK 1.45 drops what is given there.
                span.set_attribute("gen_ai.operation.name", "chat")
                span.set_attribute("gen_ai.output.messages", messages(f"answer {number}"))
                span.end()
                handle = otel_ai_feedback.output_handle(span)
            assert otel_ai_feedback.record_action(handle, "seen", source="browser")
            if number % 10 < 10 * COPIED:
                assert otel_ai_feedback.record_action(handle, "copy", 1.0, source="browser")
        assert provider.force_flush()
        assert loggers.force_flush()

    yield chat
    otel_ai_feedback.uninstrument()
    for provider in providers:
        provider.shutdown()


def remote(trace_state):
    """Contexts of requests that another service began."""
    ids = Ids()

    def context():
        parent = SpanContext(
            ids.generate_trace_id(), ids.generate_span_id(), is_remote=True,
            trace_flags=TraceFlags(1), trace_state=TraceState.from_header([trace_state]),
        )  # fmt: skip
        return trace.set_span_in_context(NonRecordingSpan(parent))

    return context


LATER = "fromUnixTimestamp64Milli(toUnixTimestamp64Milli(now64(3)) + 3600000, 'UTC')"


def seen_in_the_store(client):
    (sampling,) = asked(
        client,
        "select outputs, estimated_outputs, actions, actions_not_sampled, actions_without_output, "
        f"by_threshold, by_sampler, by_resource, unknown from sampling_at(as_of = {LATER})",
    ).named_results()
    (copied,) = client.query(
        "select k, n, n_weighted, rate, low, high "
        f"from signal_rates_at(as_of = {LATER}) where series = 'copied'"
    ).named_results()
    return sampling, copied


def check(client, probability, known_by):
    sampling, copied = seen_in_the_store(client)
    here = sampling["outputs"]
    assert 0 < here < REQUESTS or probability == 1
    assert sampling[known_by] == here
    # Five standard deviations of a sum of inverse probabilities.
    spread = 5 * math.sqrt(REQUESTS * (1 - probability) / probability)
    assert sampling["estimated_outputs"] == pytest.approx(here / probability)
    assert abs(sampling["estimated_outputs"] - REQUESTS) <= spread
    # Nothing is lost of what people did, and nothing of it is called unlinked.
    assert sampling["actions"] == REQUESTS * (1 + COPIED)
    assert sampling["actions_not_sampled"] == sampling["actions"] - here - copied["k"]
    assert sampling["actions_without_output"] == 0
    assert client.query(f"select sum(actions) from links_at(as_of = {LATER}) "
                        "where link_method = 'unlinked'"
                        ).result_rows == [(0,)]  # fmt: skip
    assert copied["n"] == here
    assert copied["n_weighted"] == pytest.approx(sampling["estimated_outputs"])
    assert copied["low"] <= COPIED <= copied["high"]


def consistent():
    experimental = pytest.importorskip("opentelemetry.sdk.trace._sampling_experimental")
    return experimental.composite_sampler(experimental.composable_traceid_ratio_based(0.25))


@pytest.mark.slow
def test_a_consistent_probability_sampler(clean, chat):
    chat(consistent())
    check(clean, 0.25, "by_threshold")


@pytest.mark.slow
@pytest.mark.parametrize("sampler", [TraceIdRatioBased(0.25), ParentBased(TraceIdRatioBased(0.25))])
def test_a_ratio_of_trace_ids(clean, chat, sampler):
    chat(sampler)
    check(clean, 0.25, "by_sampler")


@pytest.mark.slow
def test_everything_is_kept_by_default(clean, chat):
    chat(DEFAULT_ON)
    check(clean, 1, "by_sampler")


@pytest.mark.slow
def test_what_a_service_in_front_decided(clean, chat):
    """It kept one in eight before anything came here, and said so."""
    chat(DEFAULT_ON, remote("ot=th:e"))
    sampling, copied = seen_in_the_store(clean)
    assert sampling["by_threshold"] == REQUESTS
    assert copied["n_weighted"] == sampling["estimated_outputs"] == 8 * REQUESTS


@pytest.mark.slow
def test_what_a_service_in_front_decided_and_only_the_operator_knows(clean, chat):
    chat(DEFAULT_ON, remote("vendor=1"), **{"ai_feedback.sampling.ratio": 0.125})
    sampling, _ = seen_in_the_store(clean)
    assert sampling["by_resource"] == REQUESTS
    assert sampling["estimated_outputs"] == 8 * REQUESTS


@pytest.mark.slow
def test_what_a_service_in_front_decided_and_nobody_knows(clean, chat):
    chat(DEFAULT_ON, remote("vendor=1"))
    sampling, _ = seen_in_the_store(clean)
    assert sampling["unknown"] == REQUESTS
    assert sampling["estimated_outputs"] == REQUESTS
