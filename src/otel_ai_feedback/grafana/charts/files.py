"""The style file of the charts."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_HERE: Final = Path(__file__).parents[1] / "static"
_TYPES: Final = {"charts.css": "text/css"}


@cache
def content(name: str) -> bytes:
    """What a file holds.

    Args:
        name: ``charts.css``.

    Raises:
        KeyError: There is no such file.
    """
    if name not in _TYPES:
        raise KeyError(name)
    return (_HERE / name).read_bytes()


@cache
def address(name: str) -> str:
    """The address of a file, which names its content, so that it may be kept forever."""
    return f"/charts-files/{name}?{hashlib.sha256(content(name)).hexdigest()[:12]}"


async def serve(request: Request) -> Response:
    """A file."""
    name = request.path_params["name"]
    try:
        found = content(name)
    except KeyError:
        return Response("there is no such file\n", 404, media_type="text/plain")
    headers = {
        "Cache-Control": "public, max-age=31536000",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(found, media_type=_TYPES[name], headers=headers)
