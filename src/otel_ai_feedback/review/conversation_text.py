"""The text of an output, as far as an instrumentation recorded it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

MAX_CHARACTERS: Final = 100_000


@dataclass(frozen=True)
class Turn:
    """A message before the answer.

    Attributes:
        role: ``user``, ``assistant``, ``system`` or ``tool``.
        text: What.
    """

    role: str
    text: str


@dataclass(frozen=True)
class Exchange:
    """An answer and what it answers.

    Attributes:
        answer: Its text; ``None`` where none was recorded.
        turns: The conversation before it, the oldest first; the last is what the user asked.
    """

    answer: str | None
    turns: tuple[Turn, ...] = ()

    @property
    def question(self) -> Turn | None:
        """What the user asked, if that is known."""
        return next((turn for turn in reversed(self.turns) if turn.role == "user"), None)

    @property
    def before(self) -> tuple[Turn, ...]:
        """The messages before the question."""
        question = self.question
        place = next((n for n, turn in enumerate(self.turns) if turn is question), 0)
        return self.turns[:place]


# As rows of the pages are; the room of the pages needs more packages than an export does.
_Row = dict[str, Any]
Reader = Callable[[Sequence[_Row], Sequence[_Row]], Exchange]
"""Finds the text in the rows of ``raw_spans`` and ``raw_logs`` of an output."""


def readable(text: str) -> str:
    """Text that can be sent: no half characters, no control characters, and not without end."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    shown = "".join(
        letter if letter in "\n\t" or letter.isprintable() or not _is_control(letter) else "\ufffd"
        for letter in whole[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    )
    return shown + ("\n[cut here]" if len(whole) > MAX_CHARACTERS else "")


def _is_control(letter: str) -> bool:
    return ord(letter) < 32 or 127 <= ord(letter) < 160
