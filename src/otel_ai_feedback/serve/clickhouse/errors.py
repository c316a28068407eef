"""Refusals in ClickHouse's own form."""

from __future__ import annotations

import re
from typing import Final

# A column computed from a subquery has no name that a view could give it.
_UNNAMED: Final = "_subquery_"
_NAME_IT: Final = "Give a column that is computed from a subquery a name: `... as found`."
_ERROR: Final = re.compile(r"Code: (\d+)")
ERROR_NAME: Final = re.compile(r"\(([A-Z][A-Z0-9_]*)\)\s*$")
"""The name of an error at the end of its message."""

# As ClickHouse's own HTTP handler maps them; memory and disk pass, so the client may try again.
_STATUSES: Final = {
    36: 400,
    46: 404,
    47: 400,
    60: 404,
    62: 400,
    81: 404,
    164: 403,
    173: 503,
    241: 503,
    243: 503,
}


class ClickHouseError(Exception):
    """An error with ClickHouse's code, name and an HTTP status.

    Args:
        code: ClickHouse's number.
        text: The whole message.
        status: Status of the answer.
    """

    def __init__(self, code: int, text: str, status: int) -> None:
        super().__init__(text)
        self.code = code
        self.status = status

    @classmethod
    def of(cls, code: int, name: str, message: str, status: int) -> ClickHouseError:
        """An error whose message is put together."""
        return cls(code, f"Code: {code}. DB::Exception: {message}. ({name})", status)


def not_authenticated(why: str) -> ClickHouseError:
    """Someone is not who they say."""
    return ClickHouseError.of(516, "AUTHENTICATION_FAILED", why, 403)


def engine_error(error: RuntimeError) -> ClickHouseError:
    """What the engine said."""
    text = str(error)
    if _UNNAMED in text:
        text = f"{text.rstrip()}\n{_NAME_IT}"
    found = _ERROR.search(text)
    code = int(found[1]) if found else 1001
    status = _STATUSES.get(code, 500)
    return ClickHouseError(code, text[found.start() :] if found else text, status)
