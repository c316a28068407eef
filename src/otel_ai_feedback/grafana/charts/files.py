"""The script and style files of the charts: our own, and uPlot from its package."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

_HERE: Final = Path(__file__).parents[1] / "static"
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}


def _uplot() -> Path:
    # The package is found and not imported: that would load numpy and more for two files.
    spec = find_spec("uplot")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("uplot-python is not installed", name="uplot")
    return Path(spec.origin).parent / "static"


@cache
def content(name: str) -> bytes:
    """What a file holds.

    Args:
        name: ``charts.js``, ``charts.css``, ``uplot.js`` or ``uplot.css``.

    Raises:
        KeyError: There is no such file.
    """
    file = {
        "charts.js": lambda: _HERE / "charts.js",
        "charts.css": lambda: _HERE / "charts.css",
        "uplot.js": lambda: _uplot() / "uPlot.iife.js",
        "uplot.css": lambda: _uplot() / "uPlot.min.css",
    }[name]()
    return file.read_bytes()


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
    return Response(found, media_type=_TYPES[Path(name).suffix], headers=headers)
