"""The page on which outputs are read and judged, one at a time."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from otel_ai_feedback.pages import Pages, People, Questions, Visit, page
from otel_ai_feedback.review import forms
from otel_ai_feedback.review.conversation_text import Reader
from otel_ai_feedback.review.forms import Sent
from otel_ai_feedback.review.item import Items
from otel_ai_feedback.review.judges_page import JudgesPage
from otel_ai_feedback.review.lease import Lease
from otel_ai_feedback.review.queue import Desk, now
from otel_ai_feedback.review.requested import Extra
from otel_ai_feedback.review.session import Session, session
from otel_ai_feedback.store.ask import Row

PACKAGE: Final = "otel_ai_feedback.review"
_NUMBERED: Final = 9
_PRECISION_SECONDS: Final = 600.0
_NO_STORE: Final = {"Cache-Control": "no-store"}


def routes(
    desk: Desk, questions: Questions, pages: Pages, people: People, reader: Reader, url: str | None
) -> list[BaseRoute]:
    """The routes of this room.

    Args:
        desk: Gives out outputs and takes in labels.
        questions: Asks the store.
        pages: Renders; knows this room's templates under ``review``.
        people: Say who someone is.
        reader: Finds texts in raw rows.
        url: Address of the user's own log, for texts that are not here.
    """
    review = Review(desk, questions, pages, Items(questions, reader, url))
    extra = Extra(desk, questions, pages)
    return [
        people.page("/review", review.show),
        people.page("/review/labels", review.take_in, methods=("POST",)),
        people.page("/review/labels/{lease_id}", review.correct),
        people.page("/review/requested", extra.show),
        people.page("/review/send", extra.ask, methods=("GET", "POST")),
        page(pages, "/judges", JudgesPage(questions, pages)),
        Route("/review/review.js", _script, methods=["GET"]),
    ]


class Review:
    """Shows an output, records the verdict on it, and shows the next one.

    Args:
        desk: Gives out outputs and takes in labels.
        questions: Asks the store for this room.
        pages: Renders.
        items: Finds what is shown of an output.
    """

    def __init__(self, desk: Desk, questions: Questions, pages: Pages, items: Items) -> None:
        self._desk = desk
        self._questions = questions
        self._pages = pages
        self._items = items
        self._precision: tuple[float, list[Row]] = (0.0, [])

    async def show(self, visit: Visit) -> Response:
        """The next output, or why there is none."""
        extra = visit.request.query_params.get("queue") == "requested"
        given, before = await asyncio.gather(
            _in_thread(self._desk.next, visit.person, extra=extra), self._before(visit)
        )
        if given is None:
            left = (await self._questions.ask("review/backlog", as_of=now()))[0]
            return self._pages.render(
                "review/nothing.html", visit=visit, extra=extra, left=left, before=before
            )
        return await self._item(visit, given, before=before)

    async def take_in(self, visit: Visit) -> Response:
        """Put a label into the store, then show the next output."""
        modes = await self._modes()
        sent = forms.read(visit.form, modes)
        given = await _in_thread(self._desk.find, sent.lease_id, visit.person)
        if given is None or not sent.form_id:
            return self._pages.render("review/unknown.html", 404, visit=visit)
        if sent.mistakes:
            return await self._item(visit, given, sent=sent, status=422)
        label = sent.label(given.began, now())
        await _in_thread(
            self._desk.say, given, label, label_id=sent.form_id, screen=screen_version()
        )
        query = {"after": given.lease_id} | (
            {"queue": "requested"} if given.reading == "extra" else {}
        )
        return RedirectResponse(f"/review?{urlencode(query)}", 303, _NO_STORE)

    async def correct(self, visit: Visit) -> Response:
        """An output that has been judged, to judge it again."""
        lease_id = visit.request.path_params["lease_id"]
        given = await _in_thread(self._desk.find, lease_id, visit.person)
        said = await _in_thread(self._desk.said, given) if given else None
        if given is None or said is None:
            return self._pages.render("review/unknown.html", 404, visit=visit)
        sent = Sent(lease_id, "", said.verdict, said.modes, said.note, 0)
        return await self._item(visit, given, sent=sent, corrects=True)

    async def _item(
        self,
        visit: Visit,
        given: Lease,
        *,
        sent: Sent | None = None,
        before: dict[str, Any] | None = None,
        corrects: bool = False,
        status: int = 200,
    ) -> Response:
        is_extra = given.reading == "extra"
        modes, item, hour = await asyncio.gather(
            self._modes(),
            self._items.find(given.output_id, now()),
            _nothing() if is_extra else self._session(visit.person),
        )
        chosen = sent.modes if sent else ()
        # What was chosen is always among the ones to choose from.
        meaning = {row["mode"]: row["definition"] for row in modes}
        numbered = list(dict.fromkeys([*list(meaning)[:_NUMBERED], *chosen]))
        return self._pages.render(
            "review/item.html",
            status,
            scripts=True,
            visit=visit,
            item=item,
            lease=given,
            form_id=secrets.token_hex(16),
            shown=round(time.time() * 1000),
            sent=sent,
            modes=numbered,
            meaning=meaning,
            before=before,
            corrects=corrects,
            extra=is_extra,
            session=hour,
            script=_script_version(),
        )

    async def _before(self, visit: Visit) -> dict[str, Any] | None:
        """What was just said, and what the user of that output did."""
        after = visit.request.query_params.get("after", "")
        given = await _in_thread(self._desk.find, after, visit.person) if after else None
        said = await _in_thread(self._desk.said, given) if given else None
        if given is None or said is None:
            return None
        return asdict(said) | {
            "lease_id": given.lease_id,
            "output_id": given.output_id,
            "reactions": await self._items.reactions(given.output_id),
        }

    async def _modes(self) -> list[Row]:
        return await self._questions.ask("review/modes", as_of=now())

    async def _session(self, person: str) -> Session:
        at = now()
        pace = (await self._questions.ask("review/pace", reviewer=person, as_of=at))[0]
        looked_at, precision = self._precision
        # It changes with closed weeks, and asking costs more than the rest of the page.
        if not looked_at or time.monotonic() - looked_at > _PRECISION_SECONDS:
            precision = await self._questions.ask("review/precision", as_of=at)
            self._precision = (time.monotonic(), precision)
        return session(pace, precision, at)


async def _script(_: Request) -> Response:
    """The script of the page, which its address names by content."""
    return Response(
        _file("static/review.js"),
        media_type="text/javascript",
        headers={
            "Cache-Control": "public, max-age=31536000",
            "X-Content-Type-Options": "nosniff",
        },
    )


@cache
def screen_version() -> str:
    """Version of what reviewers see: labels that were given on different screens may differ."""
    parts = [_file(name) for name in ("templates/item.html", "static/review.js")]
    return f"web-{_digest(parts)[:8]}"


def _script_version() -> str:
    return _digest([_file("static/review.js")])[:12]


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _file(name: str) -> str:
    return (files(PACKAGE) / name).read_text(encoding="utf-8")


async def _nothing() -> None:
    return None


async def _in_thread(call: Any, *arguments: Any, **options: Any) -> Any:
    return await anyio.to_thread.run_sync(partial(call, *arguments, **options))
