"""The page about system health, and the notice above every page when a check fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.formats import Unit, quantity
from otel_ai_feedback.pages.arrivals import arrivals
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.pages.health_checks import HEALTH_CHECKS, HealthCheck
from otel_ai_feedback.pages.questions import Questions
from otel_ai_feedback.pages.render import Notice, Pages
from otel_ai_feedback.store.ask import Row

_NAMED: Final = 2


@dataclass(frozen=True)
class CheckResult:
    """A health check with what it found.

    Attributes:
        name: Its name.
        words: Its words.
        failing: The features that it fails for.
        passing: Those that it passes for.
        unjudged: Those for which there is nothing to judge by yet.
    """

    name: str
    words: HealthCheck
    failing: list[Row]
    passing: list[Row]
    unjudged: list[Row]


class Health:
    """The page ``/health``.

    Args:
        questions: Where the rows come from.
        pages: How they become HTML.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        checks, arrived = await asyncio.gather(
            self._questions.ask("pages/health"), self._questions.ask("pages/arrivals", hours=1)
        )
        found = results(checks)
        return self._pages.render(
            "health.html",
            arrivals=[arrival for arrival in arrivals(arrived) if arrival.gaps],
            failing=[check for check in found if check.failing],
            passing=[check for check in found if check.passing and not check.failing],
            unjudged=[check for check in found if check.unjudged],
        )

    def announce(self) -> None:
        """Show above every page which checks fail. Waits for the store."""
        self._pages.announce("health", notices(results(self._questions.ask_now("pages/health"))))


def results(rows: Sequence[Row]) -> list[CheckResult]:
    """The results of all checks, in the order in which to fix them."""
    named = [
        row
        | {
            "scope": Group(row["service"], row["environment"], row["feature"]),
            "value": _shown(row["value"], HEALTH_CHECKS[row["alarm"]].unit),
            "threshold": _shown(row["threshold"], HEALTH_CHECKS[row["alarm"]].unit),
        }
        for row in rows
        if row["alarm"] in HEALTH_CHECKS
    ]
    return [
        CheckResult(
            name,
            words,
            [row for row in named if row["alarm"] == name and row["firing"]],
            [row for row in named if row["alarm"] == name and row["judged"] and not row["firing"]],
            [row for row in named if row["alarm"] == name and not row["judged"]],
        )
        for name, words in HEALTH_CHECKS.items()
    ]


def _shown(value: float, unit: Unit | None) -> str:
    """A value with its unit; a check that only says yes or no has its finding for a value."""
    return "–" if unit is None else quantity(value, unit)


def notices(found: Sequence[CheckResult]) -> list[Notice]:
    """One line about all checks that fail; none when all pass."""
    titles = [check.words.title for check in found if check.failing]
    if not titles:
        return []
    more = len(titles) - _NAMED
    text = ". ".join(titles[:_NAMED]) + (f". And {more} more" if more > 0 else "")
    return [Notice(f"{text}.", "/health", "What to do")]
