"""With which output was each user action done?

An action on a request is linked to the output that answered it; one on a span that repeats
another's text, to the output that the two are. What no user did, and actions on outputs that no
user asked for, are counted apart. An action of no service of its own (``serve`` takes them for
pages of any) is one of the service of its output.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from otel_ai_feedback.store.facts.content import number_of
from otel_ai_feedback.store.facts.outputs import IMPLAUSIBLE_TIME

NO_DAY: Final = date(1970, 1, 1)
"""The day of an output that the sender of an action did not know."""


class Sent(NamedTuple):
    """What an action says: a row of the statement ``linked_actions.sent``; times are numbers."""

    action_id: str
    output_day: date
    time: int
    day: date
    arrived_on: date
    action: str
    value: float | None
    label: str
    kept_share: float | None
    checkpoint: int | None
    scroll_depth: float | None
    selected_share: float | None
    method: str
    source: str
    browser: str
    lost: int
    reason: str
    service: str
    environment: str
    feature: str
    subject: str
    conversation_id: str
    session_id: str
    response_id: str
    output_hash: str
    link_method: str
    ambiguous: int
    sampled: bool
    excluded: str
    linked_trace_id: str
    linked_span_id: str
    trace_id: str
    span_id: str


class Late(NamedTuple):
    """The output that was found afterwards for an action."""

    action_id: str
    output_day: date
    trace_id: str
    span_id: str
    ambiguous: int


class Target(NamedTuple):
    """An output, and the spans and requests that it stands for."""

    trace_id: str
    span_id: str
    repeats: list[str]
    requests: list[str]
    feature: str
    service: str
    environment: str
    excluded: str


class Action(NamedTuple):
    """An action with its output: the columns of ``linked_actions`` that follow from both."""

    day: date
    action_id: str
    time: int
    action: str
    value: float | None
    label: str
    kept_share: float | None
    checkpoint: int | None
    scroll_depth: float | None
    selected_share: float | None
    method: str
    source: str
    browser: str
    lost: int
    reason: str
    output_id: str
    link_method: str
    ambiguous: int
    sampled: bool
    output_arrived: bool
    service: str
    environment: str
    feature: str
    subject: str
    conversation_id: str
    session_id: str
    response_id: str
    output_hash: str
    linked_trace_id: str
    trace_id: str
    span_id: str
    excluded: str

    @property
    def content(self) -> int:
        """A hash of its values; another one is written."""
        return number_of(self)


def placed(sent: Iterable[Sent], late: Iterable[Late]) -> list[Sent]:
    """Each action once, with the link that was found for it afterwards.

    Args:
        sent: In order. One worker knows the output of a request that another does not. When both
            report an action it stands on two days, and the one that knows the output wins.
        late: What was found for these actions.
    """
    found = {each.action_id: each for each in late}
    latest = {each.action_id: each for each in sent}
    return [
        each._replace(
            output_day=link.output_day,
            link_method="hash",
            ambiguous=link.ambiguous,
            linked_trace_id=link.trace_id,
            linked_span_id=link.span_id,
        )
        if (link := found.get(each.action_id)) and link.trace_id
        else each
        for each in latest.values()
    ]


def linked(
    sent: Iterable[Sent],
    targets: Iterable[Target],
    made_by: Mapping[str, str],
    named: Callable[[date, str, str, str], str],
) -> Iterator[Action]:
    """Each action with its output; what no user did, or to no user's output, says why it is apart.

    Args:
        sent: From :func:`placed`.
        targets: The outputs of the traces that they are linked to, in order.
        made_by: What made those of these traces that no user made.
        named: The name of a feature on a day, of a service and environment.
    """
    by_span: dict[tuple[str, str, bool], Target] = {}
    for output in targets:
        for span in (output.span_id, *output.repeats):
            by_span.setdefault((output.trace_id, span, False), output)
        for request in output.requests:
            by_span.setdefault((output.trace_id, request, True), output)
    for each in sent:
        knows_output = each.output_day != NO_DAY
        by_request = each.link_method == "request" and not knows_output
        key = (each.linked_trace_id, each.linked_span_id, by_request)
        target = by_span.get(key)
        excluded = (
            each.excluded
            or made_by.get(each.linked_trace_id, "")
            or (target.excluded if target else "")
        )
        action = _of_target(each, target, excluded, knows_output=knows_output)
        name = named(action.day, action.service, action.environment, action.feature)
        yield action._replace(feature=name)


def _of_target(each: Sent, target: Target | None, excluded: str, *, knows_output: bool) -> Action:
    span_id = target.span_id if target else each.linked_span_id if knows_output else ""
    service = each.service or (target.service if target else "")
    environment = each.environment if each.service else (target.environment if target else "")
    return Action(
        # so that nothing is judged for a time that cannot be
        day=each.arrived_on if excluded == IMPLAUSIBLE_TIME else each.day,
        action_id=each.action_id,
        time=each.time // 10**6,
        action=each.action,
        value=each.value,
        label=each.label,
        kept_share=each.kept_share,
        checkpoint=each.checkpoint,
        scroll_depth=each.scroll_depth,
        selected_share=each.selected_share,
        method=each.method,
        source=each.source,
        browser=each.browser,
        lost=each.lost,
        reason=each.reason,
        output_id=f"{each.linked_trace_id}-{span_id}" if span_id else "",
        link_method=each.link_method,
        ambiguous=each.ambiguous,
        sampled=each.sampled,
        output_arrived=target is not None,
        service=service,
        environment=environment,
        feature=each.feature or (target.feature if target else "") or service,
        subject=each.subject,
        conversation_id=each.conversation_id,
        session_id=each.session_id,
        response_id=each.response_id,
        output_hash=each.output_hash,
        linked_trace_id=each.linked_trace_id,
        trace_id=each.trace_id,
        span_id=each.span_id,
        excluded=excluded,
    )
