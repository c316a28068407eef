"""The page that says how fast incidents are answered, and what they come from."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import Response

from otel_ai_feedback.pages import Pages, Questions, Visit
from otel_ai_feedback.pages.incident_title import incident_title

WINDOWS: Final = (28, 90, 365)
_DEFAULT_WINDOW: Final = 90


class Report:
    """The page ``/triage/report``.

    Args:
        questions: Asks the store for this room.
        pages: Renders.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def show(self, visit: Visit) -> Response:
        """Answer one request."""
        asked = visit.request.query_params.get("days", "")
        days = int(asked) if asked in map(str, WINDOWS) else _DEFAULT_WINDOW
        times, causes, repeats = await asyncio.gather(
            self._questions.ask("triage/response_times", days=days),
            self._questions.ask("triage/causes"),
            self._questions.ask("triage/repeats"),
        )
        return self._pages.render(
            "triage/report.html",
            visit=visit,
            days=days,
            windows=WINDOWS,
            overall=[row for row in times if not row["owner"] and not row["severity"]],
            owners=[row for row in times if row["owner"] and not row["severity"]],
            severities=[row for row in times if row["severity"] and not row["owner"]],
            both=[row for row in times if row["owner"] and row["severity"]],
            months=sorted({row["month"] for row in causes}, reverse=True),
            causes=causes,
            repeats=[row | {"title": incident_title(row)} for row in repeats],
        )
