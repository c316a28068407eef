"""What to do about model calls without our tags, by the language of the service."""

from __future__ import annotations

from typing import Final

_PYTHON: Final = (
    "Call otel_ai_feedback.instrument() in that process, or start it with "
    "opentelemetry-instrument where otel-ai-feedback is installed."
)
_NODE: Final = (
    "npm install @otel-ai-feedback/node, and put new FeedbackSpanProcessor() among the span "
    "processors, or start it with node --import @otel-ai-feedback/node/register (docs/node.md)."
)
_RECIPE: Final = "Add the code of docs/other-languages.md to that service."
_OTHERS: Final = "Have the Collector tag them (docs/collector.md)."
# By `telemetry.sdk.language`, which every SDK sets.
_BY_LANGUAGE: Final = {
    "": _PYTHON,
    "python": _PYTHON,
    "nodejs": _NODE,
    "webjs": _NODE,
    "java": _RECIPE,
    "dotnet": _RECIPE,
}


def how_to_tag(language: str) -> str:
    """What to do in a service of a language, as ``telemetry.sdk.language`` names it."""
    return _BY_LANGUAGE.get(language, _OTHERS)
