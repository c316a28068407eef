"""What outputs are looked for by, and what is found."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from otel_ai_feedback.capture.linking.answer_choice import Choice
from otel_ai_feedback.capture.linking.output import Output


class Found(NamedTuple):
    """The newest output that fits.

    Attributes:
        output: The output.
        ambiguous: Whether one of another trace fits as well. In one trace the same answer may
            stand on nested spans; it is one output all the same.
    """

    output: Output
    ambiguous: bool


class Filed(NamedTuple):
    """An output as other workers get to know it.

    Attributes:
        output: The output.
        fingerprints: Of its text.
        answer: The answer of its request, as far as it is known.
    """

    output: Output
    fingerprints: Collection[int]
    answer: Choice


class Whose(NamedTuple):
    """Where text is looked for, so that an action is never linked to what another user was told.

    Attributes:
        conversation_id: The conversation; looked in first, as it is the narrowest.
        session_id: The session.
        subject: Keyed hash of the user; whatever they were told is looked at last, and outputs
            known to be another's never.
    """

    conversation_id: str | None
    session_id: str | None
    subject: str | None
