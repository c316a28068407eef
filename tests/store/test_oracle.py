"""Facts and counts are what one look at everything would find: the oracle's views, of states alone.

The views in ``oracle/`` find each output and action in the states of all of its days whenever they
are asked, and know each signal by name. Facts are written trace by trace, as telemetry arrives, in
any order, and counts day by day from them.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import count, examples
from raw_rows import SECOND, T0, insert, send
from test_redelivery import TABLES, deliveries

from otel_ai_feedback import store
from otel_ai_feedback.store import fragments

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
VIEWS = (
    "output_spans", "repeated_spans_within", "request_answers_within", "output_candidates_within",
    "delivery_evidence_within", "outputs_of_traces_within", "outputs_within",
    "actions_of_traces_within", "actions_within", "signals_within", "signal_rates_at",
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
    known = asked(client, f"describe (select * from oracle_actions_within({WINDOW}))", as_of)
    columns = ", ".join(name for name, *_ in known)
    actions = f"select {columns} from {prefix}actions_within({WINDOW}) order by action_id"
    return asked(client, outputs, as_of), asked(client, actions, as_of)


def of_oracle(client, as_of):
    done = f"arraySort(arrayFilter(each -> each.2 is not null, [{TOLD}]))"
    return found(client, "oracle_", done, as_of)


def of_facts(client, as_of):
    done = "arraySort(arrayZip(mapKeys(done), arrayMap(at -> toNullable(at), mapValues(done))))"
    return found(client, "", done, as_of)


def rates_of_oracle(client, as_of):
    columns = "* except (n_effective, rate, low, high)"
    view = "oracle_signal_rates_at(as_of = {as_of:DateTime64(3, 'UTC')})"
    return rounded(asked(client, f"select {columns} from {view}", as_of))


def rates_of_counts(client, view, as_of):
    columns = "* except (n_effective, rate, low, high, k_by_bucket, n_by_bucket)"
    question = f"select {columns} from {view} where series != 'returned_7d'"
    return rounded(asked(client, question, as_of))


def rounded(rows):
    """Sums of weights are added up in any order."""
    return sorted([round(v, 6) if isinstance(v, float) else v for v in row] for row in rows)


def hourly(client):
    """Rates of days, from their hours."""
    return client.query(
        "select day, service, environment, feature, model, release, signal, sum(shown), "
        "sum(answers), round(sum(k), 6), round(sum(n), 6) from signal_hours_within("
        "since = '1970-01-01', until = '2149-06-06') where not startsWith(signal, '(') "
        "group by all order by all"
    ).result_rows


histories = given(
    deliveries(),
    st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles"]),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.integers(1, 9),
    st.sampled_from([None, "resource"]),
)


@pytest.mark.slow
@pytest.mark.timeout(7200)  # EXAMPLES=50 asks for 200 histories
@examples(4)
@histories
def test_facts_and_counts_are_what_one_look_at_everything_finds(
    oracle, settings, delivery, zone, refreshed, days, sampled
):
    compare(oracle, settings, delivery, zone, refreshed, days, sampled)


def compare(oracle, settings, delivery, zone, refreshed, days, sampled):
    for table in TABLES:
        oracle.command(f"truncate table {table}")
    store.migrate(oracle, replace(settings, timezone=zone))
    _, batches = delivery
    then = START + timedelta(days=days)
    for number, (batch, now) in enumerate(zip(batches, refreshed, strict=False)):
        rows = sorted(batch, key=lambda row: row["table"])
        # one stretch of the history stands for others that were left out
        if sampled and number % 2 == 0:
            more = {"ai_feedback.sampling.ratio": "0.25"}
            rows = [row | {"ResourceAttributes": row["ResourceAttributes"] | more} for row in rows]
        (insert if now else send)(oracle, rows)
        if now:
            count(oracle, then)
    count(oracle, then)
    later = START + timedelta(days=40)
    try:
        for kept, told in zip(of_facts(oracle, later), of_oracle(oracle, later), strict=True):
            differ(kept, told)
        expected = rates_of_oracle(oracle, then)
        at = "signal_rates_at(as_of = {as_of:DateTime64(3, 'UTC')})"
        differ(rates_of_counts(oracle, at, then), expected)
        differ(rates_of_counts(oracle, "signal_rates", then), expected)
        days_of_hours = Counter()
        for row in expected:
            days_of_hours.update({(*row[:7], place): row[7 + place] for place in range(4)})
        assert {key: value for row in hourly(oracle) for key, value in of_row(row)} == {
            key: pytest.approx(value) for key, value in days_of_hours.items()
        }
    finally:
        store.migrate(oracle, settings)


def of_row(row):
    return (((*row[:7], place), row[7 + place]) for place in range(4))


def differ(found, expected):
    assert [row for row in found if row not in expected] == [
        row for row in expected if row not in found
    ]
