"""Who uses a server that only this machine can reach and where no one signs in.

The person of the triage file if it has only one. If it has several, the one who was chosen in this
browser: the first form that is sent asks for it. Without a file there is no owner, and verdicts
carry the name of the operating system's user.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback.pages import tokens

FIELD: Final = "person"
"""Field of a form that says who sends it."""

_COOKIE: Final = "ai-feedback-person"
_YEAR: Final = 365 * 86_400


class LocalPerson:
    """Tells who it is.

    Args:
        names: The people of the triage file; empty without one.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(dict.fromkeys(names))

    def of(self, request: Request) -> str:
        """The person, as far as it is known."""
        if len(self.names) == 1:
            return self.names[0]
        chosen = unquote(request.cookies.get(_COOKIE, ""))
        return chosen if chosen in self.names else _system_user()

    def must_choose(self, person: str) -> bool:
        """Whether someone has to say who they are before anything is written in their name."""
        return bool(self.names) and person not in self.names

    def remember(self, response: Response, person: str) -> None:
        """Let the browser say it from now on."""
        response.set_cookie(_COOKIE, quote(person), max_age=_YEAR, httponly=True, samesite="strict")


def _system_user() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = ""
    return name if tokens.usable_name(name) else f"uid-{os.getuid()}"
