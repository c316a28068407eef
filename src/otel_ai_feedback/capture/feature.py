"""The agent that an LLM call belongs to, and which LLM feature of the service that makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from otel_ai_feedback.capture.scope import Scope
from otel_ai_feedback.capture.sources.source import attributes_of
from otel_ai_feedback.capture.span_state import SpanPosition, place_of

_AGENT: Final = "gen_ai.agent.name"
_ROUTE: Final = "http.route"
_MAX_ANCESTORS: Final = 32
_NOTHING: Final[Mapping[str, Any]] = {}


def agent_of(
    place: SpanPosition,
    attributes: Mapping[str, Any],
    root: Callable[[], Any],
    of_root: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Attributes of the span that names the agent: the LLM span, else the nearest one above it.

    Args:
        place: Where the LLM span stands.
        attributes: Attributes of the LLM span.
        root: Gives the first span of the request while it lives.
        of_root: Attributes of that span.
    """
    if attributes.get(_AGENT):
        return attributes
    if place.parent is root:
        # The same reference: there is one for each object. Most calls are made there.
        return of_root if of_root.get(_AGENT) else _NOTHING
    above, left = place.parent, _MAX_ANCESTORS
    while above is not None and left:
        span = above()
        found = attributes_of(span)
        if found.get(_AGENT):
            return found
        higher = place_of(span)
        above, left = None if higher is None else higher.parent, left - 1
    return _NOTHING


def feature_of(
    scope: Scope | None, agent: Mapping[str, Any], of_root: Mapping[str, Any]
) -> str | None:
    """What the application said, else the agent, else the route of the request.

    Args:
        scope: The conversation the LLM span was started in.
        agent: Attributes of the span that names the agent.
        of_root: Attributes of the first span of the request.

    Returns:
        ``None`` when nothing says; the store then takes the service for it.
    """
    if scope is not None and scope.feature is not None:
        return scope.feature
    for found in (agent.get(_AGENT), of_root.get(_ROUTE)):
        if found and isinstance(found, str):
            return found
    return None
