"""Evaluates a rule as Grafana does: a query, each series reduced to one number, a threshold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from otel_ai_feedback.alerts.macros import Window, expand
from otel_ai_feedback.alerts.rule import Rule

RANGE = timedelta(hours=1)
"""What the time macros of a rule span; every rule uses only the end of it."""


class RuleError(Exception):
    """A rule cannot be evaluated; the message says why."""


@dataclass(frozen=True)
class Reading:
    """One series of a rule at one moment.

    Attributes:
        labels: What identifies it among the rule's series.
        values: Its numbers by the names that the rule gives them; the first alone while no series
            of the rule is on the wrong side.
        breached: Whether the value is on the wrong side of the threshold.
    """

    labels: Mapping[str, str]
    values: Mapping[str, float]
    breached: bool


def read(client: Client, rule: Rule, at: datetime) -> list[Reading]:
    """Every series of a rule.

    Args:
        client: A client of the store; reading is enough.
        rule: The rule.
        at: The moment as of which it is evaluated, with a time zone.

    Raises:
        RuleError: The store rejected the query, or its result is not what a rule may return.
    """
    values = _series(client, rule, rule.sql, at)
    # Further numbers are for messages, of which there are none while nothing is wrong.
    wanted = rule.more if any(rule.breached(value) for _, value in values) else ()
    more = {
        name: {
            _key(labels): value for labels, value in _series(client, rule, rule.more_sql(name), at)
        }
        for name in wanted
    }
    readings = []
    for labels, value in values:
        beside = {
            name: found[_key(labels)] for name, found in more.items() if _key(labels) in found
        }
        readings.append(Reading(labels, {rule.quantity: value} | beside, rule.breached(value)))
    if len({_key(reading.labels) for reading in readings}) != len(readings):
        raise RuleError(f"{rule.name}: two rows have the same labels")
    return readings


def _key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _series(
    client: Client, rule: Rule, sql: str, at: datetime
) -> list[tuple[dict[str, str], float]]:
    try:
        rows = client.query(expand(sql, Window(at - RANGE, at))).named_results()
    except ClickHouseError as error:
        raise RuleError(f"{rule.name}: {str(error).strip().partition(chr(10))[0]}") from error
    found = []
    for row in rows:
        value = row.pop("value", None)
        # Grafana takes exactly one number and otherwise texts; anything else is an error there.
        if not isinstance(value, float) or math.isnan(value):
            raise RuleError(f"{rule.name}: value is {value!r}, not a number")
        for name, label in row.items():
            if not isinstance(label, str):
                raise RuleError(f"{rule.name}: {name} is {label!r}, not a text")
        found.append((row, value))
    return found
