"""The page that opens an incident for an answer."""

from __future__ import annotations

import asyncio
import re
from typing import Final

import anyio.to_thread
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from otel_ai_feedback.pages import Pages, People, Questions, Visit
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.model import REVIEWER_REPORT
from otel_ai_feedback.triage.queries import IncidentError

PATH: Final = "/needs-owner"
_OUTPUT_ID: Final = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}")


class Reporting:
    """Takes in what people report.

    Args:
        incidents: Of the store; used by this page alone.
        questions: Asks the store; with the statements of the room ``pages``.
        pages: Renders; knows this room's templates under ``triage``.
    """

    def __init__(self, incidents: Incidents, questions: Questions, pages: Pages) -> None:
        self._incidents = incidents
        self._questions = questions
        self._pages = pages
        self._one_at_a_time = asyncio.Lock()

    def route(self, people: People) -> BaseRoute:
        """The route of the page, for people who are known."""
        return people.page(PATH, self.answer, methods=("GET", "POST"))

    async def answer(self, visit: Visit) -> Response:
        """Ask what is wrong, or open an incident for it and show that."""
        is_form = visit.request.method == "POST"
        given = visit.form if is_form else visit.request.query_params
        output_id = given.get("output_id", "")
        group = await self._group(output_id)
        if group is None:
            return self._pages.render("missing.html", 404, output_id=output_id)
        if not is_form:
            return self._ask(visit, output_id)
        note = given.get("note", "").strip()
        try:
            async with self._one_at_a_time:
                taken = await anyio.to_thread.run_sync(
                    lambda: self._incidents.report(
                        REVIEWER_REPORT,
                        group["service"],
                        environment=group["environment"],
                        feature=group["feature"],
                        outputs=[output_id],
                        note=note,
                        author=visit.person,
                    )
                )
        except IncidentError as error:
            return self._ask(visit, output_id, str(error))
        headers = {"Cache-Control": "no-store"}
        return RedirectResponse(f"/triage/{taken.incident_id}", 303, headers)

    async def _group(self, output_id: str) -> dict[str, str] | None:
        if not _OUTPUT_ID.fullmatch(output_id):
            return None
        trace_id, _, span_id = output_id.partition("-")
        days = await self._questions.ask("pages/output_day", trace_id=trace_id, span_id=span_id)
        found = days and await self._questions.ask(
            "pages/output", trace_id=trace_id, span_id=span_id, day=days[0]["day"]
        )
        if not found:
            return None
        return {name: str(found[0][name]) for name in ("service", "environment", "feature")}

    def _ask(self, visit: Visit, output_id: str, mistake: str = "") -> Response:
        return self._pages.render(
            "triage/needs_owner.html",
            422 if mistake else 200,
            visit=visit,
            output_id=output_id,
            mistake=mistake,
        )
