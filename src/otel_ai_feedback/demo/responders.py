"""Simulated people on duty: the rules are evaluated day by day, and they answer what is found.

The rules decide whether and when there is an incident; all that is simulated is that its owner
acknowledges it the same day, and resolves it when the release goes out that repairs its feature, or
at once where reviewers find only later what has been repaired.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback import formats
from otel_ai_feedback.alerts.alert import Alert
from otel_ai_feedback.alerts.check import Checker
from otel_ai_feedback.alerts.rules import rules
from otel_ai_feedback.config import Settings
from otel_ai_feedback.demo.story import Fix, Run
from otel_ai_feedback.signals import BY_NAME
from otel_ai_feedback.store.ask import command
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.model import Triage
from otel_ai_feedback.triage.rows import Incident
from otel_ai_feedback.triage.service import Service

DRIFT: Final = "signal-drift"
QUALITY: Final = "quality-fell"
"""What is evaluated for the past. Health checks are about the present, and start with ``serve``."""

_DAY: Final = timedelta(days=1)
# Nothing can be compared with a past of less than two weeks.
_FIRST_DAYS: Final = 14 * _DAY
# Reviewers have read the week before by then.
_READ_BY: Final = 4
# A day has closed, and its last answers are counted.
_EVALUATED_AT: Final = timedelta(hours=6)
_ACKNOWLEDGED_AFTER: Final = timedelta(hours=3, minutes=40)
_RESOLVED_AFTER: Final = timedelta(minutes=30)
_CHECKED_AFTER_DAYS: Final = 5
_GOOD_DIRECTION: Final = {"fell": "up", "rose": "down"}


def answer(
    client: Client,
    settings: Settings,
    who: Triage,
    url: str,
    run: Run,
    fixes: Sequence[Fix],
    tell: Callable[[str], None],
) -> None:
    """Let the days of a window pass on duty.

    Args:
        client: From ``store.connect``, with the right to insert; the jobs have run.
        settings: Those of ``serve``, which goes on from the state that is left here.
        who: Who owns what.
        url: Address of the pages.
        run: The window.
        fixes: What is repaired in it, and when.
        tell: Called with a line for everything that happens.
    """
    start = datetime.fromtimestamp(run.start, timezone.utc)
    end = datetime.fromtimestamp(run.end, timezone.utc)
    incidents = Incidents(client, who)
    known = {rule.name: rule for rule in rules(settings.alert_thresholds)}
    daily = Checker.of(client, settings, url, [known[DRIFT]])
    weekly = Checker.of(client, settings, url, [known[DRIFT], known[QUALITY]])
    service = Service(client, who, url)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight + _FIRST_DAYS + _EVALUATED_AT
    while day <= end:
        repaired = [fix for fix in fixes if day - _DAY < _time(fix) + _RESOLVED_AFTER <= day]
        for fix in repaired:
            _resolve(incidents, fix, tell)
            command(client, "triage/exclusions", as_of=day)

        def take(news: list[Alert], at: datetime = day) -> None:
            for alert in news:
                opened = incidents.take(alert, source="check", at=at)
                if opened.opened:
                    acknowledged = min(at + _ACKNOWLEDGED_AFTER, end)
                    incident = incidents.acknowledge(
                        opened.incident_id, author=opened.owner, at=acknowledged
                    )
                    tell(f"{formats.day(at)}: {incident.title}; owner: {opened.owner}")
                    done = [fix for fix in fixes if fix.feature == alert.feature]
                    if alert.rule == QUALITY and done and _time(done[-1]) < at:
                        _resolve_one(incidents, incident, done[-1], acknowledged, tell)

        (weekly if day.weekday() == _READ_BY else daily).run(day, tell=take)
        for said in service.look_at_fixes(day):
            tell(f"{formats.day(day)}: fix check: {said}")
        day += _DAY
    command(client, "triage/exclusions", as_of=end)


def _resolve(incidents: Incidents, fix: Fix, tell: Callable[[str], None]) -> None:
    for incident in incidents.listed(is_open=True, as_of=_time(fix)):
        if incident.feature == fix.feature and incident.rule in (DRIFT, QUALITY):
            _resolve_one(incidents, incident, fix, _time(fix), tell)


def _resolve_one(
    incidents: Incidents, incident: Incident, fix: Fix, after: datetime, tell: Callable[[str], None]
) -> None:
    at = after + _RESOLVED_AFTER
    incidents.resolve(
        incident.incident_id,
        author=incident.owner,
        cause=fix.cause,
        fix=fix.words,
        moves=_moves(incident),
        check_day=(at + _CHECKED_AFTER_DAYS * _DAY).date() if incident.series else None,
        at=at,
    )
    tell(f"{formats.day(at)}: {incident.owner} resolved {incident.title}")


def _moves(incident: Incident) -> str:
    if not incident.series:
        return "quality:up"
    good = {"high": "up", "low": "down"}.get(BY_NAME[incident.series].good)
    return f"{incident.series}:{good or _GOOD_DIRECTION[incident.direction]}"


def _time(fix: Fix) -> datetime:
    return datetime.fromtimestamp(fix.at, timezone.utc)
