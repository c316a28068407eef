"""Our attributes on a span: as the SDK would set them, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import Span, SpanLimits, TracerProvider

from otel_ai_feedback.capture import span_attributes
from otel_ai_feedback.capture.span_attributes import writable
from otel_ai_feedback.capture.text.normalise import scrub

NAMES = st.sampled_from(["a", "b", "ai_feedback.output.hash", "ai_feedback.output.time"])
VALUES = st.one_of(st.text().map(scrub), st.integers(), st.floats(allow_nan=False), st.booleans())
OWN = st.dictionaries(NAMES, VALUES)


def span_with(attributes, **limits):
    provider = TracerProvider(shutdown_on_exit=False, span_limits=SpanLimits(**limits))
    return provider.get_tracer("t").start_span("s", attributes=attributes)


def add(span, own, more=0):
    return span_attributes.add(span, own, writable(span), more)


@given(OWN, OWN)
def test_what_is_there_is_what_the_sdk_would_have_made_of_it(before, own):
    ours, theirs = span_with(before), span_with(before)
    assert add(ours, own)
    theirs.set_attributes(own)
    assert dict(ours.attributes) == dict(theirs.attributes)


@given(OWN, OWN, st.integers(1, 6))
def test_a_span_loses_nothing_for_ours(before, own, most):
    span = span_with(before, max_span_attributes=most)
    held, dropped = dict(span.attributes), span.dropped_attributes
    fits = len(held.keys() | own.keys()) <= most
    assert add(span, own) is fits
    assert dict(span.attributes) == (held | own if fits else held)
    assert span.dropped_attributes == dropped


def test_what_comes_later_needs_room_as_well():
    for most, fits in ((6, True), (5, False)):
        span = span_with({"a": 1}, max_span_attributes=most)
        assert add(span, {"a": 2, "b": 3}, more=4) is fits
        assert dict(span.attributes) == ({"a": 2, "b": 3} if fits else {"a": 1})


def test_where_values_are_cut_the_sdk_cuts_them():
    span = span_with({}, max_span_attribute_length=100)
    assert add(span, {"a": "x" * 200, "b": 1})
    assert dict(span.attributes) == {"a": "x" * 100, "b": 1}
    assert not add(span_with({}, max_span_attribute_length=20), {"a": 1})


def test_a_wrapper_of_the_sdks_method_is_called(monkeypatch):
    seen = []

    def wrapper(self, attributes, inner=Span.set_attributes):
        seen.append(attributes)
        inner(self, attributes)

    monkeypatch.setattr(Span, "set_attributes", wrapper)
    span = span_with({})
    assert add(span, {"a": 1})
    assert seen == [{"a": 1}]
    assert dict(span.attributes) == {"a": 1}


@pytest.mark.parametrize("limits", [{}, {"max_span_attribute_length": 100}])
def test_an_ended_span_stays_as_it_left(limits):
    span = span_with({"a": 1}, **limits)
    span.end()
    add(span, {"a": 2, "b": 3})
    assert dict(span.attributes) == {"a": 1}
