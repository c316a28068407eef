"""One pass over what has arrived: outputs first, then how groups deliver, then actions.

Results of other tools come last: they are about outputs too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.facts import delivery, erased, rows
from otel_ai_feedback.store.facts.actions import NO_DAY, Late, Sent, Target, linked, placed
from otel_ai_feedback.store.facts.asking import ask, command, day_of
from otel_ai_feedback.store.facts.exclusions import Exclusions
from otel_ai_feedback.store.facts.named_values import NamedValues
from otel_ai_feedback.store.facts.outputs import Request, Span, outputs

Kind = Literal["refresh", "catch_up"]

TOGETHER: Final = 1_000
"""Traces, or actions, that are looked at together: their names go with each question."""

_NAMES_AT_ONCE: Final = 200_000
_WEEK: Final = timedelta(7)
_KINDS: Final[dict[Kind, list[Kind]]] = {
    "refresh": ["refresh"],
    "catch_up": ["refresh", "catch_up"],
}
_FIRST_TIME: Final = -(2**63)


@dataclass(frozen=True)
class _Pass:
    """Since when telemetry may be new, since when facts may be unsettled, and when it began.

    What is left out by the team's list is so from the first pass after the list was changed.
    """

    client: Client
    arrived: datetime
    written: datetime
    began_at: datetime
    exclusions: Exclusions
    values: NamedValues

    def ask(self, name: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return ask(self.client, name, **parameters)


def take(client: Client, kind: Kind, overlap: timedelta) -> None:
    """Take in what has arrived since the last pass of this kind or, for ``catch_up``, of any.

    Args:
        client: From ``connect``, with the right to insert.
        kind: Which of the two it is.
        overlap: So much longer before that pass may telemetry have come without being seen.
    """
    seconds = round(overlap.total_seconds())
    ((arrived, written, cut_short, known_state, state, began_at, exclude),) = ask(
        client, "facts_passes.begin", kinds=_KINDS[kind], overlap=seconds
    )
    if state and state == known_state:
        return
    this = _Pass(
        client,
        _time(arrived * 10**6),
        _time(written),
        _time(began_at),
        Exclusions.parse(exclude),
        NamedValues(client),
    )
    _write_outputs(this)
    delivery.apply_rules(client, this.written, check=bool(cut_short))
    _write_actions(this)
    command(client, "evaluation_facts.fill", arrived=this.arrived, written=this.written)
    command(client, "facts_passes.set", kind=kind, began_at=this.began_at, state=state)


def _time(microseconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=microseconds)  # noqa: DTZ001


def _write_outputs(this: _Pass) -> None:
    after: dict[str, Any] = {"after_day": NO_DAY, "after_trace": ""}
    while touched := this.ask(
        "output_facts.touched", arrived=this.arrived, limit=_NAMES_AT_ONCE, **after
    ):
        for together in _near(touched):
            first = min(day for _, day, _ in together) - timedelta(2)
            last = max(day for _, _, day in together) + timedelta(2)
            _write_traces(this, [trace for trace, _, _ in together], max(first, NO_DAY), last)
        after = {"after_day": touched[-1][1], "after_trace": touched[-1][0]}
        if len(touched) < _NAMES_AT_ONCE:
            break


def _near(touched: list[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    """Traces that lie together: no more than go with a question, within a week."""
    together: list[tuple[Any, ...]] = []
    for each in touched:
        if together and (len(together) == TOGETHER or each[1] - together[0][1] > _WEEK):
            yield together
            together = []
        together.append(each)
    if together:
        yield together


def _write_traces(this: _Pass, traces: list[str], since: date, until: date) -> None:
    of_traces = {"traces": traces, "since": since, "until": until}
    spans = map(Span._make, this.ask("output_facts.spans", **of_traces))
    requests = map(Request._make, this.ask("output_facts.requests", traces=traces))
    derived: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for day, trace, span, name, time in this.ask("output_facts.derived", **of_traces):
        derived[day, trace, span][name] = time
    known = {row[:3]: row[3:] for row in this.ask("output_facts.known", **of_traces)}
    rules = delivery.rules(this.client, since - timedelta(1), until + timedelta(1))
    found = [this.exclusions.applied(output) for output in outputs(spans, requests)]
    # the first to come have the names
    found.sort(key=lambda output: output.started)
    this.values.look_up(output.day for output in found)
    new = []
    for output in map(this.values.applied, found):
        day, *_, stands, content = known.pop(output[:3], (output.day, False, 0))
        if not stands or content != output.content:
            rule = rules.get(output[3:7], 0)
            more = {"previous_day": day, "rule": rule, "derived": derived.get(output[:3], {})}
            new.append(rows.of_output(output, **more))
    this.values.write()
    rows.write_outputs(this.client, new)
    gone = [(*key, *row[:-2]) for key, row in known.items() if row[-2]]
    rows.withdraw_outputs(this.client, gone)
    written = sorted({row[1] for row in new})
    erased.sweep(this.client, "output_facts", written, since=since, until=until)


def _write_actions(this: _Pass) -> None:
    after: dict[str, Any] = {"after_time": _FIRST_TIME, "after_action": ""}
    while touched := this.ask(
        "linked_actions.touched",
        arrived=this.arrived,
        written=this.written,
        limit=_NAMES_AT_ONCE,
        **after,
    ):
        for together in _near(
            [(name, day_of(first), day_of(last), days) for name, first, last, days in touched]
        ):
            _link(this, together)
        after = {"after_time": touched[-1][1], "after_action": touched[-1][0]}
        if len(touched) < _NAMES_AT_ONCE:
            break


def _link(this: _Pass, touched: list[tuple[Any, ...]]) -> None:
    actions = [name for name, *_ in touched]
    # the days of UTC on which user actions on outputs of the week before may stand
    window = {
        "since": max(
            min(first for _, first, _, _ in touched) - timedelta(9), NO_DAY + timedelta(1)
        ),
        "until": max(last for _, _, last, _ in touched) + timedelta(2),
    }
    days = sorted({day for *_, of_action in touched for day in of_action})
    sent = placed(
        map(Sent._make, this.ask("linked_actions.sent", actions=actions, days=days, **window)),
        map(Late._make, this.ask("linked_actions.late", actions=actions)),
    )
    traces = sorted({each.linked_trace_id for each in sent} - {""})
    targets = map(Target._make, this.ask("linked_actions.targets", traces=traces, **window))
    made_by: dict[str, str] = dict(this.ask("linked_actions.traffic", traces=traces))
    known = {row[:2]: row[2:] for row in this.ask("linked_actions.known", actions=actions)}
    this.values.look_up(day for each in sent for day in (each.day, each.arrived_on))
    new = [
        rows.of_action(action)
        for action in linked(sent, targets, made_by, this.values.feature)
        if known.pop((action.day, action.action_id), None) != (True, action.content)
    ]
    this.values.write()
    rows.write_actions(this.client, new)
    gone = [key for key, (stands, _) in known.items() if stands]
    rows.withdraw_actions(this.client, gone)
    erased.sweep(this.client, "linked_actions", [row[1] for row in new])
