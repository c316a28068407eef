"""The user-action span: one action, one link to the output it was done to."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags

from otel_ai_feedback import attributes as names
from otel_ai_feedback._version import __version__
from otel_ai_feedback.attributes import LinkMethod
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.handles import Handle, RefusedHandleError, verify
from otel_ai_feedback.capture.hashing import hash_subject
from otel_ai_feedback.capture.normalise import scrub
from otel_ai_feedback.capture.output import Output

_NANOSECONDS: Final = 1_000_000_000
# A tracer of its own for the action spans: their sampler is not that of the application.
_SCOPE_NAME: Final = "otel_ai_feedback.actions"
_MAX_TEXT: Final = 256
_NO_PROVIDER: Final = "record_action() needs an SDK tracer provider that is not disabled"
# OTLP carries times as unsigned 64 bit; one that does not fit would lose the whole batch.
_MAX_TIME: Final = 1 << 63
# What a value may be; a value out of range comes from a broken or hostile client.
_RANGES: Final[dict[str, tuple[float, float]]] = {
    "copy": (0.0, 1.0),
    "edit": (0.0, 1.0),
    "reask": (0.0, 1.0),
    "close": (0.0, math.inf),
    "dwell": (0.0, math.inf),
    "rating": (-1.0, 5.0),
}


class RefusedActionError(ValueError):
    """The action does not count; ``reason`` is what it is counted under."""

    def __init__(self, reason: str, remedy: str | None = None) -> None:
        self.reason = reason
        self.remedy = remedy
        super().__init__(reason)


@dataclass(frozen=True)
class Action:
    """What a user did, as the application reports it; see :func:`record_action`."""

    name: str
    value: float | None
    given_id: str | None
    source: str
    subject: str | None
    conversation_id: str | None
    session_id: str | None
    time_ns: int | None
    label: str | None


@dataclass(frozen=True)
class Target:
    """What an action was done to.

    Attributes:
        trace_id: Trace of the span to link to.
        span_id: The span to link to.
        named: Trace and span id as the caller named them: unlike the resolved ones they do not
            depend on what this process still remembers, so a repeated action keeps its id.
        time: Start of the LLM span, seconds; ``None`` while only the request is known.
        method: How the link was found.
        output: What is remembered of the output.
    """

    trace_id: int
    span_id: int
    named: tuple[int, int]
    time: int | None
    method: LinkMethod
    output: Output | None


def record(
    capture: Capture | None, provider: Any, target: Any, response_id: str | None, action: Action
) -> bool:
    """Record an action, or count why not; see :func:`otel_ai_feedback.record_action`."""
    if capture is None:
        GUARD.refused("not_instrumented", "record_action() does nothing before instrument()")
        return False
    try:
        _check(action)
        resolved = _resolve(capture, target, response_id)
        if provider is None:
            raise RefusedActionError("no_provider", _NO_PROVIDER)
        _emit(capture, provider, resolved, action)
    except RefusedActionError as refused:
        GUARD.refused(refused.reason, refused.remedy)
        return False
    GUARD.counts.add("actions")
    return True


def _resolve(capture: Capture, target: Any, response_id: str | None) -> Target:
    """The output, or at least the request, that an action was done to.

    Raises:
        RefusedActionError: If it is not known, or was not sampled.
    """
    if response_id is not None:
        output = capture.outputs.get(response_id)
        if output is None:
            raise RefusedActionError(
                "unknown_response_id",
                "the response id is not among the outputs that this process made lately; with "
                "several workers give the page a handle instead",
            )
        return _of_output(output, "response_id")
    if isinstance(target, str):
        return _of_handle(capture, target)
    context = target if isinstance(target, SpanContext) else None
    if context is None and hasattr(target, "get_span_context"):
        context = target.get_span_context()
    if not isinstance(context, SpanContext) or not context.is_valid:
        raise RefusedActionError(
            "bad_target", "the target must be a handle, a span or a span context, or response_id="
        )
    if not context.trace_flags.sampled:
        raise RefusedActionError("not_sampled")
    output = capture.outputs.get((context.trace_id, context.span_id))
    if output is not None:
        return _of_output(output, "handle")
    start = getattr(target, "start_time", None)
    if start is None:
        raise RefusedActionError(
            "unknown_span",
            "the span is not among the outputs that this process made lately, so its start is "
            "not known; use output_handle(), which carries it",
        )
    ids = (context.trace_id, context.span_id)
    return Target(*ids, ids, start // _NANOSECONDS, "handle", None)


def _of_output(output: Output, method: LinkMethod) -> Target:
    ids = (output.trace_id, output.span_id)
    return Target(*ids, ids, output.time, method, output)


def _of_handle(capture: Capture, text: str) -> Target:
    try:
        handle: Handle = verify(text, capture.handle_key, capture.clock() // _NANOSECONDS)
    except RefusedHandleError as refused:
        remedy = (
            "the handle was signed with another key; set one OTEL_AI_FEEDBACK_KEY on all hosts"
            if refused.reason == "foreign"
            else None
        )
        raise RefusedActionError(f"handle_{refused.reason}", remedy) from None
    if not handle.sampled:
        raise RefusedActionError("not_sampled")
    ids = (handle.trace_id, handle.span_id)
    if handle.kind == "output":
        return Target(*ids, ids, handle.time, "handle", capture.outputs.get(ids))
    request = capture.requests.get(ids)
    output = None if request is None else request.answer()
    if output is None:
        return Target(*ids, ids, None, "request", None)
    return Target(output.trace_id, output.span_id, ids, output.time, "request", output)


def _check(action: Action) -> None:
    """Refuse what no client of ours sends.

    Raises:
        RefusedActionError: Naming the argument.
    """
    if action.name not in names.ACTION_NAMES:
        raise RefusedActionError("bad_action", f"the action must be one of {names.ACTION_NAMES}")
    if action.source not in names.ACTION_SOURCES:
        raise RefusedActionError("bad_source", f"source must be one of {names.ACTION_SOURCES}")
    if action.value is not None:
        low, high = _RANGES.get(action.name, (-math.inf, math.inf))
        try:
            within = math.isfinite(action.value) and low <= action.value <= high
        except (TypeError, OverflowError):
            within = False
        if not within:
            raise RefusedActionError(
                "bad_value", f"{action.name} takes values from {low} to {high}"
            )
    if action.time_ns is not None and not (
        type(action.time_ns) is int and 0 < action.time_ns < _MAX_TIME
    ):
        raise RefusedActionError("bad_time", "time_ns must be nanoseconds since the epoch")


def _emit(capture: Capture, provider: Any, target: Target, action: Action) -> None:
    """Start and end the action span."""
    tracer = provider.get_tracer(_SCOPE_NAME, __version__)
    # The output was sampled, and an action on it must not be lost to a second throw of the dice.
    tracer.sampler = ALWAYS_ON
    now = capture.clock() if action.time_ns is None else action.time_ns
    link = SpanContext(
        target.trace_id, target.span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    span = tracer.start_span(
        f"ai_feedback {action.name}",
        context=Context(),
        kind=SpanKind.INTERNAL,
        links=[Link(link)],
        start_time=now,
    )
    if not span.is_recording():
        raise RefusedActionError("no_provider", _NO_PROVIDER)
    attributes = _attributes(capture, target, action)
    context = span.get_span_context()
    own = (context.trace_id, context.span_id)
    given = str(action.given_id or "")
    attributes[names.ACTION_ID] = action_id(target.named if given else own, action.name, given)
    span.set_attributes(attributes)
    span.end(end_time=now)


def action_id(ids: tuple[int, int], name: str, given: str) -> str:
    """The same id for every delivery of one action: 32 hexadecimal digits.

    Args:
        ids: Trace and span id of the target or, when the client named no id, of the action span.
        name: Name of the action.
        given: The client's id for it.
    """
    parts = f"{ids[0]:032x} {ids[1]:016x} {name} ".encode() + scrub(given).encode()
    return hashlib.sha256(parts).hexdigest()[:32]


def _attributes(capture: Capture, target: Target, action: Action) -> dict[str, Any]:
    output = target.output
    value = None if action.value is None else float(action.value)
    subject = str(action.subject or "")
    found: dict[str, Any] = {
        names.ACTION_NAME: action.name,
        names.ACTION_SOURCE: action.source,
        names.ACTION_VALUE: value,
        names.LINK_METHOD: target.method,
        names.OUTPUT_TIME: target.time,
        names.CONVERSATION_ID: _text(action.conversation_id),
        names.SESSION_ID: _text(action.session_id),
        names.SUBJECT: None if not subject else hash_subject(subject, capture.secret),
        names.ANNOTATION_NAME: action.name,
        names.ANNOTATION_SCORE: value,
        names.ANNOTATION_LABEL: _text(action.label),
        names.ANNOTATION_ANNOTATOR_KIND: "CODE" if action.source == "derived" else "HUMAN",
    }
    if output is not None:
        known = {
            names.OUTPUT_HASH: output.hash,
            names.RESPONSE_ID: output.response_id,
            names.CONVERSATION_ID: output.conversation_id,
            names.SESSION_ID: output.session_id,
            names.SUBJECT: output.subject,
            names.FEATURE: output.feature,
        }
        for name, known_value in known.items():
            if found.get(name) is None:
                found[name] = known_value
    return {name: value for name, value in found.items() if value is not None}


def _text(value: str | None) -> str | None:
    """Text that a client may have sent, made safe to export."""
    return scrub(value[:_MAX_TEXT]) if isinstance(value, str) and value else None
