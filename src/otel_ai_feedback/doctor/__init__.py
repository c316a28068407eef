"""The doctor: walks the whole chain for the settings of this process, and says what to fix.

One module an area, in the order in which data goes. Each yields findings; what an earlier one has
found out (the store's client, the probe) is left in the visit for later ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from otel_ai_feedback.doctor import (
    alarms,
    arrival,
    clocks,
    configuration,
    content,
    endpoint,
    grafana,
    instrumentations,
    key,
    page,
    probe,
    stored,
)
from otel_ai_feedback.doctor.finding import FAILURE, Finding, failure, not_applicable
from otel_ai_feedback.doctor.visit import GrafanaAccess, Visit

__all__ = ["AREAS", "FAILURE", "Finding", "GrafanaAccess", "Visit", "examine"]

Area = Callable[[Visit], Iterator[Finding]]

AREAS: Final[dict[str, Area]] = {
    "settings": configuration.check,
    "key": key.check,
    "instrumentation": instrumentations.check,
    "content": content.check,
    "output": probe.check,
    "exporter": endpoint.check,
    "store": stored.check,
    "clock": clocks.check,
    "chain": arrival.check,
    "page": page.check,
    "alarms": alarms.check,
    "grafana": grafana.check,
}
"""Every area by its name, in order: the name is the first part of the names of its checks."""


def examine(visit: Visit) -> Iterator[Finding]:
    """Run every check.

    Args:
        visit: What to look at.

    Yields:
        Findings in order. A check that fails in an unforeseen way is a failure of its own,
        and the others still run.
    """
    for name, area in AREAS.items():
        try:
            yield from area(visit)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] == "otel_ai_feedback":
                raise
            yield not_applicable(
                f"{name}.packages",
                f"{error.name} is not installed in this environment",
                "to check it from here: pip install 'otel-ai-feedback[serve,triage]'",
            )
        except Exception as error:
            yield failure(
                f"{name}.unexpected",
                f"the check itself failed: {type(error).__name__}: {str(error)[:300]}",
                "run it again with --verbose, and report it with what it prints",
            )
