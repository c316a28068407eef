"""Which output of a request is its answer, among titles, summaries, plans and steps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from otel_ai_feedback.capture.linking.output import Output


class Choice(NamedTuple):
    """The answer of a request.

    Attributes:
        output: The output, if it can be told.
        ambiguous: Whether it cannot, because several may be the answer.
    """

    output: Output | None
    ambiguous: bool = False


NONE: Final = Choice(None)
AMBIGUOUS: Final = Choice(None, ambiguous=True)


def choose(outputs: Iterable[Output]) -> Choice:
    """The answer among the outputs that one request made, in the order in which they ended.

    What was marked comes first, then what was streamed to the client while it was being made. A
    call of tools that another model call followed is a step on the way. Several that remain are
    not told apart.
    """
    made = list(outputs)
    said = _distinct([one for one in made if one.has_text])
    if not said:
        return Choice(made[-1]) if made else NONE
    marked = [one for one in said if one.marked]
    if marked:
        return Choice(marked[-1])
    answers = [one for one in said if not one.calls or one is said[-1]]
    streamed = [one for one in answers if one.streamed]
    remaining = streamed or answers
    return Choice(remaining[0]) if len(remaining) == 1 else AMBIGUOUS


def _distinct(outputs: list[Output]) -> list[Output]:
    """Without the spans inside others that say the same, as two instrumentations at once make."""
    kept: list[Output] = []
    for one in outputs:
        kept = [other for other in kept if not _same(one, other)]
        kept.append(one)
    return kept


def _same(one: Output, other: Output) -> bool:
    if one.hash is not None and other.hash is not None:
        return one.hash == other.hash
    return one.response_id is not None and one.response_id == other.response_id
