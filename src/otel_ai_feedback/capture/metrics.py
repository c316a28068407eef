"""What capture counts, as an OpenTelemetry metric for services that have a meter provider."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from opentelemetry.metrics import CallbackOptions, Observation, get_meter

from otel_ai_feedback import attributes as names
from otel_ai_feedback._version import __version__
from otel_ai_feedback.capture.guard import GUARD


@cache
def provide() -> None:
    """Have the counts read by whichever meter provider the application sets, now or later."""
    get_meter("otel_ai_feedback", __version__).create_observable_counter(
        names.METRIC_EVENTS,
        callbacks=[_observe],
        unit="{event}",
        description="What capture did and what it refused, by reason.",
    )


def _observe(_: CallbackOptions) -> Iterable[Observation]:
    return [
        Observation(count, {names.REASON: reason})
        for reason, count in GUARD.counts.snapshot().items()
    ]
