"""What a reviewer sent, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from otel_ai_feedback.pages.requests import Form
from otel_ai_feedback.review.identifiers import LEASE_ID
from otel_ai_feedback.review.labels import VERDICTS, Label
from otel_ai_feedback.store.ask import Row

_MAX_MODE = 60
_MAX_NOTE = 4_000


@dataclass(frozen=True)
class Sent:
    """A form that was filled in.

    Attributes:
        lease_id: Under which lease.
        form_id: Which form; the id of the label.
        verdict: What was chosen, or nothing.
        modes: Failure modes, ticked and typed.
        note: The note.
        shown_at: When the page was made, in milliseconds.
        mistakes: What is wrong with it, in words.
    """

    lease_id: str
    form_id: str
    verdict: str
    modes: tuple[str, ...]
    note: str
    shown_at: int
    mistakes: list[str] = field(default_factory=list)

    def label(self, began: datetime, now: datetime) -> Label:
        """The label that it makes.

        Args:
            began: When the output was given out.
            now: The time; both aware.
        """
        longest = (now - began).total_seconds()
        seconds = min(max(0.0, now.timestamp() - self.shown_at / 1000), longest)
        return Label(self.verdict, self.modes, self.note, round(seconds, 3))


def read(form: Form, known: Iterable[Row]) -> Sent:
    """Read the form of the page.

    Args:
        form: Its fields.
        known: The rows of ``modes``: a mode keeps its spelling, and the name it goes by today.
    """
    verdict = form.get("verdict", "")
    spelling = {
        name.casefold(): row["mode"] for row in known for name in (*row["other_names"], row["mode"])
    }
    typed = re.split(r"[;\n]", form.get("new_mode", ""))
    named = [" ".join(mode.split()) for mode in [*form.getlist("mode"), *typed]]
    modes = tuple(dict.fromkeys(spelling.setdefault(m.casefold(), m) for m in named if m))
    note = form.get("note", "").replace("\r\n", "\n").strip()
    shown = form.get("shown", "")
    form_id = form.get("form", "")
    mistakes = []
    if verdict not in VERDICTS:
        mistakes.append("Choose a verdict: good, bad, unsure or unreadable; or skip it.")
    if modes and verdict == "good":
        mistakes.append("A good answer has no failure mode: remove it, or choose bad.")
    for mode in modes:
        if len(mode) > _MAX_MODE or not mode.isprintable():
            mistakes.append(
                f"A failure mode is a few words, up to {_MAX_MODE} characters; put the rest into "
                "the note."
            )
            break
    if len(note) > _MAX_NOTE:
        mistakes.append(f"The note has {len(note)} characters; keep it under {_MAX_NOTE}.")
    return Sent(
        form.get("lease", ""),
        form_id if LEASE_ID.fullmatch(form_id) else "",
        verdict,
        modes,
        note,
        int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 15 else 0,
        mistakes,
    )
