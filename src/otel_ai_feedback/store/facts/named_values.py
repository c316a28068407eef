"""How many features, releases, models and prompt versions have a name of their own in a week.

Everything is counted by them, so what it costs would follow their number: a user id as a feature
would make a feature of every user. The first so many of a week are named; what comes after them is
counted together, as ``REMAINDER``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.facts.asking import ask
from otel_ai_feedback.store.facts.outputs import Output

REMAINDER: Final = "(other)"
"""What stands for all that have no name of their own."""

MOST_NAMED: Final = {"feature": 100, "model": 100, "release": 100, "prompt_version": 100}
"""A week: of a service's features, and of a feature's models, releases and prompt versions."""

_Scope = tuple[date, str, str, str, str]


class NamedValues:
    """What has a name of its own, as far as it was asked.

    Args:
        client: From ``connect``, with the right to insert.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._weeks: set[date] = set()
        self._known: defaultdict[_Scope, set[str]] = defaultdict(set)
        self._new: list[list[Any]] = []

    def look_up(self, days: Iterable[date]) -> None:
        """Ask what has a name in the weeks of some days, where that was not asked yet."""
        weeks = {_week(day) for day in days} - self._weeks
        if weeks:
            for *scope, value in ask(self._client, "named_values.known", weeks=sorted(weeks)):
                self._known[tuple(scope)].add(value)
            self._weeks |= weeks

    def applied(self, output: Output) -> Output:
        """The output, with names for what has one."""
        place = (_week(output.day), output.service, output.environment)
        feature = self._name(("feature", *place, ""), output.feature)
        within = (*place, feature)
        return output._replace(
            feature=feature,
            model=self._name(("model", *within), output.model),
            release=self._name(("release", *within), output.release),
            prompt_version=self._name(("prompt_version", *within), output.prompt_version),
        )

    def feature(self, day: date, service: str, environment: str, feature: str) -> str:
        """The name of a feature on a day."""
        return self._name(("feature", _week(day), service, environment, ""), feature)

    def _name(self, key: tuple[str, date, str, str, str], value: str) -> str:
        kind, week, service, environment, feature = key
        known = self._known[week, kind, service, environment, feature]
        if not value or value in known:
            return value
        if len(known) >= MOST_NAMED[kind]:
            return REMAINDER
        known.add(value)
        self._new.append([week, kind, service, environment, feature, value])
        return value

    def write(self) -> None:
        """Keep what was named since the last time."""
        if self._new:
            self._client.insert(
                "named_values",
                self._new,
                column_names=["week", "kind", "service", "environment", "feature", "value"],
                settings={"max_partitions_per_insert_block": 0},
            )
            self._new = []


def _week(day: date) -> date:
    # The first day that the engine has is a Thursday.
    return max(day - timedelta(day.weekday()), date(1970, 1, 1))
