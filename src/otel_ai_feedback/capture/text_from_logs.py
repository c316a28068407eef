"""Taking the text out of log records before any other processor sees them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from opentelemetry.sdk._logs import LogRecordProcessor

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.log_processor import event_of
from otel_ai_feedback.capture.open_calls import span_of_record
from otel_ai_feedback.capture.span_state import state_of
from otel_ai_feedback.capture.text.removal import not_removed, remove_from_record
from otel_ai_feedback.capture.text.review_text import ReviewText


class TextFromLogs(LogRecordProcessor):
    """Leaves text on the records of outputs in the sample, and takes it out of all others.

    Args:
        review_text: What text may leave at present; ``None`` while capture is off.
        guard: Counters and log.
    """

    def __init__(self, review_text: Callable[[], ReviewText | None], guard: Guard) -> None:
        self._review_text: Final = review_text
        self._guard: Final = guard

    def on_emit(self, log_record: Any) -> None:
        """Take out what must not leave.

        Args:
            log_record: What the SDK passes around, with the record as its ``log_record``.
        """
        try:
            review_text = self._review_text()
            if review_text is None or not review_text.removes:
                return
            record = log_record.log_record
            if not self._keeps(review_text, span_of_record(log_record)):
                remove_from_record(record, event_of(record) or "")
        except Exception as error:
            not_removed("a log record", type(error).__name__, self._guard)

    # Its name in older SDKs.
    emit = on_emit

    @staticmethod
    def _keeps(review_text: ReviewText, span: Any) -> bool:
        state = state_of(span)
        if state is None or not review_text.keeps(*span.get_span_context()[:2]):
            return False
        return state.scope is None or state.scope.observed

    def shutdown(self) -> None:
        """Nothing: it holds nothing."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Nothing: it holds nothing."""
        return True
