"""What there is to see when an incident is opened: the outputs behind it, and what had changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.rollups import text
from otel_ai_feedback.store.statements import statement
from otel_ai_feedback.triage.alerts import Alert

MOST_OUTPUTS: Final = 500
"""How many outputs an incident keeps; it says how many there were."""

# An alarm that adds up evidence rings some days after the fall.
_DAYS_BEFORE: Final = 7


@dataclass(frozen=True)
class Evidence:
    """What was found.

    Attributes:
        outputs: Ids of the outputs behind the alarm, the newest first.
        direction: Where its series went: ``fell``, ``rose``, or empty when that is not known.
        details: ``outputs_behind``, how many there are, and ``changes`` before it.
    """

    outputs: list[str]
    direction: str
    details: dict[str, Any]


def gather(client: Client, alert: Alert, at: datetime) -> Evidence:
    """What is behind an alert.

    Args:
        client: From ``store.connect``.
        alert: The alert.
        at: When it came.
    """
    direction = alert.direction or _direction(client, alert, at)
    since = min(alert.starts_at or at, at) - timedelta(days=_DAYS_BEFORE)
    rows = client.query(
        statement("triage/outputs_behind").text,
        parameters={
            "as_of": _moment(at),
            # Days are those of the store's zone, which is at most a day from UTC.
            "since": since.date(),
            "until": (at + timedelta(days=1)).date(),
            "direction": direction,
            "most": MOST_OUTPUTS,
            **_thing(alert),
        },
    ).result_rows
    behind = int(rows[0][1]) if rows else 0
    return Evidence(
        [str(row[0]) for row in rows],
        direction,
        {"outputs_behind": behind, **changes(client, alert, at)},
    )


def changes(client: Client, alert: Alert, at: datetime) -> dict[str, Any]:
    """What changed in the alert's group in the two weeks before, under the key ``changes``."""
    rows = client.query(
        statement("triage/changes").text,
        parameters={
            "as_of": _moment(at),
            "service": alert.service,
            "environment": alert.environment,
            "feature": alert.feature,
        },
    ).result_rows
    return {
        "changes": [
            {"time": f"{time:%Y-%m-%dT%H:%M:%SZ}", "kind": kind, "text": said}
            for time, kind, said in rows
        ]
    }


def _direction(client: Client, alert: Alert, at: datetime) -> str:
    if not alert.series:
        return ""
    rows = client.query(
        statement("triage/direction").text, parameters={"as_of": _moment(at), **_thing(alert)}
    ).result_rows
    return str(rows[0][0]) if rows else ""


def _thing(alert: Alert) -> dict[str, str]:
    return {name: value for name, value in alert.key.items() if name != "rule"}


def _moment(at: datetime) -> str:
    return text(at.replace(tzinfo=None))
