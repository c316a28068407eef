"""What was found where an answer should be."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Missing = Literal["no_text", "not_recorded", "truncated", "unparseable"]


class Answer(NamedTuple):
    """The first choice of a model's answer.

    Attributes:
        text: Its text, which may be empty; ``None`` when there is none to hash.
        missing: Why there is none: it consists of tool calls or media (``no_text``), content
            capture is off (``not_recorded``), the SDK cut it, or it could not be read.
    """

    text: str | None
    missing: Missing | None = None


NO_TEXT: Final = Answer(None, "no_text")
ABSENT: Final = Answer(None, "not_recorded")
TRUNCATED: Final = Answer(None, "truncated")
UNPARSEABLE: Final = Answer(None, "unparseable")


def is_cut(value: str, limit: int | None) -> bool:
    """Whether the SDK may have cut the value: one of exactly the limit's length is suspect."""
    return limit is not None and len(value) >= limit
