"""The page ``/judges``: how often judges agree with reviewers, and what each signal says."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.pages import Pages, Questions
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.store.ask import Row

_STATEMENTS: Final = (
    "review/judge_audit",
    "review/judge_calibration",
    "review/signal_information",
    "review/quality_tightened",
)


class JudgesPage:
    """Shows audits, calibration, signals by what they say, and quality with a judge's help.

    Args:
        questions: Asks the store for this room.
        pages: Renders.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        audits, levels, signals, tightened = await asyncio.gather(
            *(self._questions.ask(statement) for statement in _STATEMENTS)
        )
        calibration: dict[str, list[Row]] = defaultdict(list)
        for row in levels:
            calibration[_title(row)].append(row)
        return self._pages.render(
            "review/judges.html",
            audits=list(map(_named, audits)),
            calibration=calibration,
            signals=list(map(_named, signals)),
            tightened=list(map(_named, tightened)),
        )


def _named(row: Row) -> Row:
    return row | {"scope": _scope(row)}


def _scope(row: Row) -> str:
    return Group(row["service"], row["environment"], row["feature"]).label


def _title(row: Row) -> str:
    """Which scores these are, in one line."""
    judge = " ".join(part for part in (row["name"], row["evaluator"]) if part)
    return f"{judge}, {row['carrier'].replace('_', ' ')}: {_scope(row)}"
