"""The page of a store without answers, which loads itself again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.pages.arrivals import Arrival
from otel_ai_feedback.pages.render import Pages


def waiting(pages: Pages, arrivals: Sequence[Arrival] = ()) -> Response:
    """The page.

    Args:
        pages: Renders.
        arrivals: What arrives and is of no use yet.
    """
    return pages.render("empty.html", scripts=True, arrivals=arrivals)


async def script(_: Request) -> Response:
    """What loads it again."""
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    return Response(_script(), media_type="text/javascript", headers=headers)


@cache
def _script() -> str:
    return (files(__package__) / "static/waiting.js").read_text(encoding="utf-8")
