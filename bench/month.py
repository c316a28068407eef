"""A month of operation by a simulated clock: is every alert answered, and every number right?

A team of three in Berlin runs one feature across the change of the clock in October. Users come by
day, a bot by night, and one host has a wrong clock. The store is away for hours, in which spans
wait in the Collector and Grafana's webhooks fail and are repeated; spans come twice, and hours
late; alerts come twice, late, again after four hours, or resolved before they fired; the server is
restarted; sending fails; one owner is on holiday, and people do not always react. The clock is
driven, so nothing waits.

Prints one JSON line and exits with 1 if an alert is without an incident or an incident was neither
acknowledged nor escalated to a person, if a message went out twice or an incident was given to
someone on holiday, or if a number is not what the simulation knows to be true::

    python bench/month.py
    python bench/month.py --smoke
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from otel_ai_feedback import store
from otel_ai_feedback.config import load
from otel_ai_feedback.store import facts, jobs
from otel_ai_feedback.triage import file, notification, sending
from otel_ai_feedback.triage.dispatcher import Notifications
from otel_ai_feedback.triage.incidents import Incidents
from otel_ai_feedback.triage.model import Triage
from otel_ai_feedback.triage.service import Service

ZONE: Final = ZoneInfo("Europe/Berlin")
BEGIN: Final = datetime(2025, 10, 23, tzinfo=ZONE)  # a Thursday; the clock changes on Sunday
HOUR: Final = timedelta(hours=1)
HOLIDAY: Final = (date(2025, 10, 23), date(2025, 10, 24))
PEOPLE: Final = ("Ana", "Ben", "Cleo")
SERIES: Final = ("copied", "accepted", "rejected", "edited_heavily", "regenerated")
TRIAGE: Final = f"""
timezone: Europe/Berlin
people:
  - {{name: Ana, contact: "json://127.0.0.1:1/Ana", holidays: [{HOLIDAY[0]}..{HOLIDAY[1]}]}}
  - {{name: Ben, contact: "json://127.0.0.1:1/Ben"}}
  - {{name: Cleo, contact: "json://127.0.0.1:1/Cleo"}}
rotas:
  quality: {{people: [Ana, Ben, Cleo], starts: 2025-10-20}}
quiet: {{hours: 20-8, except: critical}}
"""
COLUMNS: Final = (
    "Timestamp", "TraceId", "SpanId", "ServiceName", "SpanName", "ResourceAttributes",
    "SpanAttributes", "Duration", "Links.TraceId", "Links.SpanId", "Links.TraceState",
    "Links.Attributes",
)  # fmt: skip

Span = list[Any]


@dataclass
class Truth:
    """What happened, by the team's own days."""

    answers: Counter[date] = field(default_factory=Counter)
    copied: Counter[date] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    alerts: set[str] = field(default_factory=set)


class World:
    """What sends telemetry and alerts."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.truth = Truth()
        # what has not reached the store yet, by the time from which it can
        self.spans: list[tuple[datetime, Span]] = []
        self.webhooks: list[tuple[datetime, dict[str, Any]]] = []

    def hour(self, at: datetime) -> None:
        """What users, the bot, the wrong clock and Grafana do in an hour."""
        local = at.astimezone(ZONE)
        for _ in range(self.dice.randint(2, 4) if 7 <= local.hour < 23 else 1):
            moment = at + timedelta(seconds=self.dice.randrange(3600))
            answer, ids = self._answer(moment)
            day = moment.astimezone(ZONE).date()
            self.truth.answers[day] += 1
            self._send(answer, at)
            if self.dice.random() < 0.4:
                self.truth.copied[day] += 1
                self._send(self._copy(moment + timedelta(seconds=9), moment, ids), at)
        if local.hour == 3:
            bot, ids = self._answer(at, **{"user_agent.synthetic.type": "bot"})
            self.truth.apart["bot"] += 1
            self._send(bot, at)
            self._send(self._copy(at + HOUR / 60, at, ids), at)
        if local.hour == 12:
            wrong = datetime(self.dice.choice((1990, 2070)), 5, 5, tzinfo=timezone.utc)
            self.truth.apart["implausible time"] += 1
            self._send(self._answer(wrong + (at - BEGIN))[0], at)
        if self.dice.random() < 0.08:
            self._alert(at)

    def _send(self, span: Span, at: datetime) -> None:
        """At once, hours late, or twice."""
        late = self.dice.choice((0, 0, 0, 0, 0, 5, 30))
        self.spans.append((at + HOUR * (1 + late), span))
        if self.dice.random() < 0.1:
            self.spans.append((at + HOUR * (2 + late), span))

    def _ids(self) -> tuple[str, str]:
        return f"{self.dice.getrandbits(128):032x}", f"{self.dice.getrandbits(64):016x}"

    def _answer(self, at: datetime, **more: str) -> tuple[Span, tuple[str, str]]:
        trace, span = ids = self._ids()
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.response.model": "small",
            "ai_feedback.output.time": str(int(at.timestamp())),
            "ai_feedback.output.hash": f"sha256:{trace}",
            "ai_feedback.output.length": "300",
            "ai_feedback.request.span_id": span,
            "ai_feedback.request.seq": "1",
            "ai_feedback.handle.kind": "output",
            "ai_feedback.feature": "chat",
            "ai_feedback.subject": f"user {self.dice.randrange(30)}",
        }
        return _row(at, ids, attributes | more, 2_000_000_000, None), ids

    def _copy(self, at: datetime, answered: datetime, to: tuple[str, str]) -> Span:
        ids = self._ids()
        attributes = {
            "ai_feedback.action.name": "copy",
            "ai_feedback.action.id": ids[0],
            "ai_feedback.action.source": "browser",
            "ai_feedback.action.value": "1",
            "ai_feedback.link.method": "handle",
            "ai_feedback.output.time": str(int(answered.timestamp())),
        }
        return _row(at, ids, attributes, 0, to)

    def _alert(self, at: datetime) -> None:
        series = self.dice.choice(SERIES)
        labels = {
            "alertname": "signal-drift", "service": "shop", "environment": "production",
            "feature": "chat", "series": series, "direction": "fell",
            "severity": self.dice.choice(("critical", "warning")),
        }  # fmt: skip
        firing = _alert_body("firing", labels, at)
        resolved = _alert_body("resolved", labels, at)
        self.truth.alerts.add(series)
        if self.dice.random() < 0.2:
            self.webhooks.append((at, _alert_body("resolved", labels, at - HOUR)))
        late = self.dice.choice((0, 0, 9))
        for repeat in (0, 0, 4, 8):
            self.webhooks.append((at + HOUR * (late + repeat), firing))
        self.webhooks.append((at + HOUR * (late + 12), resolved))


def _row(
    at: datetime, ids: tuple[str, str], attributes: dict[str, str], ns: int,
    link: tuple[str, str] | None,
) -> Span:  # fmt: skip
    resource = {
        "service.name": "shop", "deployment.environment.name": "production",
        # what is of the past counts as ingested when it ended
        "ai_feedback.backfill": "true",
    }  # fmt: skip
    links: tuple[list[Any], ...] = ([link[0]], [link[1]], [""], [{}]) if link else ([], [], [], [])
    return [at, *ids, "shop", "chat", resource, attributes, ns, *links]


def _alert_body(status: str, labels: dict[str, str], at: datetime) -> dict[str, Any]:
    return {
        "status": status, "labels": labels, "annotations": {"summary": "copied fell"},
        "startsAt": at.astimezone(timezone.utc).isoformat(), "values": {"answers": 100},
    }  # fmt: skip


class Team:
    """Three people who get messages, and mostly react at work."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.received: list[tuple[str, str]] = []
        self.failed = 0

    def send(self, address: str, title: str, text: str) -> None:
        """Take a message; one in ten times the service that delivers them is away."""
        if self._dice.random() < 0.1:
            self.failed += 1
            raise sending.SendError("json: no route to host")
        self.received.append((address.rpartition("/")[2], f"{title}\n{text}"))

    def react(self, incidents: Incidents, triage: Triage, at: datetime) -> None:
        """People at work acknowledge what is theirs in one hour of three, and resolve it later."""
        for incident in incidents.listed(as_of=at):
            calendar = triage.people[incident.owner].calendar
            local = at.astimezone(ZONE)
            at_work = calendar.works_on(local.date()) and 9 <= local.hour < 17
            if not at_work or not incident.open or self._dice.random() > 0.33:
                continue
            if incident.state == "open":
                incidents.acknowledge(incident.incident_id, author=incident.owner, at=at)
            else:
                incidents.resolve(
                    incident.incident_id,
                    author=incident.owner,
                    cause="prompt",
                    fix="took the change back",
                    moves=incident.series,
                    at=at,
                )


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=31)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--smoke", action="store_true", help="five days, as CI does")
    chosen = options.parse_args()
    days, every = (5, 4) if chosen.smoke else (chosen.days, 1)
    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={
                "OTEL_AI_FEEDBACK_STATE_DIR": directory,
                "OTEL_AI_FEEDBACK_TIMEZONE": str(ZONE),
            }
        )
        client = store.connect(settings.store)
        store.migrate(client, settings)
        found = simulated(client, days, every, random.Random(chosen.seed))
        client.close()
    print(json.dumps(found))
    sys.exit(bool(found["wrong"]))


def simulated(client: Client, days: int, every: int, dice: random.Random) -> dict[str, Any]:
    """What happened, and what of it was wrong.

    Args:
        client: Of an empty store.
        days: For how long something happens; then two days for what is due.
        every: How many hours pass between two turns of the service.
        dice: What decides.
    """
    triage = file.parse(TRIAGE, [])
    world, team = World(dice), Team(dice)
    service, incidents = (
        Service(client, triage, "http://serve", team.send),
        Incidents(client, triage),
    )
    outage = _outages(days, dice)
    quiet_since = BEGIN + timedelta(days=days)
    end = quiet_since + timedelta(days=2)
    at, turn, restarts = BEGIN.astimezone(timezone.utc), 0, 0
    while at < end:
        if at < quiet_since:
            world.hour(at)
        if at not in outage and turn % every == 0:
            if turn % 8 == 0:
                _deliver(client, world, at)
            for due in [each for each in world.webhooks if each[0] <= at]:
                world.webhooks.remove(due)
                alert = notification.parse_alert(json.loads(json.dumps(due[1])))
                incidents.take(alert, source="grafana", at=at)
            service.run(at)
            team.react(incidents, triage, at)
            if dice.random() < 0.03:
                restarts += 1
                service = Service(client, triage, "http://serve", team.send)
                incidents = Incidents(client, triage)
            if turn % 72 == 48:
                jobs.run(client, at)
        at += HOUR
        turn += 1
    _deliver(client, world, at + timedelta(days=3))
    jobs.run(client, at + timedelta(days=1))
    wrong = [
        *_wrong_numbers(client, world.truth),
        *_wrong_incidents(incidents, world.truth, at),
        *_wrong_messages(client, team, incidents, at),
    ]
    return {
        "days": days, "answers": sum(world.truth.answers.values()),
        "apart": dict(world.truth.apart), "incidents": len(incidents.listed(as_of=at)),
        "messages": len(team.received), "failed": team.failed, "hours_of_outage": len(outage),
        "restarts": restarts, "wrong": wrong,
    }  # fmt: skip


def _outages(days: int, dice: random.Random) -> set[datetime]:
    """The hours in which the store is away: one in four days, up to six hours."""
    found = set()
    for _ in range(max(days // 4, 1)):
        first = BEGIN.astimezone(timezone.utc) + HOUR * dice.randrange(days * 24)
        found |= {first + HOUR * number for number in range(dice.randint(1, 6))}
    return found


def _deliver(client: Client, world: World, at: datetime) -> None:
    """Write what waited for the store, and bring facts up to date."""
    due = [span for when, span in world.spans if when <= at]
    if due:
        world.spans = [each for each in world.spans if each[0] > at]
        client.insert("otel_traces", due, column_names=list(COLUMNS))
        facts.catch_up(client)


def _wrong_numbers(client: Client, truth: Truth) -> list[str]:
    wrong = []
    outputs = client.query(
        "select day, count(), countIf(class = 'used') from outputs group by day"
    ).result_rows
    rates = client.query(
        "select day, toUInt64(sum(n_weighted)), toUInt64(sum(k_weighted)) from signal_rates "
        "where series = 'copied' group by day"
    ).result_rows
    right = {day: (truth.answers[day], truth.copied[day]) for day in truth.answers}
    for name, rows in (("outputs", outputs), ("signal_rates", rates)):
        found = {day: (answers, copied) for day, answers, copied in rows}
        wrong += [
            f"{name} on {day}: {found.get(day)} instead of {right.get(day)}"
            for day in sorted(found.keys() | right.keys())
            if found.get(day) != right.get(day)
        ]
    rows = client.query(
        "select excluded, count() from output_facts final where excluded != '' group by 1"
    ).result_rows
    apart = {str(reason): int(number) for reason, number in rows}
    if apart != truth.apart:
        wrong.append(f"counted apart: {apart} instead of {dict(truth.apart)}")
    return wrong


def _wrong_incidents(incidents: Incidents, truth: Truth, at: datetime) -> list[str]:
    wrong = []
    listed = incidents.listed(as_of=at)
    missing = truth.alerts - {incident.series for incident in listed}
    wrong += [f"no incident of {series}" for series in sorted(missing)]
    open_at_once: Counter[str] = Counter(each.series for each in listed if each.open)
    wrong += [f"{n} open incidents of {series}" for series, n in open_at_once.items() if n > 1]
    for incident in listed:
        kinds = {event.kind for event in incidents.events(incident.incident_id)}
        if not kinds & {"acknowledged", "escalated", "resolved"}:
            wrong.append(f"{incident.incident_id} was neither answered nor escalated")
        if incident.owner not in PEOPLE:
            wrong.append(f"{incident.incident_id} has no named owner")
        given = incident.round_at.astimezone(ZONE).date()
        if incident.on_duty == "Ana" and HOLIDAY[0] <= given <= HOLIDAY[1]:
            wrong.append(f"{incident.incident_id} was given to someone on holiday")
    return wrong


def _wrong_messages(client: Client, team: Team, incidents: Incidents, at: datetime) -> list[str]:
    listed = Notifications(client).listed(as_of=at)
    sent = [each for each in listed if each.state == "sent"]
    wrong = [
        f"{each.notification_id} is {each.state}" for each in listed if each.state == "unknown"
    ]
    steps: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for each in sent:
        steps[each.incident_id, each.step, each.person] += 1
    wrong += [f"twice: {step}" for step, number in steps.items() if number > 1]
    if len(team.received) != len(sent):
        wrong.append(f"{len(team.received)} messages arrived, {len(sent)} are noted as sent")
    wrong += [
        f"twice to {person}: {text.splitlines()[0]}"
        for (person, text), number in Counter(team.received).items()
        if number > 1
    ]
    return wrong


if __name__ == "__main__":
    main()
