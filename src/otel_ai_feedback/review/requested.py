"""The requested reviews: outputs that someone wants read, whatever chance says."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

import anyio.to_thread
from starlette.responses import RedirectResponse, Response

from otel_ai_feedback.pages import Pages, Questions, Visit
from otel_ai_feedback.pages.filters import Group
from otel_ai_feedback.review.identifiers import OUTPUT_ID
from otel_ai_feedback.review.queue import Desk, now

CLASSES: Final = (
    "rejected", "regenerated", "reask", "closed_fast", "used_edited", "used_reask", "none",
    "used_part", "used",
)  # fmt: skip
DAYS: Final = (1, 7, 28)
ORDERS: Final = ("worst", "newest")


class Extra:
    """The pages of the requested reviews.

    Args:
        desk: Takes in what is asked for.
        questions: Asks the store for this room.
        pages: Renders.
    """

    def __init__(self, desk: Desk, questions: Questions, pages: Pages) -> None:
        self._desk = desk
        self._questions = questions
        self._pages = pages

    async def show(self, visit: Visit) -> Response:
        """What is in it, and outputs to put into it, the worst first."""
        asked = visit.request.query_params
        today = self._pages.today()
        days = int(asked["days"]) if asked.get("days", "") in map(str, DAYS) else DAYS[1]
        order = asked["order"] if asked.get("order", "") in ORDERS else ORDERS[0]
        class_ = asked["class"] if asked.get("class", "") in CLASSES else ""
        group = Group.parse(asked.get("group", ""))
        since = today - timedelta(days=days - 1)
        inventory = await self._questions.ask("pages/inventory", since=since, today=today)
        groups = [Group(row["service"], row["environment"], row["feature"]) for row in inventory]
        found = None
        # It costs as much as the outputs that are looked at, so it waits until someone asks.
        if "days" in asked:
            found = await self._questions.ask(
                "review/search_outputs",
                service=group.service,
                environment=group.environment,
                feature=group.feature,
                model=asked.get("model", ""),
                order=order,
                since=since,
                until=today,
                **{"class": class_},
            )
        return self._pages.render(
            "review/requested.html",
            visit=visit,
            queue=await self._questions.ask("review/requested", as_of=now()),
            found=found,
            groups=list(dict.fromkeys(groups)),
            group=group,
            model=asked.get("model", ""),
            classes=CLASSES,
            class_=class_,
            days=days,
            windows=DAYS,
            order=order,
            orders=ORDERS,
            sent=_number(asked.get("sent", "")),
        )

    async def ask(self, visit: Visit) -> Response:
        """Put outputs into the queue; by GET, ask whether to."""
        if visit.request.method != "POST":
            output_id = visit.request.query_params.get("output_id", "")
            if not OUTPUT_ID.fullmatch(output_id):
                return self._pages.render("review/unknown.html", 404, visit=visit)
            return self._pages.render("review/send.html", visit=visit, output_id=output_id)
        output_ids = [name for name in visit.form.getlist("output_id") if OUTPUT_ID.fullmatch(name)]
        if output_ids:
            await _in_thread(
                self._desk.request, list(dict.fromkeys(output_ids)), visit.person, "request"
            )
        return RedirectResponse(
            f"/review/requested?{urlencode({'sent': len(output_ids)})}",
            303,
            {"Cache-Control": "no-store"},
        )


def _number(text: str) -> int:
    """A number from the address of the page; 0 for what is none, as anyone can type there."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


async def _in_thread(call: Any, *arguments: Any) -> Any:
    return await anyio.to_thread.run_sync(partial(call, *arguments))
