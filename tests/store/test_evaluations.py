"""Results of other tools: from bytes on the wire to a row on the output that they are about."""

import itertools

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from raw_rows import SECOND, T0, insert, llm_span, output_id, send, span_id, trace_id

from otel_ai_feedback import evaluators
from otel_ai_feedback.serve.otlp import logs, traces
from otel_ai_feedback.store import facts

EVENT = "gen_ai.evaluation.result"


def _set(attributes, given):
    for key, value in given.items():
        slot = attributes.add(key=key).value
        if isinstance(value, bool):
            slot.bool_value = value
        elif isinstance(value, float):
            slot.double_value = value
        elif isinstance(value, int):
            slot.int_value = value
        else:
            slot.string_value = value


def log_bytes(events, service="evals"):
    """OTLP of log events: name, attributes, the output that they stand on, seconds after T0."""
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    _set(resource.resource.attributes, {"service.name": service})
    scope = resource.scope_logs.add()
    for name, attributes, on, at in events:
        record = scope.log_records.add(time_unix_nano=T0 + round(at * SECOND), event_name=name)
        if on:
            record.trace_id = bytes.fromhex(trace_id(on))
            record.span_id = bytes.fromhex(span_id(on))
        _set(record.attributes, attributes)
    return request.SerializeToString()


def span_bytes(name, attributes, events=(), *, trace=None, at=0.0):
    """OTLP of one span with attributes and events (name, attributes, seconds after T0)."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    _set(resource.resource.attributes, {"service.name": "chat"})
    span = resource.scope_spans.add().spans.add(
        trace_id=bytes.fromhex(trace_id(trace or name)),
        span_id=bytes.fromhex(span_id(name)),
        name="chat small",
        start_time_unix_nano=T0 + round(at * SECOND),
        end_time_unix_nano=T0 + round((at + 1) * SECOND),
    )
    _set(span.attributes, attributes)
    for event, given, when in events:
        _set(
            span.events.add(name=event, time_unix_nano=T0 + round(when * SECOND)).attributes, given
        )
    return request.SerializeToString()


def receive(client, *, log=None, span=None):
    """What the receiver does with bytes that arrive."""
    read = logs.rows(log) if log else traces.rows(span)
    client.raw_insert("otel_logs" if log else "otel_traces", insert_block=read.block, fmt="Native")


def result(name, score=None, label=None, **more):
    given = {"gen_ai.evaluation.name": name, **more}
    if score is not None:
        given["gen_ai.evaluation.score.value"] = score
    if label is not None:
        given["gen_ai.evaluation.score.label"] = label
    return given


def rows(client, columns="carrier, kind, name, score, label, passed, output_id, link_method"):
    facts.catch_up(client)
    return client.query(
        f"select {columns} from evaluations order by carrier, name, time"
    ).result_rows


@pytest.mark.slow
def test_an_event_on_the_span_and_one_in_the_log_are_results_of_their_output(clean):
    insert(clean, [llm_span("one"), llm_span("two", at=5)])
    receive(clean, log=log_bytes([(EVENT, result("relevance", 0.9, "pass"), "one", 9)]))
    attributes = {"gen_ai.operation.name": "chat", "ai_feedback.output.time": T0 // SECOND + 5}
    event = (EVENT, result("hallucination", 0.8), 7)
    receive(clean, span=span_bytes("two", attributes, [event], at=5))
    assert rows(clean) == [
        ("gen_ai", "judge", "hallucination", 0.8, "", 0, output_id("two"), "span"),
        ("gen_ai", "judge", "relevance", 0.9, "pass", 1, output_id("one"), "span"),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_order_and_redelivery_change_nothing_and_the_later_result_wins(clean, order):
    parts = [
        lambda: send(clean, [llm_span("one")]),
        lambda: receive(clean, log=log_bytes([(EVENT, result("relevance", 0.2), "one", 9)])),
        lambda: receive(clean, log=log_bytes([(EVENT, result("relevance", 0.7), "one", 10)])),
    ]
    for place in (*order, *reversed(order)):
        parts[place]()
        facts.catch_up(clean)
    assert rows(clean, "name, score, output_id") == [("relevance", 0.7, output_id("one"))]


def test_a_result_is_placed_by_its_request_its_trace_or_the_response_id(clean):
    insert(
        clean,
        [
            llm_span("planner", trace="t", request="root", seq=1, text=None),
            llm_span("answer", trace="t", request="root", seq=2, at=2),
            llm_span("lone", at=3, gen_ai__response__id="resp-1"),
        ],
    )
    carried = {"trace.annotations.0.annotation.name": "helpful",
               "trace.annotations.0.annotation.score": 1.0,
               "trace.annotations.0.annotation.annotator_kind": "LLM"}  # fmt: skip
    receive(clean, span=span_bytes("a chain", carried, trace="lone"))
    offline = result("relevance", 1.0, **{"gen_ai.response.id": "resp-1"})
    receive(clean, log=log_bytes([(EVENT, offline, "a trace of the judge", 50)]))
    receive(clean, log=log_bytes([(EVENT, result("tone", 1.0), None, 51)]))
    assert rows(clean, "name, output_id, link_method") == [
        ("relevance", output_id("lone"), "response"),
        ("tone", "", ""),
        ("helpful", output_id("lone"), "trace"),
    ]


def test_annotations_and_evaluations_of_every_scope_are_read(clean):
    insert(clean, [llm_span("one")])
    attributes = {"openinference.span.kind": "LLM"}
    for prefix, kind in (
        ("annotations.0.annotation", "HUMAN"),
        ("evaluations.3.evaluation", "CODE"),
        ("trace.evaluations.0.evaluation", "LLM"),
        ("session.annotations.0.annotation", "LLM"),
    ):
        attributes |= {
            f"{prefix}.name": f"name of {prefix[:5]}",
            f"{prefix}.label": "correct",
            f"{prefix}.annotator_kind": kind,
        }
    receive(clean, span=span_bytes("a chain", attributes, trace="one"))
    assert rows(clean, "scope, kind, name, passed, output_id") == [
        ("span", "reviewer", "name of annot", 1, output_id("one")),
        ("span", "judge", "name of evalu", 1, output_id("one")),
        ("session", "judge", "name of sessi", 1, ""),
        ("trace", "judge", "name of trace", 1, output_id("one")),
    ]


def test_what_we_send_to_others_is_not_read_back(clean):
    insert(clean, [llm_span("one")])
    own = {"ai_feedback.action.name": "copy", "annotations.0.annotation.name": "copy",
           "annotations.0.annotation.score": 1.0}  # fmt: skip
    receive(clean, span=span_bytes("an action", own, trace="one"))
    assert rows(clean) == []


HOSTILE = [
    (result("<script>alert(1)</script>", 1.0), "name"),
    (result("", 1.0), "name"),
    (result("x" * 100, 1.0), "name"),
    (result("relevance", float("nan")), "score"),
    (result("relevance", float("inf")), "score"),
    (result("relevance", float("-inf")), "score"),
    (result("relevance", 1e308), "score"),
    (result("relevance", "drop table"), "score"),
    (result("relevance", 0.5, "The user's name is Ann and she lives in Rome."), "label"),
    (result("relevance", 0.5, "<b>good</b>"), "label"),
    (result("relevance", 0.5, "x" * 4000), "label"),
    (result("relevance"), "empty"),
]


def test_hostile_results_change_nothing_but_a_counter(clean):
    insert(clean, [llm_span("one")])
    events = [(EVENT, attributes, "one", at) for at, (attributes, _) in enumerate(HOSTILE)]
    for _ in range(2):
        receive(clean, log=log_bytes(events))
    assert rows(clean) == []
    (counted,) = clean.query(
        "select sum(bad_name), sum(bad_score), sum(bad_label), sum(without_result), sum(unlinked) "
        "from evaluation_arrivals"
    ).result_rows
    # those with one name on one output are one result, of which the latest holds
    assert counted[-1] == 0
    assert 0 < sum(counted) <= len(HOSTILE)
    kept = clean.query("select name, evaluator, label, score from evaluation_state").result_rows
    assert set(kept) == {("", "", "", None)}


@pytest.mark.parametrize(("attributes", "reason"), HOSTILE)
def test_each_is_counted_by_its_reason(clean, attributes, reason):
    receive(clean, log=log_bytes([(EVENT, attributes, "one", 1)]))
    assert clean.query("select refused from evaluation_state").result_rows == [(reason,)]


def test_results_of_a_probe_are_left_out(clean):
    insert(clean, [llm_span("one")])
    receive(
        clean, log=log_bytes([(EVENT, result("x", 1.0, **{"ai_feedback.probe": True}), "one", 1)])
    )
    assert rows(clean) == []


def test_names_of_users_feedback_are_told_by_the_list_and_the_end_user_mark(clean):
    insert(clean, [llm_span("one")])
    human = "microsoft.gen_ai.human_evaluation.source"
    events = [
        result("User-Feedback", 0.0),
        result("task", 1.0, **{human: "end_user"}),
        result("task2", 1.0, **{human: "builder"}),
    ]
    receive(clean, log=log_bytes([(EVENT, each, "one", at) for at, each in enumerate(events)]))
    assert rows(clean, "name, kind, passed") == [
        ("User-Feedback", "user", 0),
        ("task", "user", 1),
        ("task2", "reviewer", 1),
    ]


def test_a_team_says_what_its_names_mean():
    assert evaluators.parse({"style": {"good": "low", "threshold": 3, "kind": "reviewer"}}) == (
        evaluators.Evaluator("style", "reviewer", "low", 3.0),
    )
    with pytest.raises(ValueError, match="is not a name of a result") as error:
        evaluators.parse(
            {"Bad Name": {}, "a": 3, "b": {"kind": "x"}, "c": {"threshold": float("nan"), "z": 1}}
        )
    assert len(str(error.value).split("\n")) == 5


def test_erasing_a_person_takes_the_results_on_their_outputs(clean, settings):
    from otel_ai_feedback.store import erasure

    insert(clean, [llm_span("one", ai_feedback__subject="ann"), llm_span("two")])
    events = [(EVENT, result("relevance", 1.0), each, 9) for each in ("one", "two")]
    receive(clean, log=log_bytes(events))
    assert len(rows(clean)) == 2
    erasure.erase(clean, "ann")
    assert rows(clean, "output_id") == [(output_id("two"),)]
