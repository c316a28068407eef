"""Which LLM feature of the service an output belongs to, when the settings do not say."""

from __future__ import annotations

from typing import Any, Final

from otel_ai_feedback.capture.scope import Scope
from otel_ai_feedback.capture.sources.source import attributes_of
from otel_ai_feedback.capture.span_state import SpanState, state_of

_AGENT: Final = "gen_ai.agent.name"
_ROUTE: Final = "http.route"
_MAX_ANCESTORS: Final = 32


def feature_of(scope: Scope | None, state: SpanState, attributes: dict[str, Any]) -> str | None:
    """What the application said, else the agent, else the route of the request.

    Args:
        scope: The conversation the LLM span was started in.
        state: State of the LLM span.
        attributes: Attributes of the LLM span.

    Returns:
        ``None`` when nothing says; the store then takes the service for it.
    """
    if scope is not None and scope.feature is not None:
        return scope.feature
    agent = attributes.get(_AGENT)
    if isinstance(agent, str) and agent:
        return agent
    return _agent_above(state) or _attribute(state.request.root(), _ROUTE)


def _agent_above(state: SpanState) -> str | None:
    """The nearest agent span that is still open; a model call rarely names its agent itself."""
    above, left = state.parent, _MAX_ANCESTORS
    while above is not None and left:
        span = above()
        agent = None if span is None else _attribute(span, _AGENT)
        if agent is not None:
            return agent
        found = state_of(span)
        above, left = None if found is None else found.parent, left - 1
    return None


def _attribute(span: Any, name: str) -> str | None:
    value = attributes_of(span).get(name)
    return value if value and isinstance(value, str) else None
