"""The evidence kept when an incident opens: affected outputs and recent changes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from otel_ai_feedback.alerts.alert import Alert
from otel_ai_feedback.store.ask import ask

MOST_OUTPUTS: Final = 500
"""How many outputs an incident keeps; it says how many there were."""

# A rule that accumulates evidence fires some days after the fall.
_DAYS_BEFORE: Final = 7
# For one that has been firing for months the newest days are enough.
_MOST_DAYS: Final = 14

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evidence:
    """What was found.

    Attributes:
        outputs: Ids of the affected outputs, the newest first.
        direction: Where its series went: ``fell``, ``rose``, or empty when that is not known.
        details: ``outputs_behind``, how many there are, ``began``, when the series began to change
            (a day, or a time in UTC), and ``changes`` before it.
    """

    outputs: list[str]
    direction: str
    details: dict[str, Any]


def gather(client: Client, alert: Alert, at: datetime) -> Evidence:
    """The evidence for an alert. What the store cannot answer in time is noted as missing.

    Args:
        client: From ``store.connect``.
        alert: The alert.
        at: When it came.
    """
    direction, began = _change(client, alert, at)
    since = max(
        min(alert.starts_at or at, at) - timedelta(days=_DAYS_BEFORE),
        at - timedelta(days=_MOST_DAYS),
    )
    rows, why = _asked(
        client, "outputs_behind", at,
        # Days are those of the store's zone, which is at most a day from UTC.
        since=since.date(), until=(at + timedelta(days=1)).date(),
        direction=direction, most=MOST_OUTPUTS, **_thing(alert),
    )  # fmt: skip
    behind = {"outputs_behind": int(rows[0][1]) if rows else 0} if not why else {"missing": why}
    return Evidence(
        [str(row[0]) for row in rows],
        direction,
        {**behind, **began, **changes(client, alert, at)},
    )


def changes(client: Client, alert: Alert, at: datetime) -> dict[str, Any]:
    """What changed in the alert's group in the two weeks before, under the key ``changes``."""
    rows, _ = _asked(
        client, "changes", at,
        service=alert.service, environment=alert.environment, feature=alert.feature,
    )  # fmt: skip
    return {
        "changes": [
            {"time": f"{time:%Y-%m-%dT%H:%M:%SZ}", "kind": kind, "text": said}
            for time, kind, said in rows
        ]
    }


def _change(client: Client, alert: Alert, at: datetime) -> tuple[str, dict[str, str]]:
    """Where its series went, and since when, under the key ``began``: a day, or a time in UTC."""
    if not alert.series:
        return alert.direction, {}
    question = "outage_change" if alert.rule == "outage" else "drift_change"
    rows, _ = _asked(client, question, at, **_thing(alert))
    if not rows:
        return alert.direction, {}
    direction, began = rows[0]
    return alert.direction or str(direction), {"began": str(began)}


def _asked(
    client: Client, name: str, at: datetime, **parameters: Any
) -> tuple[Sequence[Sequence[Any]], str]:
    """Rows of a question, or why there are none: nothing of this may keep an incident shut."""
    try:
        found = ask(client, f"triage/{name}", as_of=at, **parameters)
    except ClickHouseError as error:
        _logger.warning("%s: %s", name, error)
        return [], str(error).partition("\n")[0]
    return [tuple(row.values()) for row in found], ""


def _thing(alert: Alert) -> dict[str, str]:
    return {name: value for name, value in alert.key.items() if name != "rule"}
