"""What was found where an answer should be."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

Missing = Literal["no_text", "not_recorded", "truncated", "unparseable", "unfinished"]

_THINK: Final = re.compile(r"\s*<(think|thinking)>.*?(?:</\1>|\Z)", re.DOTALL)
_END_OF_THOUGHT: Final = "</think>"


class Answer(NamedTuple):
    """The first choice of a model's answer.

    Attributes:
        text: Its text, which may be empty; ``None`` when there is none to hash.
        missing: Why there is none: it consists of media or of calls without arguments
            (``no_text``), content capture is off (``not_recorded``), the SDK cut it, it could not
            be read, or the stream was closed before any text (``unfinished``).
        calls: Whether it calls tools, so that it is a step when another model call follows.
        structured: Whether the text is the arguments of these calls, as there is no other: with
            structured output they are the answer.
    """

    text: str | None
    missing: Missing | None = None
    calls: bool = False
    structured: bool = False


NO_TEXT: Final = Answer(None, "no_text")
CALLS_ONLY: Final = Answer(None, "no_text", calls=True)
ABSENT: Final = Answer(None, "not_recorded")
TRUNCATED: Final = Answer(None, "truncated")
UNPARSEABLE: Final = Answer(None, "unparseable")
UNFINISHED: Final = Answer(None, "unfinished")


def is_cut(value: str, limit: int | None) -> bool:
    """Whether the SDK may have cut the value: one of exactly the limit's length is suspect."""
    return limit is not None and len(value) >= limit


def without_thoughts(answer: Answer) -> Answer:
    """The answer without the thinking before it, as servers without a reasoning parser send it.

    Some prompt templates open the block themselves, so that only its end is in the answer.
    """
    text = answer.text
    if text is None:
        return answer
    end = text.find(_END_OF_THOUGHT)
    if end < 0 and not text.lstrip().startswith(("<think>", "<thinking>")):
        return answer
    while found := _THINK.match(text):
        text = text[found.end() :]
    end = text.find(_END_OF_THOUGHT)
    if end >= 0 and "<think>" not in text[:end]:
        text = text[end + len(_END_OF_THOUGHT) :]
    return answer._replace(text=text)
