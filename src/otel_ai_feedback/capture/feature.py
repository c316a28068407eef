"""Which LLM feature of the service an output belongs to, when the settings do not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from otel_ai_feedback.capture.scope import Scope
from otel_ai_feedback.capture.sources.source import attributes_of
from otel_ai_feedback.capture.span_state import SpanPosition, place_of

_AGENT: Final = "gen_ai.agent.name"
_ROUTE: Final = "http.route"
_MAX_ANCESTORS: Final = 32


def feature_of(
    scope: Scope | None,
    place: SpanPosition,
    attributes: Mapping[str, Any],
    root: Callable[[], Any],
    of_root: Mapping[str, Any],
) -> str | None:
    """What the application said, else the agent, else the route of the request.

    Args:
        scope: The conversation the LLM span was started in.
        place: Where the LLM span stands.
        attributes: Attributes of the LLM span.
        root: Gives the first span of the request while it lives.
        of_root: Attributes of that span.

    Returns:
        ``None`` when nothing says; the store then takes the service for it.
    """
    if scope is not None and scope.feature is not None:
        return scope.feature
    agent = attributes.get(_AGENT)
    if agent and isinstance(agent, str):
        return agent
    if place.parent is root:
        # The same reference: there is one for each object. Most calls are made there.
        agent = of_root.get(_AGENT)
        agent = agent if isinstance(agent, str) else None
    else:
        agent = _agent_above(place)
    if agent:
        return agent
    route = of_root.get(_ROUTE)
    return route if route and isinstance(route, str) else None


def _agent_above(place: SpanPosition) -> str | None:
    """The nearest agent span that is still open; a model call rarely names its agent itself."""
    above, left = place.parent, _MAX_ANCESTORS
    while above is not None and left:
        span = above()
        agent = attributes_of(span).get(_AGENT)
        if agent and isinstance(agent, str):
            return agent
        found = place_of(span)
        above, left = None if found is None else found.parent, left - 1
    return None
