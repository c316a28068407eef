"""The pages about single outputs: the list, and one with all that was done to it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.local.pages.filters import Filter
from otel_ai_feedback.local.pages.inventory import inventory
from otel_ai_feedback.local.pages.questions import Questions, Row
from otel_ai_feedback.local.pages.render import Pages

CLASSES: Final = (
    "used",
    "used_part",
    "used_edited",
    "used_reask",
    "reask",
    "regenerated",
    "closed_fast",
    "rejected",
    "failed",
    "none",
)
_PAGE_SIZE: Final = 50
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
        group = chosen.group
        known, rows = await asyncio.gather(
            self._questions.ask("inventory", since=self._pages.today()),
            self._questions.ask(
                "outputs",
                **asdict(group),
                model=chosen.model,
                conversation=asked.get("conversation", ""),
                before_time=int(before[1]) if before else 0,
                before_id=before[2] if before else "",
                limit=_PAGE_SIZE + 1,
                **{"class": class_},
            ),
        )
        if not known:
            return self._pages.render("empty.html")
        shown = rows[:_PAGE_SIZE]
        choices = {
            "group": group.value,
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
            newest=_address(choices) if before else "",
            older=_address(choices | {"before": _place(shown[-1])})
            if len(rows) > len(shown)
            else "",
        )


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
            found = await self._questions.ask("output", output_id=output_id)
        if not found:
            return self._pages.render("missing.html", 404, output_id=output_id)
        output = found[0]
        conversation: list[Row] = []
        if output["conversation_id"]:
            conversation = await self._questions.ask(
                "conversation",
                conversation=output["conversation_id"],
                service=output["service"],
                environment=output["environment"],
            )
        return self._pages.render(
            "output.html",
            output=output,
            actions=await self._questions.ask("output_actions", output_id=output_id),
            conversation=conversation,
        )


def _address(choices: dict[str, Any]) -> str:
    query = urlencode({key: value for key, value in choices.items() if value})
    return f"/outputs?{query}" if query else "/outputs"


def _place(row: Row) -> str:
    """Where a row stands in the list, to go on after it."""
    moment: datetime = row["time"]
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return f"{round(aware.timestamp() * 1000)}-{row['output_id']}"
