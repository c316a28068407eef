"""The page ``/compare``: its address says what is compared, so it can be shared."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta, timezone
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

import anyio.to_thread
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from otel_ai_feedback import formats
from otel_ai_feedback.compare.arms import KINDS, Arms
from otel_ai_feedback.compare.comparison import PLANNED_DAYS, Comparison, Question, compare
from otel_ai_feedback.compare.drawing import difference_mark, reach
from otel_ai_feedback.compare.verdict import Floor
from otel_ai_feedback.intervals.clustered import NOTABLE_DESIGN_EFFECT
from otel_ai_feedback.pages import Pages, Questions, page
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.pages.waiting import waiting
from otel_ai_feedback.store.ask import Row

ROOM: Final = {"compare": "otel_ai_feedback.compare"}
TABS: Final = {"compare": "/compare"}
_KIND_NAMES: Final = {
    "model": "model",
    "release": "release",
    "prompt_version": "prompt version",
    "prompt_name": "prompt name",
    "feature": "feature",
    "flag": "feature flag",
    "days": "two time windows",
}
_LOOK_BACK: Final = timedelta(days=90)
_LONGEST: Final = 365


@dataclass(frozen=True)
class Choice:
    """What the address asks for; what makes no sense is as if it had not been chosen.

    Attributes:
        group: Service, environment and feature.
        by: What tells the arms apart.
        flag: Key of the feature flag.
        a: Arm A.
        b: Arm B.
        since: First day.
        until: Last day.
        days: How long the comparison is to take.
        split: Planned share of users in B, in percent; empty where users are not split by chance.
    """

    group: Group
    by: str
    flag: str
    a: str
    b: str
    since: date
    until: date
    days: int
    split: str

    @classmethod
    def parse(cls, query: QueryParams, today: date) -> Choice:
        """Read it from an address."""
        asked = {key: value.strip() for key, value in query.items()}
        days = asked.get("days", "")
        length = int(days) if days.isascii() and days.isdigit() else PLANNED_DAYS
        length = min(max(length, 1), _LONGEST)
        until = _day(asked.get("until", "")) or today
        since = _day(asked.get("since", "")) or until - timedelta(days=length - 1)
        by = asked.get("by", "")
        split = asked.get("split", "")
        return cls(
            group=Group.parse(query.get("group", "")),
            by=by if by in KINDS else KINDS[0],
            flag=asked.get("flag", "") if by == "flag" else "",
            a=asked.get("a", ""),
            b=asked.get("b", ""),
            since=max(min(since, until), until - timedelta(days=_LONGEST)),
            until=until,
            days=length,
            split=split if split.isascii() and split.isdigit() and 0 < int(split) < 100 else "",
        )

    @property
    def asked(self) -> bool:
        """Whether two arms were named."""
        return bool(self.group.service and self.a and self.b)

    def question(self, as_of: datetime, floor: Floor) -> Question:
        """What is asked.

        Raises:
            ValueError: These cannot be compared; the message says why.
        """
        return Question(
            Arms(by=self.by, a=self.a, b=self.b, flag=self.flag, **asdict(self.group)),
            since=self.since,
            until=self.until,
            as_of=as_of,
            planned_days=self.days,
            planned_share=int(self.split) / 100 if self.split else None,
            floor=floor,
        )

    def link(self, **changes: Any) -> str:
        """An address with this choice, some of it changed."""
        changed = replace(self, **changes)
        choices = {
            "group": changed.group.value,
            "by": changed.by,
            "flag": changed.flag,
            "a": changed.a,
            "b": changed.b,
            "since": changed.since,
            "until": changed.until,
            "days": changed.days,
            "split": changed.split,
        }
        return f"/compare?{urlencode({key: value for key, value in choices.items() if value})}"


class ComparePage:
    """The page.

    Args:
        questions: Where the counts come from.
        pages: How they become HTML; knows this room's templates under ``compare``.
        floor: The smallest difference that matters.
    """

    def __init__(self, questions: Questions, pages: Pages, floor: Floor) -> None:
        self._questions = questions
        self._pages = pages
        self._floor = floor

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        today = self._pages.today()
        choice = Choice.parse(request.query_params, today)
        since = min(choice.since, today - _LOOK_BACK)
        groups, arms, newest, (found, mistake) = await asyncio.gather(
            self._questions.ask("compare/groups", since=since),
            self._questions.ask("compare/arms", since=since, **asdict(choice.group)),
            self._questions.ask(
                "compare/newest",
                since=since,
                first=choice.since,
                last=choice.until,
                **asdict(choice.group),
            ),
            self._compared(choice),
        )
        if not groups:
            return waiting(self._pages)
        return self._pages.render(
            "compare/compare.html",
            choice=choice,
            kinds=_KIND_NAMES,
            groups=[Group(**row) for row in groups],
            arms=[row["arm"] for row in arms if row["kind"] == choice.by],
            suggestions=[_suggestion(row, choice) for row in newest],
            found=found,
            mistake=mistake,
            end=reach(found.measures) if found else 1.0,
            mark=difference_mark,
            points=formats.points,
            notable=NOTABLE_DESIGN_EFFECT,
        )

    async def _compared(self, choice: Choice) -> tuple[Comparison | None, str]:
        if not choice.asked:
            return None, ""
        try:
            question = choice.question(datetime.now(timezone.utc), self._floor)
        except ValueError as error:
            return None, f"{error}"
        asked = partial(compare, self._questions.ask_now, question)
        return await anyio.to_thread.run_sync(asked), ""


def routes(questions: Questions, pages: Pages, floor: Floor) -> list[BaseRoute]:
    """The routes of this room.

    Args:
        questions: Asks the store.
        pages: Renders; knows this room's templates under ``compare``.
        floor: The smallest difference that matters.
    """
    return [page(pages, "/compare", ComparePage(questions, pages, floor))]


@dataclass(frozen=True)
class Suggestion:
    """Two arms that someone may want to compare.

    Attributes:
        label: In words.
        link: Address of the comparison.
    """

    label: str
    link: str


def _suggestion(row: Row, choice: Choice) -> Suggestion:
    """The newest of a kind against the one before it, in one feature."""
    group = Group(row["service"], row["environment"], row["feature"])
    kind, a, b = row["kind"], row["a"], row["b"]
    return Suggestion(
        f"{group.label}: {_KIND_NAMES[kind]} {b} against {a}",
        choice.link(group=group, by=kind, flag="", a=a, b=b),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
