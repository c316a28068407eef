"""The page about traffic: what counts, what is counted apart, and how much is one user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.formats import percent
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.pages.questions import Questions
from otel_ai_feedback.pages.render import Pages
from otel_ai_feedback.store.ask import Row

DAYS: Final = 7
HEAVY_SHARE: Final = 0.2
"""One user with a larger share of a feature's answers moves its rates alone."""

_FEW_ANSWERS: Final = 50
_REASONS: Final = {
    "bot": "Bots",
    "test": "Load tests and monitors",
    "health_check": "Health checks",
    "evaluation": "Evaluations",
    "probe": "Probes",
    "implausible time": "Time cannot be right",
}


@dataclass(frozen=True)
class FeatureTraffic:
    """The traffic of one feature.

    Attributes:
        scope: The feature.
        answers: Those that count.
        apart: Reason and number of answers that are counted apart.
        actions_apart: Actions that are counted apart.
        users: How many users it has.
        largest_share: Share of the answers of its heaviest user, in words; empty without users.
        is_heavy: Whether that user moves its rates alone.
        beyond_limit: Answers in a remainder, as there are too many names.
    """

    scope: Group
    answers: int
    apart: list[tuple[str, int]]
    actions_apart: int
    users: int
    largest_share: str
    is_heavy: bool
    beyond_limit: int


class Traffic:
    """The page ``/traffic``.

    Args:
        questions: Where the rows come from.
        pages: How they become HTML.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        since = self._pages.today() - timedelta(DAYS - 1)
        rows = await self._questions.ask("pages/traffic", since=since)
        return self._pages.render("traffic.html", features=features(rows), days=DAYS)


def features(rows: Sequence[Row]) -> list[FeatureTraffic]:
    """Each feature with its traffic, the busiest first."""
    return [_feature(row) for row in rows]


def _feature(row: Row) -> FeatureTraffic:
    apart: Mapping[str, int] = row["apart"]
    share = row["of_one_user"] / row["answers"] if row["answers"] else 0.0
    return FeatureTraffic(
        scope=Group(row["service"], row["environment"], row["feature"]),
        answers=row["answers"],
        apart=[
            (_REASONS.get(reason, f"EXCLUDE: {reason}"), number)
            for reason, number in sorted(apart.items())
            if number
        ],
        actions_apart=row["actions_apart"],
        users=row["users"],
        largest_share=percent(share) if row["users"] else "",
        is_heavy=share > HEAVY_SHARE and row["answers"] >= _FEW_ANSWERS,
        beyond_limit=row["beyond_limit"],
    )
