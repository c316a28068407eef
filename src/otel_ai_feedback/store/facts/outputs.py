"""Which outputs are in a trace, and what its spans say of each.

Two instrumentations, or an agent and its model call, report one text twice on nested spans: same
trace, same hash, the inner within the time of the outer, not siblings (parallel calls that answer
alike are two outputs). A span of another service (a gateway) may have a clock of its own: it is
nested in the longest with that text, up to a minute off. They are one output: the one that a handle
or an action names, else the outermost.

A request is answered, of its outputs with text, by the last that a handle named, as the service
knows what it sent; else by the last of them. If none has text, its last failed one; if none failed,
its last. Actions on a request whose output the sender did not know are put to the output
that answered it. The calls of an agent's tool loop are outputs that nobody got.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from otel_ai_feedback.store.facts.content import number_of

_MINUTE: Final = 60 * 10**9
_MATURES_AFTER_MS: Final = 30 * 60 * 1000
_NO_EDIT: Final = (0, 0, 0)

IMPLAUSIBLE_TIME: Final = "implausible time"
"""Why an output or action is counted apart whose time cannot be."""


class Span(NamedTuple):
    """A span: a row of the statement ``output_facts.spans``; times are numbers."""

    trace_id: str
    span_id: str
    output_day: date
    traffic: str
    is_output: bool
    parent_span_id: str
    request_span_id: str
    request_seq: int
    started: int
    ended: int
    ingested: int
    is_implausible: bool
    day: date
    service: str
    environment: str
    feature: str
    model: str
    release: str
    prompt_version: str
    conversation_id: str
    response_id: str
    subject: str
    output_hash: str
    output_length: int | None
    input_hash: str
    input_sketch: str
    text_rate: float | None
    voice: bool
    weight: float
    weight_source: str
    has_text: bool
    failed: bool
    handled: bool
    request_handled: bool
    done: dict[str, int]
    last_edit: tuple[int, int, int]
    arrived: int
    bucket_of_subject: int
    bucket_of_conversation: int
    bucket_of_output: int


class Request(NamedTuple):
    """A request whose output the sender did not know."""

    trace_id: str
    request_span_id: str
    handled: bool
    done: dict[str, int]
    last_edit: tuple[int, int, int]


class Output(NamedTuple):
    """What a trace says of one output: the columns of ``output_facts`` that follow from it."""

    output_day: date
    trace_id: str
    span_id: str
    day: date
    service: str
    environment: str
    feature: str
    model: str
    release: str
    prompt_version: str
    started: int
    ended: int
    asked_at: int
    matured_at: int
    conversation_id: str
    response_id: str
    subject: str
    request_span_id: str
    requests: list[str]
    repeats: list[str]
    output_hash: str
    output_length: int | None
    input_hash: str
    input_sketch: str
    text_rate: float | None
    voice: bool
    failed: bool
    weight: float
    weight_source: str
    named: bool
    last_with_text: bool
    last_failed: bool
    handle_sent: bool
    sight_at: int | None
    done: dict[str, int]
    excluded: str
    bucket: int
    arrived: int

    @property
    def content(self) -> int:
        """A hash of its values; another one is written."""
        return number_of(self[3:-2])


@dataclass
class _Answered:
    """A request of a trace: its spans, which of their outputs answered it, and what was sent."""

    sent: Request | None
    spans: list[Span] = field(default_factory=list)
    output_of: dict[str, str] = field(default_factory=dict)
    answer: str = ""

    def settle(self) -> None:
        """Find the output that answered it."""
        spans = self.spans
        for wanted in (
            [span for span in spans if span.has_text and span.handled],
            [span for span in spans if span.has_text],
            [span for span in spans if span.failed],
            spans,
        ):
            if wanted:
                self.answer = self.output_of[max(wanted, key=_place).span_id]
                return

    @property
    def failed_silently(self) -> bool:
        """Whether it ended in failure, with no text for the user."""
        return (
            any(span.failed for span in self.spans)
            and not any(span.has_text and not span.failed for span in self.spans)
            and not any(span.handled or "seen" in span.done for span in self.spans)
        )


def outputs(spans: Iterable[Span], requests: Iterable[Request]) -> Iterator[Output]:
    """The outputs of some traces.

    Args:
        spans: All that is known of these traces' spans, in order.
        requests: The requests of these traces.
    """
    traces: dict[str, list[Span]] = defaultdict(list)
    made_by: dict[str, str] = {}
    for span in spans:
        if span.traffic:
            made_by[span.trace_id] = max(span.traffic, made_by.get(span.trace_id, ""))
        if span.is_output:
            traces[span.trace_id].append(span)
    sent = {(each.trace_id, each.request_span_id): each for each in requests}
    for trace_id, found in traces.items():
        yield from _of_trace(trace_id, found, sent, made_by.get(trace_id, ""))


def _of_trace(
    trace_id: str, spans: list[Span], sent: dict[tuple[str, str], Request], made_by: str
) -> Iterator[Output]:
    output_of = _merged(spans)
    requests: dict[str, _Answered] = {}
    for span in spans:
        name = span.request_span_id
        if name not in requests:
            requests[name] = _Answered(sent.get((trace_id, name)), output_of=output_of)
        requests[name].spans.append(span)
    for request in requests.values():
        request.settle()
    merged: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        merged[output_of[span.span_id]].append(span)
    for output, group in merged.items():
        if any(span.span_id == output for span in group):
            yield _described(output, group, requests, made_by)


def _merged(spans: list[Span]) -> dict[str, str]:
    """Of which output each span reports the text."""
    outermost = {span.span_id: span.span_id for span in spans}
    by_text: dict[str, list[Span]] = defaultdict(list)
    if len(spans) > 1:
        for span in spans:
            if span.output_hash:
                by_text[span.output_hash].append(span)
    for same in by_text.values():
        if len(same) > 1:
            outermost.update(_nested(same))
    nests: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        nests[outermost[span.span_id]].append(span)
    output_of = {}
    for outer, nest in nests.items():
        named = [span for span in nest if span.handled or span.done]
        output = max(named, key=_length).span_id if named else outer
        for span in nest:
            output_of[span.span_id] = output
    return output_of


def _nested(same: list[Span]) -> dict[str, str]:
    """In which of the spans with one text each of them lies."""
    longest = max(same, key=_length)
    outer: Span | None = None
    found = {}
    for span in sorted(same, key=lambda span: (span.started, -span.ended, span.span_id)):
        if (
            longest.service != span.service
            and span.started >= longest.started - _MINUTE
            and span.ended <= longest.ended + _MINUTE
        ):
            found[span.span_id] = longest.span_id
        elif outer and outer.ended >= span.ended and outer.parent_span_id != span.parent_span_id:
            found[span.span_id] = outer.span_id
        if outer is None or span.ended > outer.ended:
            outer = span
    return found


def _described(
    output: str, group: list[Span], requests: dict[str, _Answered], made_by: str
) -> Output:
    its = next(span for span in group if span.span_id == output)
    of_spans = [requests[span.request_span_id] for span in group]
    answered = [request for request in of_spans if request.answer == output]
    sent = [request.sent for request in of_spans if request.sent]
    sent_to_it = [request.sent for request in answered if request.sent]
    named_by_request = any(
        (request.sent and request.sent.handled)
        or any(span.request_handled for span in request.spans)
        for request in answered
    )
    edit = max(
        max(span.last_edit for span in group),
        max((each.last_edit for each in sent_to_it), default=_NO_EDIT),
    )
    done = _first_times(
        *(span.done for span in group),
        *(each.done for each in sent_to_it),
        {"edited_heavily": edit[1]} if edit[2] == 1 else {},
    )
    all_done = [*(span.done for span in group), *(each.done for each in sent)]
    sights = [done["seen"] for done in all_done if "seen" in done]
    subject, conversation = (
        _any(group, output, lambda span: span.subject),
        _any(group, output, lambda span: span.conversation_id),
    )
    return Output(
        output_day=its.output_day,
        trace_id=its.trace_id,
        span_id=output,
        day=its.day,
        service=its.service,
        environment=its.environment,
        feature=its.feature,
        model=_any(group, output, lambda span: span.model),
        release=its.release,
        prompt_version=_any(group, output, lambda span: span.prompt_version),
        started=its.started,
        ended=its.ended,
        # an output that answered no request of its own was asked for when it began
        asked_at=min(
            (span.started for request in answered for span in request.spans), default=its.started
        ),
        matured_at=max(its.ended // 10**6, its.ingested) + _MATURES_AFTER_MS,
        conversation_id=conversation,
        response_id=_any(group, output, lambda span: span.response_id),
        subject=subject,
        request_span_id=its.request_span_id,
        requests=sorted(
            {
                span.request_span_id
                for span in group
                if requests[span.request_span_id].answer == output
            }
        ),
        repeats=sorted({span.span_id for span in group if span.span_id != output}),
        output_hash=its.output_hash,
        output_length=its.output_length,
        input_hash=_any(group, output, lambda span: span.input_hash),
        input_sketch=_any(group, output, lambda span: span.input_sketch),
        text_rate=its.text_rate,
        voice=any(span.voice for span in group),
        failed=its.failed,
        weight=its.weight,
        weight_source=its.weight_source,
        named=any(span.handled for span in group) or named_by_request,
        last_with_text=any(span.has_text for request in answered for span in request.spans),
        last_failed=any(request.failed_silently for request in answered),
        handle_sent=any(span.handled or span.request_handled for span in group)
        or any(each.handled for each in sent),
        sight_at=min(sights, default=None),
        done=done,
        excluded=made_by or (IMPLAUSIBLE_TIME if its.is_implausible else ""),
        bucket=(
            next(span for span in group if span.subject == subject).bucket_of_subject
            if subject
            else next(
                span for span in group if span.conversation_id == conversation
            ).bucket_of_conversation
            if conversation
            else its.bucket_of_output
        ),
        arrived=max(span.arrived for span in group),
    )


def _any(group: list[Span], output: str, of: Callable[[Span], str]) -> str:
    """What an output's own span says, else the others: an agent's span often lacks what the model
    call inside it carries."""
    return max((span.span_id == output and of(span) != "", of(span)) for span in group)[1]


def _first_times(*done: dict[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in done:
        for name, at in each.items():
            found[name] = min(at, found.get(name, at))
    return dict(sorted(found.items()))


def _length(span: Span) -> tuple[int, str]:
    return span.ended - span.started, span.span_id


def _place(span: Span) -> tuple[int, int, str]:
    return span.request_seq, span.ended, span.span_id
