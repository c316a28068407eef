"""What the server answers, as OpenAPI: made from its routes, so that it cannot miss one.

For tools that try a server out: fuzzers, scanners, generators of clients. People read docs/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from otel_ai_feedback._version import __version__

PATH: Final = "/openapi.json"

_CHOICES: Final = ("group", "days", "model", "series")
_VARIABLES: Final = ("service", "environment", "feature", "model", "release", "series")
QUERY: Final[Mapping[str, tuple[str, ...]]] = {
    "/": (*_CHOICES, "query", "database", "default_format", "query_id", "compress"),
    "/outputs": (*_CHOICES, "class", "before", "conversation"),
    "/compare": ("group", "by", "flag", "a", "b", "since", "until", "days", "split"),
    "/review": ("queue", "after"),
    "/review/requested": ("group", "days", "model", "class", "order", "sent"),
    "/review/send": ("output_id",),
    "/needs-owner": ("output_id",),
    "/triage/report": ("days",),
    "/sign-in": ("next",),
    "/sign-in/oidc": ("next",),
    "/sign-in/oidc/callback": ("code", "state", "error"),
    "/charts/{name}": ("from", "to", "days", *(f"var-{name}" for name in _VARIABLES)),
}
"""Names in the query that a path reads; one that is not here reads none."""

FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "/sign-in": ("token", "next", "csrf"),
    "/sign-out": ("csrf",),
    "/sessions/end": ("csrf", "session_id"),
    "/review/labels": (
        "csrf", "verdict", "mode", "new_mode", "note", "shown", "form", "lease",
    ),
    "/review/send": ("csrf", "output_id"),
    "/needs-owner": ("csrf", "output_id", "note"),
    "/triage/{incident_id}/do": (
        "csrf", "action", "back", "to", "note", "check_day", "cause", "fix", "moves", "reason",
    ),
}  # fmt: skip
"""Fields of the form that a path takes."""

_BINARY: Final = {"type": "string", "format": "binary"}
_OTLP: Final = {"application/x-protobuf": _BINARY, "application/json": {"type": "object"}}
_BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "/v1/traces": _OTLP,
    "/v1/logs": _OTLP,
    "/v1/metrics": _OTLP,
    "/": {"text/plain": {"type": "string"}, "application/octet-stream": _BINARY},
    "/triage/webhook": {"application/json": {"type": "object"}},
}
# Of routes that look at the method themselves.
_METHODS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("/v1/traces", "/v1/logs", "/v1/metrics"), ("POST",)),
    "/": ("GET", "POST"),
}
_BEACONS: Final = {"text/plain": {"type": "string"}, "application/json": {}}
_PARAMETER: Final = re.compile(r"\{(\w+)(?::\w+)?\}")


def route(described: Iterable[BaseRoute], path: str) -> BaseRoute:
    """The route of the description.

    Args:
        described: All other routes of the server.
        path: Under which it is reached, where that is not the root.
    """
    document = describe(described) | ({"servers": [{"url": path}]} if path else {})

    async def answer(_: Request) -> Response:
        return JSONResponse(document)

    return Route(PATH, answer, methods=["GET"])


def describe(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """The OpenAPI document of a server.

    Args:
        routes: Its routes; those that are no HTTP route are left out.

    Returns:
        A document of OpenAPI 3.1.
    """
    paths: dict[str, dict[str, Any]] = {}
    for each in routes:
        if isinstance(each, Route):
            operations = paths.setdefault(_PARAMETER.sub(r"{\1}", each.path), {})
            for method in _methods(each):
                operations[method.lower()] = _operation(each.path, method)
    return {
        "openapi": "3.1.0",
        "info": {"title": "otel-ai-feedback serve", "version": __version__},
        "paths": paths,
    }


def _methods(each: Route) -> Iterable[str]:
    given = _METHODS.get(each.path)
    if given is not None:
        return given
    # Beacons come by POST, the script is fetched by GET, both below one prefix.
    return sorted((each.methods or {"GET", "POST"}) - {"HEAD"})


def _operation(path: str, method: str) -> dict[str, Any]:
    named = _PARAMETER.findall(path)
    operation: dict[str, Any] = {
        "parameters": [
            *(_parameter(name, "path", required=True) for name in named),
            *(_parameter(name, "query", required=False) for name in QUERY.get(path, ())),
        ],
        "responses": {"default": {"description": "See docs/serve.md."}},
    }
    content = _content(path) if method in ("POST", "PUT") else {}
    if content:
        operation["requestBody"] = {"content": content}
    return operation


def _parameter(name: str, place: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}


def _content(path: str) -> dict[str, Any]:
    if path in FORMS:
        fields = {name: {"type": "string"} for name in FORMS[path]}
        schema = {"type": "object", "properties": fields}
        return {"application/x-www-form-urlencoded": {"schema": schema}}
    bodies = _BODIES.get(path, _BEACONS if path.endswith("{below:path}") else {})
    return {media: {"schema": schema} for media, schema in bodies.items()}
