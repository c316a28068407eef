"""Model calls that are being made in the current context, though their span may not be current.

Some instrumentations open a span for the call, do not make it the current one, and emit its events
with the ids of whatever is around it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from opentelemetry import trace

_MOST: Final = 8
_OPEN: Final[ContextVar[tuple[Callable[[], Any], ...]]] = ContextVar(
    "otel-ai-feedback-open-calls", default=()
)


def remember_open(span: Any) -> None:
    """Remember a span that has just started in the current context."""
    _OPEN.set((*_OPEN.get()[1 - _MOST :], weakref.ref(span)))


def span_of_record(log_record: Any) -> Any:
    """The span that a log record is about, if it can be told.

    The newest open call of the record's own instrumentation that is a child of the span whose ids
    the record has; else that span, if it is the record's context's or the current one.

    Args:
        log_record: What the SDK passes around, with the record as its ``log_record``.
    """
    record = log_record.log_record
    current = trace.get_current_span(getattr(record, "context", None))
    named = record.span_id or 0
    if named not in (0, current.get_span_context().span_id):
        return None
    scope = getattr(getattr(log_record, "instrumentation_scope", None), "name", None)
    for reference in reversed(_OPEN.get()):
        span = reference()
        if span is None or span is current or not span.is_recording():
            continue
        parent = span.parent
        same = getattr(span.instrumentation_scope, "name", None) == scope
        if same and (0 if parent is None else parent.span_id) == named:
            return span
    return current
