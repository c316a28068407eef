"""The pages about single outputs: the list, and one with all that was done to it."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.pages.filters import Filter
from otel_ai_feedback.pages.inventory import inventory
from otel_ai_feedback.pages.questions import Questions
from otel_ai_feedback.pages.render import Pages
from otel_ai_feedback.pages.waiting import waiting
from otel_ai_feedback.signals import OUTCOMES
from otel_ai_feedback.store.ask import Row

CLASSES: Final = tuple(outcome.name for outcome in OUTCOMES)
_PAGE_SIZE: Final = 50
# How many outputs are looked at for a page, and how many days for them, until there are enough.
_OUTPUTS_AT_ONCE: Final = (1_000, 20_000)
_DAYS_AT_ONCE: Final = (2, 28, 365)
_ONE_DAY: Final = timedelta(1)
# The year 2100: no output is newer.
_FAR: Final = 4_102_444_800_000
_FIRST_ID: Final = f"{'0' * 32}-{'0' * 16}"
_OUTPUT_ID: Final = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}")
_BEFORE: Final = re.compile(rf"(\d{{1,15}})-({_OUTPUT_ID.pattern})")


class Outputs:
    """The page ``/outputs``.

    Args:
        questions: Where the rows come from.
        pages: How they become HTML.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        chosen = Filter.parse(request.query_params)
        asked = request.query_params
        class_ = asked.get("class", "") if asked.get("class", "") in CLASSES else ""
        before = _BEFORE.fullmatch(asked.get("before", ""))
        choice = {
            **asdict(chosen.group),
            "model": chosen.model,
            "conversation": asked.get("conversation", ""),
        }
        today = self._pages.today()
        known, (rows, next_place) = await asyncio.gather(
            self._questions.ask("pages/inventory", since=today, today=today),
            self._newest(choice, class_, before),
        )
        if not (known or rows or next_place):
            return waiting(self._pages)
        shown = rows[:_PAGE_SIZE]
        evaluations = defaultdict(list)
        for each in await self._evaluations([row["output_id"] for row in shown]):
            evaluations[each["output_id"]].append(each)
        choices = {
            "group": chosen.group.value,
            "model": chosen.model,
            "class": class_,
            "conversation": asked.get("conversation", ""),
        }
        return self._pages.render(
            "outputs.html",
            filter=chosen,
            class_=class_,
            conversation=asked.get("conversation", ""),
            classes=CLASSES,
            inventory=inventory(known, chosen),
            rows=shown,
            evaluations=evaluations,
            newest=_address(choices) if before else "",
            older=_address(choices | {"before": next_place}) if next_place else "",
        )

    async def _evaluations(self, output_ids: list[str]) -> list[Row]:
        if not output_ids:
            return []
        return await self._questions.ask("pages/evaluations_of", outputs=output_ids)

    async def _newest(
        self, choice: dict[str, str], class_: str, before: re.Match[str] | None
    ) -> tuple[list[Row], str]:
        """The newest outputs of a choice, and where the older ones begin, if there are any.

        Outputs are looked at a thousand at a time, and more when few of them are of the
        class, so that a page costs as much however many there are.
        """
        before_time = int(before[1]) if before else _FAR
        until = _day(before_time)
        rows: list[Row] = []
        place = ""
        for most in _OUTPUTS_AT_ONCE:
            newest = await self._questions.ask("pages/newest_day", until=until)
            if not newest:
                return rows, ""
            reach, since = await self._reach(choice, before_time, newest[0]["day"], most)
            if reach["outputs"]:
                rows = await self._questions.ask(
                    "pages/outputs",
                    **choice,
                    before_time=min(before_time, _milliseconds(newest[0]["day"] + 2 * _ONE_DAY)),
                    before_id=before[2] if before else "",
                    from_time=reach["from_time"],
                    limit=_PAGE_SIZE + 1,
                    **{"class": class_},
                )
            if len(rows) > _PAGE_SIZE:
                return rows, _place(rows[_PAGE_SIZE - 1])
            if reach["outputs"] == most:
                place = f"{reach['from_time']}-{_FIRST_ID}"
                continue
            older = await self._questions.ask("pages/newest_day", until=since - _ONE_DAY)
            return rows, f"{_milliseconds(since)}-{_FIRST_ID}" if older else ""
        return rows, place

    async def _reach(
        self, choice: dict[str, str], before_time: int, newest: date, most: int
    ) -> tuple[Row, date]:
        """How far back so many outputs reach, and the first day that was looked at."""
        for days in _DAYS_AT_ONCE:
            since = max(newest - timedelta(days), date(1970, 1, 1))
            reach = await self._questions.ask(
                "pages/reach",
                **choice,
                before_time=before_time,
                since=since,
                until=newest,
                limit=most,
            )
            if reach[0]["outputs"] == most:
                break
        return reach[0], since


class Output:
    """The page ``/outputs/{output_id}``.

    Args:
        questions: Where the rows come from.
        pages: How they become HTML.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        output_id = request.path_params["output_id"]
        found: list[Row] = []
        if _OUTPUT_ID.fullmatch(output_id):
            trace_id, _, span_id = output_id.partition("-")
            span = {"trace_id": trace_id, "span_id": span_id}
            days = await self._questions.ask("pages/output_day", **span)
            if days:
                found = await self._questions.ask("pages/output", **span, day=days[0]["day"])
        if not found:
            return self._pages.render("missing.html", 404, output_id=output_id)
        output = found[0]
        day = output["output_day"]
        conversation: list[Row] = []
        if output["conversation_id"]:
            conversation = await self._questions.ask(
                "pages/conversation",
                conversation=output["conversation_id"],
                service=output["service"],
                environment=output["environment"],
                day=day,
            )
        return self._pages.render(
            "output.html",
            output=output,
            actions=await self._questions.ask("pages/output_actions", output_id=output_id, day=day),
            evaluations=await self._questions.ask("pages/evaluations_of", outputs=[output_id]),
            conversation=conversation,
        )


def _address(choices: dict[str, Any]) -> str:
    query = urlencode({key: value for key, value in choices.items() if value})
    return f"/outputs?{query}" if query else "/outputs"


def _milliseconds(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 86_400_000


def _day(milliseconds: int) -> date:
    return date(1970, 1, 1) + timedelta(min(milliseconds, _FAR) // 86_400_000)


def _place(row: Row) -> str:
    """Where a row is in the list, to go on after it."""
    moment: datetime = row["time"]
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return f"{round(aware.timestamp() * 1000)}-{row['output_id']}"
