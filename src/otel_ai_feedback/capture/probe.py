"""Synthetic probes: requests that no user made, and that must not count anywhere.

A probe marks its request by W3C baggage, ``baggage: ai_feedback.probe=true``, which OpenTelemetry
carries through every service behind the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry import baggage
from opentelemetry.context import Context, get_current

from otel_ai_feedback import attributes as names

# Under which a context has its baggage, if it has any: to look there first takes a quarter of the
# time, and every LLM span asks.
_BAGGAGE: Final = next(iter(baggage.set_baggage(names.PROBE, "true", Context())))
_NO: Final = frozenset({"", "0", "false"})


def is_probe(context: Context | None = None) -> bool:
    """Whether the baggage of a context, the current one by default, marks a probe."""
    if context is None:
        context = get_current()
    if _BAGGAGE not in context:
        return False
    mark = baggage.get_baggage(names.PROBE, context)
    return mark is not None and str(mark).lower() not in _NO


def marks_probe(attributes: Mapping[str, Any]) -> bool:
    """Whether a request is marked as a probe.

    Args:
        attributes: Those of its first span.
    """
    return attributes.get(names.PROBE) is True
