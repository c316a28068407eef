"""The incident pages: the list, one incident, and the actions on it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from otel_ai_feedback.escaping import is_web_address
from otel_ai_feedback.formats import duration
from otel_ai_feedback.pages import Pages, People, Questions, Visit
from otel_ai_feedback.signals import NAMES
from otel_ai_feedback.triage.incidents import CAUSES, CHECK_AFTER_DAYS, Incidents
from otel_ai_feedback.triage.message import measured
from otel_ai_feedback.triage.model import Triage
from otel_ai_feedback.triage.queries import IncidentError
from otel_ai_feedback.triage.recent_changes import recent_changes
from otel_ai_feedback.triage.response_report import Report
from otel_ai_feedback.triage.rows import Event, Incident

PACKAGE: Final = "otel_ai_feedback.triage"
_MOST_CLOSED: Final = 20
_SHOWN_OUTPUTS: Final = 10
_NO_STORE: Final = {"Cache-Control": "no-store"}

Given = Mapping[str, str]
Result = TypeVar("Result")


@dataclass(frozen=True)
class IncidentView:
    """An incident with everything that its page shows.

    Attributes:
        incident: The incident.
        events: What happened to it, in order.
        outputs: The frozen list of affected outputs.
        modes: Failure modes among them.
        similar: Similar closed incidents.
    """

    incident: Incident
    events: list[Event]
    outputs: list[str]
    modes: list[dict[str, Any]]
    similar: list[dict[str, Any]]

    @property
    def opened(self) -> dict[str, Any]:
        """What was known when it was opened."""
        return next((event.details for event in self.events if event.kind == "opened"), {})


def routes(
    incidents: Incidents,
    questions: Questions,
    pages: Pages,
    people: People,
    triage: Triage | None,
) -> list[BaseRoute]:
    """The routes of this room that people use.

    Args:
        incidents: Of the store; used by these pages alone.
        questions: Asks the store.
        pages: Renders; knows this room's templates under ``triage``.
        people: Identify the visitor.
        triage: The triage file, for the names of people; ``None`` where there is none.
    """
    shown = IncidentPages(incidents, pages, list(triage.people) if triage else [])
    report = Report(questions, pages)
    return [
        people.page("/triage", shown.listed),
        people.page("/triage/report", report.show),
        Route("/triage/triage.js", _script, methods=["GET"]),
        people.page("/triage/{incident_id}", shown.show),
        people.page("/triage/{incident_id}/acknowledge", shown.confirm),
        people.page("/triage/{incident_id}/do", shown.act, methods=("POST",)),
    ]


class IncidentPages:
    """Shows incidents and carries out the actions on them.

    Args:
        incidents: Of the store.
        pages: Renders.
        names: Who an incident can be handed over to; empty allows any name.
    """

    def __init__(self, incidents: Incidents, pages: Pages, names: Sequence[str]) -> None:
        self._incidents = incidents
        self._pages = pages
        self._names = names
        # A client serves one thread at a time.
        self._one_at_a_time = CapacityLimiter(1)

    async def listed(self, visit: Visit) -> Response:
        """Open incidents by the deadline that runs, and the last ones that are not."""
        everything = await self._in_thread(self._incidents.listed)
        closed = [incident for incident in everything if not incident.open]
        closed.sort(key=lambda incident: incident.changed_at, reverse=True)
        return self._pages.render(
            "triage/list.html",
            scripts=True,
            visit=visit,
            script=_script_version(),
            open=[incident for incident in everything if incident.open],
            closed=closed[:_MOST_CLOSED],
            left=left,
            now=_now(),
            owned=bool(self._names),
        )

    async def show(self, visit: Visit) -> Response:
        """One incident."""
        return await self._incident(visit)

    async def confirm(self, visit: Visit) -> Response:
        """Where a link in a message leads: one button, as reading a page must change nothing."""
        looked = await self._in_thread(lambda: self._look(_asked(visit)))
        if looked is None:
            return self._missing(visit)
        return self._pages.render(
            "triage/confirm.html", visit=visit, incident=looked.incident, left=left, now=_now()
        )

    async def act(self, visit: Visit) -> Response:
        """Do what a form asks for, as the person who sent it."""
        incident_id, form = _asked(visit), visit.form
        do = _ACTIONS.get(form.get("action", ""))
        try:
            if do is None:
                raise IncidentError(
                    f"action is {form.get('action', '')!r}; it must be one of {', '.join(_ACTIONS)}"
                )
            await self._in_thread(lambda: do(self._incidents, incident_id, visit.person, form))
        except IncidentError as error:
            return await self._incident(visit, mistake=str(error), status=422)
        back = "/triage" if form.get("back") == "list" else f"/triage/{incident_id}"
        return RedirectResponse(back, 303, _NO_STORE)

    async def _incident(self, visit: Visit, *, mistake: str = "", status: int = 200) -> Response:
        looked = await self._in_thread(lambda: self._look(_asked(visit)))
        if looked is None:
            return self._missing(visit)
        incident = looked.incident
        others = [name for name in self._names if name != incident.owner]
        return self._pages.render(
            "triage/incident.html",
            status,
            scripts=True,
            visit=visit,
            script=_script_version(),
            incident=incident,
            looked=looked,
            numbers=measured(looked.opened),
            changes=list(recent_changes(looked.opened)),
            links=_links(looked.opened),
            shown_outputs=looked.outputs[:_SHOWN_OUTPUTS],
            other_outputs=looked.outputs[_SHOWN_OUTPUTS:],
            others=others,
            causes=CAUSES,
            movable=[*NAMES, "quality", *(f"mode:{row['mode']}" for row in looked.modes)],
            check_day=self._pages.today() + timedelta(days=CHECK_AFTER_DAYS),
            given=visit.form,
            mistake=mistake,
            left=left,
            now=_now(),
        )

    def _look(self, incident_id: str) -> IncidentView | None:
        try:
            incident = self._incidents.get(incident_id)
        except IncidentError:
            return None
        return IncidentView(
            incident,
            self._incidents.events(incident_id),
            self._incidents.outputs(incident_id),
            self._incidents.modes(incident_id),
            self._incidents.similar(incident_id),
        )

    def _missing(self, visit: Visit) -> Response:
        return self._pages.render(
            "triage/missing.html", 404, visit=visit, incident_id=_asked(visit)
        )

    async def _in_thread(self, call: Callable[[], Result]) -> Result:
        return await anyio.to_thread.run_sync(call, limiter=self._one_at_a_time)


def _acknowledge(incidents: Incidents, incident_id: str, author: str, _: Given) -> None:
    incidents.acknowledge(incident_id, author=author)


def _start(incidents: Incidents, incident_id: str, author: str, _: Given) -> None:
    incidents.start(incident_id, author=author)


def _hand_over(incidents: Incidents, incident_id: str, author: str, form: Given) -> None:
    to = form.get("to", "").strip()
    if not to:
        raise IncidentError("to must not be empty: name the new owner")
    incidents.hand_over(incident_id, to, author=author, note=form.get("note", "").strip())


def _resolve(incidents: Incidents, incident_id: str, author: str, form: Given) -> None:
    given = form.get("check_day", "").strip()
    try:
        check_day = date.fromisoformat(given) if given else None
    except ValueError:
        raise IncidentError(f"check_day is {given!r}; give a day such as 2026-11-23") from None
    incidents.resolve(
        incident_id,
        author=author,
        cause=form.get("cause", ""),
        fix=form.get("fix", "").strip(),
        moves=form.get("moves", ""),
        check_day=check_day,
    )


def _accept(incidents: Incidents, incident_id: str, author: str, form: Given) -> None:
    incidents.accept(incident_id, author=author, reason=form.get("reason", "").strip())


def _note(incidents: Incidents, incident_id: str, author: str, form: Given) -> None:
    incidents.note(incident_id, form.get("note", "").strip(), author=author)


_ACTIONS: Final[dict[str, Callable[[Incidents, str, str, Given], None]]] = {
    "acknowledge": _acknowledge,
    "start": _start,
    "hand-over": _hand_over,
    "resolve": _resolve,
    "accept": _accept,
    "note": _note,
}


def left(moment: datetime, now: datetime) -> str:
    """How far off a deadline is, in wall-clock time."""
    seconds = (moment - now).total_seconds()
    minutes = round(abs(seconds) / 60)
    text = duration(60 * minutes) if minutes else "under a minute"
    return f"in {text}" if seconds >= 0 else f"{text} late"


def _links(opened: Mapping[str, Any]) -> dict[str, str]:
    """Web addresses that came with the alert, by title."""
    titles = {"dashboardURL": "Dashboard", "panelURL": "Panel", "generatorURL": "Rule"}
    found = {titles[name]: url for name, url in opened.get("links", {}).items() if name in titles}
    if runbook := opened.get("annotations", {}).get("runbook_url"):
        found["Runbook"] = runbook
    return {title: url for title, url in found.items() if is_web_address(url)}


def _asked(visit: Visit) -> str:
    return str(visit.request.path_params["incident_id"])


def _now() -> datetime:
    return datetime.now(timezone.utc)


async def _script(_: Request) -> Response:
    """The script of the pages, which its address names by content."""
    return Response(
        _script_text(),
        media_type="text/javascript",
        headers={
            "Cache-Control": "public, max-age=31536000",
            "X-Content-Type-Options": "nosniff",
        },
    )


@cache
def _script_text() -> str:
    return (files(PACKAGE) / "static/triage.js").read_text(encoding="utf-8")


def _script_version() -> str:
    return hashlib.sha256(_script_text().encode()).hexdigest()[:12]
