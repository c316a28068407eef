"""Log events about outputs: what the span itself could not carry, or not cheaply."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any, Final, NamedTuple

from opentelemetry import _logs, trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from otel_ai_feedback import attributes as names
from otel_ai_feedback._version import __version__
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.handles import Handle

SCOPE_NAME: Final = "otel_ai_feedback"


class Event(NamedTuple):
    """A log event about one span.

    Attributes:
        name: Its event name.
        span: The LLM span, or the root span of the request.
        attributes: What it says.
    """

    name: str
    span: SpanContext
    attributes: dict[str, Any]


def delivered(handle: Handle) -> Event:
    """The event that a handle has left."""
    span = sampled_context(handle.trace_id, handle.span_id)
    attributes = {names.HANDLE_KIND: handle.kind, names.OUTPUT_TIME: handle.time}
    return Event(names.EVENT_OUTPUT_DELIVERED, span, attributes)


def sampled_context(trace_id: int, span_id: int) -> SpanContext:
    """What a log record needs to know of a span; events are about sampled ones alone."""
    return SpanContext(
        trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )


class Events:
    """Sends events through the application's logger provider, or a private one.

    Args:
        given: A logger provider named by the application.
        clock: Nanoseconds since the epoch.
        guard: Where events without a provider are counted, as ``no_logger``.
        background: Has something called on a thread that runs already; whether it will be.
    """

    def __init__(
        self,
        given: _logs.LoggerProvider | None,
        clock: Callable[[], int],
        guard: Guard,
        background: Callable[[Callable[[], None]], bool],
    ) -> None:
        self._given = given
        self._clock = clock
        self._guard = guard
        self._background = background
        self._private: Any = None
        self._logger: _logs.Logger | None = None

    def emit(self, event: Event) -> None:
        """Send one event; called on the worker's thread, as a processor may block."""
        logger = self._logger or self._find()
        if logger is None:
            self._guard.refused(
                "no_logger",
                "there is no SDK logger provider, so handles given after an answer was exported do "
                "not count; set one, or pass logger_provider= to instrument()",
            )
            return
        now = self._clock()
        context = trace.set_span_in_context(NonRecordingSpan(event.span), Context())
        logger.emit(_record(logger, event, now, context))

    def _find(self) -> _logs.Logger | None:
        # A provider that the application sets later than our first event is still found, because
        # only what was found is remembered.
        provider = self._applications_own() or self._private
        if provider is None:
            return None
        self._logger = provider.get_logger(SCOPE_NAME, __version__)
        return self._logger

    def _applications_own(self) -> Any:
        provider: Any = self._given or _logs.get_logger_provider()
        return provider if hasattr(provider, "add_log_record_processor") else None

    def provide(self, build: Callable[[], Any]) -> None:
        """Have a private provider ready, if the application has none so far.

        Not when the first event needs it: in a short program that is while the interpreter shuts
        down, when no thread can be started any more.

        Args:
            build: Makes it, or gives ``None`` when there is nowhere to send to.
        """
        if self._private is None and self._applications_own() is None:
            self._private = build()

    def flush(self, milliseconds: int) -> bool:
        """Send what the private provider still holds; the application's own is its own affair.

        Args:
            milliseconds: How long to wait at most. The SDK's own flush does not keep to it while
                its endpoint is down.
        """
        private = self._private
        if private is None:
            return True
        # Another flush may hang already, and each takes a thread.
        return milliseconds > 0 and self._within(milliseconds, private.force_flush)

    def shutdown(self, milliseconds: int) -> None:
        """Close the private provider, if there is one.

        Args:
            milliseconds: How long to wait at most.
        """
        private, self._private, self._logger = self._private, None, None
        if private is not None:
            self._within(milliseconds, private.shutdown)

    def _within(self, milliseconds: int, call: Callable[[], object]) -> bool:
        """Whether a call came back in time; what hangs is left to end with the process."""
        done = threading.Event()

        def run() -> None:
            with suppress(Exception):
                call()
            done.set()

        try:
            threading.Thread(target=run, name="otel-ai-feedback flush", daemon=True).start()
        except RuntimeError:
            # Python 3.12 starts no thread while the interpreter shuts down.
            if not self._background(run):
                return False
        return done.wait(milliseconds / 1000)


def _record(logger: _logs.Logger, event: Event, now: int, context: Context) -> LogRecord:
    common: dict[str, Any] = {
        "timestamp": now,
        "observed_timestamp": now,
        "severity_number": SeverityNumber.INFO,
    }
    named: dict[str, Any] = {
        "context": context,
        "event_name": event.name,
        "attributes": event.attributes,
    }
    kind = _own_record_of_sdk()
    if kind is None:
        return LogRecord(**common, **named)
    return _record_of_old_sdk(kind, logger, event, common, named)


@cache
def _own_record_of_sdk() -> Any:
    """The class of records that SDKs before 1.39 have; an import that fails is not cheap."""
    try:
        from opentelemetry.sdk._logs import LogRecord as SdkLogRecord  # type: ignore[attr-defined]
    except ImportError:
        return None
    return SdkLogRecord


def _record_of_old_sdk(
    kind: Any,
    logger: Any,
    event: Event,
    common: dict[str, Any],
    named: dict[str, Any],
) -> LogRecord:
    """Before 1.39 the SDK has a class of its own, and exporters insist on it and its resource.

    Before 1.35 a record has no event name, and knows its span by the ids alone.
    """
    common["resource"] = logger.resource
    record: LogRecord
    try:
        record = kind(**common, **named)
    except TypeError:
        record = kind(
            **common,
            trace_id=event.span.trace_id,
            span_id=event.span.span_id,
            trace_flags=event.span.trace_flags,
            # The exporters of that time lose the batch over a record without a body.
            body="",
            attributes={"event.name": event.name, **event.attributes},
        )
    return record
