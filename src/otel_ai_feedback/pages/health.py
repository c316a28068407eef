"""The page about the loop itself, and the line above every page when something of it is broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.pages.alarms import ALARMS, Alarm, shown
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.pages.questions import Questions, Row
from otel_ai_feedback.pages.render import Notice, Pages

_NAMED: Final = 2


@dataclass(frozen=True)
class Watched:
    """An alarm with what it found.

    Attributes:
        name: Its name.
        alarm: Its words.
        firing: The groups it fires for.
        quiet: Those it does not.
    """

    name: str
    alarm: Alarm
    firing: list[Row]
    quiet: list[Row]


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
        alarms = watched(await self._questions.ask("health"))
        return self._pages.render(
            "health.html",
            broken=[alarm for alarm in alarms if alarm.firing],
            fine=[alarm for alarm in alarms if alarm.quiet and not alarm.firing],
        )

    def announce(self) -> None:
        """Ask which alarms fire, and say so above every page. Waits for the store."""
        self._pages.announce("health", notices(watched(self._questions.ask_now("health"))))


def watched(rows: Sequence[Row]) -> list[Watched]:
    """The alarms that there are rows of, in the order in which they are mended."""
    named = [
        row
        | {
            "group": Group(row["service"], row["environment"], row["feature"]),
            "value": shown(row["value"], ALARMS[row["alarm"]].unit),
            "threshold": shown(row["threshold"], ALARMS[row["alarm"]].unit),
        }
        for row in rows
        if row["alarm"] in ALARMS
    ]
    return [
        Watched(
            name,
            alarm,
            [row for row in named if row["alarm"] == name and row["firing"]],
            [row for row in named if row["alarm"] == name and not row["firing"]],
        )
        for name, alarm in ALARMS.items()
    ]


def notices(alarms: Sequence[Watched]) -> list[Notice]:
    """One line about all alarms that fire; none when none does."""
    titles = [alarm.alarm.title for alarm in alarms if alarm.firing]
    if not titles:
        return []
    more = len(titles) - _NAMED
    text = ". ".join(titles[:_NAMED]) + (f". And {more} more" if more > 0 else "")
    return [Notice(f"{text}.", "/health", "What to do")]
