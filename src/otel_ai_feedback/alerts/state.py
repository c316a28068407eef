"""How long each series of each rule has been over its threshold: Grafana keeps this in memory.

The arithmetic is a function of values; the file is read and replaced by ``Checker``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from otel_ai_feedback.alerts.alert import ERROR, NO_DATA, Alert
from otel_ai_feedback.alerts.evaluate import Reading
from otel_ai_feedback.alerts.rule import Rule
from otel_ai_feedback.alerts.webhook import annotations_of, labels_of, links_of

TELL_AGAIN: Final = timedelta(hours=4)
"""A firing alert is repeated after this time; Grafana's own default."""


@dataclass(frozen=True)
class Series:
    """A series that is or was over the threshold.

    Attributes:
        labels: All labels of its alert.
        since: Since when it is over the threshold.
        fires_since: Since when it fires; ``None`` while it has not been over it for long enough.
        told_at: When it was last news.
    """

    labels: Mapping[str, str]
    since: datetime
    fires_since: datetime | None = None
    told_at: datetime | None = None


@dataclass(frozen=True)
class State:
    """The memory between two evaluations.

    Attributes:
        evaluated: When each rule was evaluated last, by its name.
        series: The series of each rule that are on the wrong side.
    """

    evaluated: Mapping[str, datetime] = field(default_factory=dict)
    series: Mapping[str, tuple[Series, ...]] = field(default_factory=dict)

    def is_due(self, rule: Rule, now: datetime) -> bool:
        """Whether a rule has not been evaluated for as long as it may rest."""
        last = self.evaluated.get(rule.name)
        # Half a minute early is on time: else a busy machine skips every second run.
        return last is None or now - last >= timedelta(seconds=rule.every - 30)


def advance(
    known: Iterable[Series],
    rule: Rule,
    found: Iterable[Reading] | str,
    now: datetime,
    url: str,
) -> tuple[tuple[Series, ...], list[Alert]]:
    """The next memory of a rule, and its alerts.

    Args:
        known: The series of the rule that were on the wrong side.
        rule: The rule.
        found: Its series now, or why it could not be evaluated.
        now: The moment of the evaluation.
        url: Address of ``serve`` for links, without a slash at the end.

    Returns:
        The series that are on the wrong side now, and the alerts: those that stand, and those that
        stood and do no longer.
    """
    before = {_key(series.labels): series for series in known}
    wrong = _wrong(rule, found)
    if wrong is None:
        return tuple(before.values()), [
            _alert(rule, series, {}, url, starts_at=series.fires_since, is_news=False)
            for series in before.values()
            if series.fires_since
        ]
    after, alerts = [], []
    for labels, values, error in wrong:
        old = before.pop(_key(labels), None)
        since = old.since if old else now
        fires_since = old.fires_since if old else None
        if fires_since is None and now - since >= timedelta(seconds=rule.for_seconds):
            fires_since = now
        told_at = old.told_at if old else None
        is_news = fires_since is not None and (told_at is None or now - told_at >= TELL_AGAIN)
        after.append(Series(labels, since, fires_since, now if is_news else told_at))
        if fires_since:
            alerts.append(
                _alert(
                    rule,
                    after[-1],
                    values,
                    url,
                    starts_at=fires_since,
                    is_news=is_news,
                    error=error,
                )
            )
    alerts += [
        _alert(rule, series, {}, url, starts_at=series.fires_since, ends_at=now)
        for series in before.values()
        if series.fires_since
    ]
    return tuple(after), alerts


def dumped(state: State) -> str:
    """The state as text."""
    return json.dumps(
        {
            "evaluated": {name: at.isoformat() for name, at in sorted(state.evaluated.items())},
            "series": {
                name: [_dumped(series) for series in several]
                for name, several in sorted(state.series.items())
                if several
            },
        },
        indent=1,
    )


def loaded(text: str) -> State:
    """The state that a text holds.

    Raises:
        ValueError: It holds none.
    """
    try:
        document = json.loads(text)
        return State(
            {name: datetime.fromisoformat(at) for name, at in document["evaluated"].items()},
            {
                name: tuple(_loaded(series) for series in several)
                for name, several in document["series"].items()
            },
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise ValueError(f"not a state of alerts ({error!r})") from error


def _wrong(
    rule: Rule, found: Iterable[Reading] | str
) -> list[tuple[dict[str, str], Mapping[str, float], str]] | None:
    """Labels, values and error of what is on the wrong side; ``None`` to keep what was known."""
    if isinstance(found, str):
        return _special(rule, rule.on_error, ERROR, found)
    readings = list(found)
    if not readings:
        return _special(rule, rule.no_data, NO_DATA, f"{rule.name}: no data")
    return [
        (labels_of(rule, reading.labels), reading.values, "")
        for reading in readings
        if reading.breached
    ]


def _special(
    rule: Rule, means: str, alertname: str, why: str
) -> list[tuple[dict[str, str], Mapping[str, float], str]] | None:
    if means == "KeepLast":
        return None
    if means == "OK":
        return []
    if means == "Alerting":
        return [(labels_of(rule, {}), {}, why)]
    return [(labels_of(rule, {"rulename": rule.name}, alertname), {}, why)]


def _alert(
    rule: Rule,
    series: Series,
    values: Mapping[str, float],
    url: str,
    *,
    starts_at: datetime,
    ends_at: datetime | None = None,
    is_news: bool = True,
    error: str = "",
) -> Alert:
    return Alert(
        "resolved" if ends_at else "firing",
        series.labels,
        values,
        starts_at,
        ends_at,
        annotations_of(rule, series.labels, values, url, error),
        links_of(rule, url),
        is_news=is_news,
    )


def _key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _dumped(series: Series) -> dict[str, Any]:
    moments = {"since": series.since, "fires_since": series.fires_since, "told_at": series.told_at}
    return {"labels": dict(series.labels)} | {
        name: at.isoformat() for name, at in moments.items() if at
    }


def _loaded(series: Mapping[str, Any]) -> Series:
    return Series(
        dict(series["labels"]),
        datetime.fromisoformat(series["since"]),
        *(
            datetime.fromisoformat(series[name]) if name in series else None
            for name in ("fires_since", "told_at")
        ),
    )
