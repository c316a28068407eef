"""Facts are what one look at everything would find: the oracle's views, which read states alone.

The views in ``oracle/`` find each output and action in the states of all of its days whenever they
are asked. Facts are written trace by trace, as telemetry arrives, in any order.
"""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import derive, examples
from raw_rows import SECOND, T0, insert, send
from test_redelivery import TABLES, deliveries

from otel_ai_feedback import store
from otel_ai_feedback.store import fragments

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
VIEWS = (
    "output_spans", "repeated_spans_within", "request_answers_within", "output_candidates_within",
    "delivery_evidence_within", "outputs_of_traces_within", "outputs_within",
    "actions_of_traces_within", "actions_within",
)  # fmt: skip
COLUMNS = (
    "output_id, time, day, output_day, service, environment, feature, model, release, "
    "prompt_version, weight, weight_source, conversation_id, subject, request_span_id, "
    "response_id, output_hash, output_length, input_hash, input_sketch, voice, asked_at, ended_at, "
    "duration_seconds, delivered_by, delivery_rule, failed, seen, class, matured_at, matured"
)
DONE = (
    "copied", "copied_part", "edited", "edited_heavily", "accepted", "inserted", "shared",
    "rejected", "rated", "escalated", "reasked", "regenerated", "closed_fast",
)  # fmt: skip
TOLD = ", ".join(f"('{name}', {name}_at)" for name in DONE)
WINDOW = "as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'"


@pytest.fixture(scope="module")
def oracle(engine):
    for name in VIEWS:
        text = (Path(__file__).parent / "oracle" / f"{name}.sql").read_text(encoding="utf-8")
        engine.command(f"create or replace view oracle_{name} as {fragments.expand(text)}")
    yield engine
    for name in VIEWS:
        engine.command(f"drop view oracle_{name}")


def asked(client, question, as_of):
    at = {"as_of": as_of.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]}
    return client.query(question, parameters=at).result_rows


def found(client, prefix, done, as_of):
    outputs = f"select {COLUMNS}, {done} from {prefix}outputs_within({WINDOW}) order by output_id"
    actions = f"select * from {prefix}actions_within({WINDOW}) order by action_id"
    return asked(client, outputs, as_of), asked(client, actions, as_of)


def of_oracle(client, as_of):
    done = f"arraySort(arrayFilter(each -> each.2 is not null, [{TOLD}]))"
    return found(client, "oracle_", done, as_of)


def of_facts(client, as_of):
    done = "arraySort(arrayZip(mapKeys(done), arrayMap(at -> toNullable(at), mapValues(done))))"
    return found(client, "", done, as_of)


@examples(4)
@given(
    deliveries(),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles"]),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.integers(1, 9),
    st.sampled_from([None, "resource"]),
)
def test_facts_are_what_one_look_at_everything_finds(
    oracle, settings, delivery, zone, refreshed, days, sampled
):
    for table in TABLES:
        oracle.command(f"truncate table {table}")
    store.migrate(oracle, replace(settings, timezone=zone))
    _, batches = delivery
    then = START + timedelta(days=days)
    for batch, now in zip(batches, refreshed, strict=False):
        rows = sorted(batch, key=lambda row: row["table"])
        if sampled:
            more = {"ai_feedback.sampling.ratio": "0.25"}
            rows = [row | {"ResourceAttributes": row["ResourceAttributes"] | more} for row in rows]
        (insert if now else send)(oracle, rows)
    derive(oracle, then)
    later = START + timedelta(days=40)
    try:
        for kept, told in zip(of_facts(oracle, later), of_oracle(oracle, later), strict=True):
            assert [row for row in kept if row not in told] == [
                row for row in told if row not in kept
            ]
    finally:
        store.migrate(oracle, settings)
