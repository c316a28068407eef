"""What an LLM span says of the probability that it was sampled with."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import sampling
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

RATIO = "ai_feedback.sampling.ratio"


def sampled(telemetry, parent=None):
    """Attributes of an LLM span of a trace that was sampled."""
    context = None if parent is None else trace.set_span_in_context(NonRecordingSpan(parent))
    while not telemetry.outputs:
        with telemetry.tracer.start_as_current_span("POST /chat", context):
            telemetry.chat()
    return telemetry.outputs[0]


@pytest.mark.parametrize(
    ("sampler", "ratio"),
    [
        (ALWAYS_ON, 1.0),
        (sampling.DEFAULT_ON, 1.0),
        (TraceIdRatioBased(0.25), 0.25),
        (ParentBased(TraceIdRatioBased(0.25)), 0.25),
        (ParentBased(ParentBased(TraceIdRatioBased(0.25))), 0.25),
    ],
)
def test_of_a_trace_that_began_here(switch_on, sampler, ratio):
    assert sampled(switch_on(sampler=sampler))[RATIO] == ratio


class Own(sampling.Sampler):
    """A sampler that nobody knows."""

    def should_sample(self, *args, **kwargs):
        return ALWAYS_ON.should_sample(*args, **kwargs)

    def get_description(self):
        return "own"


@pytest.mark.parametrize("sampler", [Own(), ParentBased(Own())])
def test_an_unknown_sampler_has_no_probability(switch_on, sampler):
    assert RATIO not in sampled(switch_on(sampler=sampler))


@pytest.mark.parametrize(
    ("sampler", "ratio"),
    [
        # What the process before decided on is not known here ...
        (sampling.DEFAULT_ON, None),
        (ParentBased(TraceIdRatioBased(0.25)), None),
        # ... unless this one does not listen.
        (ALWAYS_ON, 1.0),
        (TraceIdRatioBased(1.0), 1.0),
    ],
)
def test_under_a_parent_in_another_process(switch_on, sampler, ratio):
    parent = SpanContext(1 << 100, 2, is_remote=True, trace_flags=TraceFlags(1))
    assert sampled(switch_on(sampler=sampler), parent).get(RATIO) == ratio


def test_what_is_not_sampled_is_not_tagged(switch_on):
    telemetry = switch_on(sampler=ParentBased(ALWAYS_OFF))
    telemetry.chat()
    assert telemetry.outputs == []
