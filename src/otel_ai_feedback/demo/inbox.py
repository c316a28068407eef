"""Who is on duty in the demo, and where messages to them go: to the terminal.

No one outside is written to. The messages come over HTTP as they would to any webhook.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from otel_ai_feedback.demo.http import serving
from otel_ai_feedback.triage import FILE_NAME

PEOPLE: Final = ("Ana Simulated", "Ben Simulated")


@contextmanager
def on_duty(tell: Callable[[str], None]) -> Iterator[Path]:
    """A triage file in which simulated people own every alert, while the context is open.

    Args:
        tell: Called with every message to them.
    """

    async def take(request: Request) -> Response:
        message = await request.json()
        tell(f"Message to the owner: {message['title']}\n{message['message']}")
        return Response(status_code=204)

    with ExitStack() as stack:
        url = stack.enter_context(serving(Starlette(routes=[Route("/", take, methods=["POST"])])))
        file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / FILE_NAME
        people = "".join(f"  - name: {name}\n" for name in PEOPLE)
        address = url.replace("http://", "json://")
        file.write_text(
            f"notify: {address}/\npeople:\n{people}rotas:\n"
            f"  default:\n    people: [{', '.join(PEOPLE)}]\n",
            encoding="utf-8",
        )
        yield file
