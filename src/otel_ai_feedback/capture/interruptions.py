"""Spoken answers that the user cut short, as instrumentations of voice record it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.server_actions import record_seen_by_server

_INTERRUPTED: Final = "interrupted"
# pydantic-ai's realtime sessions, on the span of the response that was being spoken.
_STATE: Final = "pydantic_ai.response.state"
_OUTPUT_TYPE: Final = "gen_ai.output.type"
# Last part of the name in the drafts of the conventions for voice.
_END_REASON: Final = "end_reason"


def note_interruption(capture: Capture, output: Output, attributes: Mapping[str, Any]) -> None:
    """Record that the user spoke, or stopped the answer, if its span says so.

    Args:
        capture: The parts to work with.
        output: What the end of the span made of it.
        attributes: Those of the span, which is about to end: that is when it happened.
    """
    if _is_interrupted(attributes) and output.has_text:
        record_seen_by_server(capture, output, "interrupted", "end", None, capture.clock())


def _is_interrupted(attributes: Mapping[str, Any]) -> bool:
    if attributes.get(_STATE) == _INTERRUPTED:
        return True
    return attributes.get(_OUTPUT_TYPE) == "speech" and any(
        value == _INTERRUPTED and name.rpartition(".")[2] == _END_REASON
        for name, value in attributes.items()
    )
