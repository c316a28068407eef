"""A probe: an LLM span and an action on it, made by capture and marked so that neither counts.

They are made as in a service: by a real tracer provider with capture's processors, with the
settings and the resource of this environment. Every view leaves out what has the mark
``ai_feedback.probe``.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from typing import Any, Final

from opentelemetry import baggage, context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

import otel_ai_feedback
from otel_ai_feedback import attributes as names
from otel_ai_feedback.config import Settings
from otel_ai_feedback.doctor import otlp_target, wire
from otel_ai_feedback.doctor.finding import Finding, failure, not_applicable, ok
from otel_ai_feedback.doctor.sent_probe import Probe, context_of
from otel_ai_feedback.doctor.visit import Visit

SERVICE: Final = "otel-ai-feedback-doctor"
"""Service of the probe where the environment names none."""

_FLUSH_MILLISECONDS: Final = 5000
_WHY: Final = {
    "truncated": "a limit of the SDK cut its text; see settings.limits",
    "too_short": "OTEL_AI_FEEDBACK_HASH_MIN_LENGTH asks for a longer text than that of the probe",
    "bad_settings": "capture refused its settings; run with --verbose",
    "disabled": "OTEL_SDK_DISABLED is true",
    "opted_out": "OTEL_AI_FEEDBACK_OBSERVE switches observation off for everyone",
}


class _Collected(SpanProcessor):
    """Keeps the spans that ended."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []
        self._lock = threading.Lock()

    def on_end(self, span: ReadableSpan) -> None:
        """Keep it."""
        with self._lock:
            self.spans.append(span)


def check(visit: Visit) -> Iterator[Finding]:
    """Does an output get its hash, and an action its link? The probe is kept in the visit."""
    before = otel_ai_feedback.stats()
    logs = otlp_target.resolve("logs", visit.settings.listen) if visit.send_probe else None
    # What cannot leave is for the check of the exporter to say.
    is_up = logs is not None and wire.is_open(*logs.place, visit.timeout)
    made = make(visit.settings, logs.exporter(visit.timeout) if logs and is_up else None)
    counted = otel_ai_feedback.stats()
    reasons = [reason for reason in _WHY if counted.get(reason, 0) > before.get(reason, 0)]
    if isinstance(made, Probe):
        visit.probe = made
        yield ok("output.hash", f"an output got the hash {made.output_hash}")
        yield ok("output.link", "an action on it got one link, to it")
        return
    why = "; ".join(_WHY[reason] for reason in reasons)
    yield failure(
        made,
        "an output that capture was shown got no hash"
        if made == "output.hash"
        else "an action on an output was not recorded, or has no link to it",
        why or "run with --verbose to see what capture logs; otel_ai_feedback.stats() counts why",
    )
    if made == "output.hash":
        yield not_applicable("output.link", "there is no output to link to")


def make(settings: Settings, log_exporter: Any) -> Probe | str:
    """Make a probe; its events leave at once, its spans are kept.

    Args:
        settings: Those of the service.
        log_exporter: Where its events go; ``None`` for nowhere.

    Returns:
        The probe, or the name of the check that failed.
    """
    mark = {names.PROBE: True}
    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    resource = Resource.create(mark if named else {**mark, "service.name": SERVICE})
    # Whether the sampler of the service drops it is another check.
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
    collected = _Collected()
    provider.add_span_processor(collected)
    logger_provider = _logger_provider(resource, log_exporter)
    otel_ai_feedback.instrument(
        provider, logger_provider, settings=settings, observe=lambda _: True
    )
    token = context.attach(baggage.set_baggage(names.PROBE, "true"))
    try:
        _act(provider)
        provider.force_flush(_FLUSH_MILLISECONDS)
    finally:
        context.detach(token)
        otel_ai_feedback.uninstrument()
        if logger_provider is not None:
            logger_provider.shutdown()
        provider.shutdown()
    return _found(collected.spans, log_exporter is not None)


def _act(provider: TracerProvider) -> None:
    number = secrets.token_hex(8)
    answer = f"This is the answer {number} to a question that the doctor of otel-ai-feedback asked."
    question = f"Does everything work? This is question {number} of the doctor."
    with otel_ai_feedback.conversation(
        f"otel-ai-feedback-doctor-{number}", subject=f"otel-ai-feedback doctor {number}"
    ):
        with provider.get_tracer(SERVICE).start_as_current_span("chat doctor") as span:
            span.set_attributes(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.provider.name": SERVICE,
                    "gen_ai.request.model": SERVICE,
                    "gen_ai.response.id": f"doctor-{number}",
                    "gen_ai.input.messages": _message("user", question),
                    "gen_ai.output.messages": _message("assistant", answer),
                }
            )
        # Read as by an exporter; a handle that leaves after that is said by an event.
        dict(span.attributes or {})  # type: ignore[attr-defined]
        handle = otel_ai_feedback.output_handle(span)
        otel_ai_feedback.record_action(handle, "copy", 1.0)


def _message(role: str, text: str) -> str:
    return (
        f'[{{"role": "{role}", "parts": [{{"type": "text", "content": "{text}"}}], '
        '"finish_reason": "stop"}]'
    )


def _logger_provider(resource: Resource, exporter: Any) -> Any:
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    made = LoggerProvider(resource, shutdown_on_exit=False)
    if exporter is not None:
        made.add_log_record_processor(BatchLogRecordProcessor(exporter))
    return made


def _found(spans: list[ReadableSpan], has_events: bool) -> Probe | str:
    outputs = [span for span in spans if names.OUTPUT_HASH in (span.attributes or {})]
    actions = [span for span in spans if names.ACTION_NAME in (span.attributes or {})]
    outputs = [span for span in outputs if span not in actions]
    if len(outputs) != 1:
        return "output.hash"
    output = outputs[0]
    linked = [
        span
        for span in actions
        if [link.context.span_id for link in span.links] == [context_of(output).span_id]
    ]
    if len(linked) != 1:
        return "output.link"
    subject = str((output.attributes or {}).get(names.SUBJECT, ""))
    return Probe(output, linked[0], subject, has_events)
