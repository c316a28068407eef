"""The statements of review in a database of their own, over a table in the place of outputs."""

import dataclasses
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from weeks import READ_AT

from otel_ai_feedback import serve
from otel_ai_feedback.store.relations import relations

# The raw rows that test_explain.py writes are those of the store's tests.
sys.path.append(str(Path(__file__).parents[1] / "store"))
sys.path.append(str(Path(__file__).parent))

CREATED = (
    "settings",
    "rollup_days",
    "draw_key",
    "draws",
    "reviews",
    "review_leases",
    "second_readings",
    "review_requests",
    "mode_changes",
    "draw_rotations",
    "draw_recounts",
    "sent_reports",
    "mode_counts_weekly",
    "output_facts",
    "evaluation_facts",
    "evaluator_list",
)
VIEWS = (
    "evaluations_within",
    "frozen_days",
    "strata_counts",
    "draw_rotation",
    "review_draw",
    "review_leases_at",
    "review_queue_at",
    "requested_reviews_at",
    "labels_within",
    "labels_at",
    "drawn_labels_within",
    "review_progress_at",
    "review_capacity_at",
    "review_debt_at",
    "quality_cells_within",
    "mode_names_at",
    "named_labels_within",
    "share_cells_within",
    "shares_within",
    "quality_live_within",
    "quality_at",
    "quality_pooled_at",
    "signal_calibration_at",
    "mode_counts_live_within",
    "uncounted_modes_since_at",
    "mode_counts_at",
    "failure_modes_at",
    "failure_mode_list_at",
    "failure_mode_states_at",
    "unseen_modes_at",
    "reading_pairs_at",
    "agreement_measures_at",
    "reviewer_agreement_at",
    "gold_items_at",
    "gold_results_at",
    "reviewer_mix_at",
    "signal_meaning_at",
    "labelled_evaluations_within",
    "judge_audit_at",
    "quality_tightened_at",
    "judge_calibration_at",
    "signal_information_at",
)
TABLES = (
    "settings",
    "outputs_table",
    "actions_table",
    "draw_key",
    "draws",
    "reviews",
    "output_spans",
    "mode_changes",
    "draw_rotations",
    "draw_recounts",
    "sent_reports",
    "review_leases",
    "second_readings",
    "review_requests",
    "output_facts",
    "evaluation_facts",
)


@pytest.fixture(scope="session")
def _review_database(engine):
    home = engine.database
    engine.command("create database if not exists review")
    engine.database = "review"
    engine.command(
        "create or replace table outputs_table (service String, environment String, "
        "feature String, model String, release String, class String, output_id String, "
        "weight Float64, weight_source String, done Map(String, DateTime64(3, 'UTC')), "
        "matured Bool, matured_at DateTime64(3, 'UTC')) engine = MergeTree order by output_id"
    )
    engine.command(
        "create or replace view outputs_within as select * replace "
        "(matured_at <= {as_of:DateTime64(3, 'UTC')} as matured) from outputs_table "
        "where toDate(matured_at) between {since:Date} and toDate({until:Date}) + 9"
    )
    engine.command(
        "create or replace table actions_table (output_id String, action_id String, "
        "time DateTime64(3, 'UTC'), action String, value Float64, "
        "source String) engine = MergeTree order by time"
    )
    engine.command(
        "create or replace view actions_within as select * from actions_table where "
        "time <= {as_of:DateTime64(3, 'UTC')} "
        "and toDate(time) between {since:Date} and {until:Date}"
    )
    engine.command(
        "create or replace table output_spans (output_id String, output_day Date, "
        "text_rate Nullable(Float64)) engine = MergeTree order by output_id"
    )
    for name in CREATED:
        engine.command(relations()[name].text)
    for name in VIEWS:
        engine.command(f"create or replace view {name} as {relations()[name].text}")
    engine.database = home
    return "review"


@pytest.fixture
def client(engine, _review_database):
    """A client of the emptied database."""
    home = engine.database
    engine.database = _review_database
    for table in TABLES:
        engine.command(f"truncate table {table}")
    yield engine
    engine.database = home


@pytest.fixture
def outputs(client):
    """``outputs(ids, day, stratum=..., service=...)`` has these outputs mature on a day."""

    def add(
        ids,
        day,
        *,
        stratum="none",
        service="chat",
        environment="production",
        weight=1.0,
        known=True,
    ):
        at = datetime(day.year, day.month, day.day, 12, tzinfo=timezone.utc)
        client.insert(
            "outputs_table",
            [
                [
                    service,
                    environment,
                    "",
                    "small",
                    "1",
                    stratum,
                    str(name),
                    weight,
                    "sampler" if known else "unknown",
                    {"rated": at},
                    True,
                    at,
                ]
                for name in ids
            ],
        )

    return add


@pytest.fixture
def cell(client):
    """``cell(week, stratum, N, us, ...)`` freezes a stratum of a week, sampled with these u."""

    def add(
        week, stratum, outputs, us, *, service="chat", threshold=0.1, known=True,
        ratings=(0, 0, 0, 0, 0, 0),
    ):  # fmt: skip
        drawn = [(f"{service}-{week}-{stratum}-{n}", u) for n, u in enumerate(us)]
        client.insert(
            "draws",
            [[
                week, service, "production", "", "small", "1", stratum, 1.0, known, float(outputs),
                list(ratings), 1.0, threshold, drawn, "run", READ_AT - timedelta(days=20),
            ]],
            column_names=(
                "day", "service", "environment", "feature", "model", "release", "stratum", "weight",
                "weight_known", "outputs", "ratings", "rate", "threshold", "drawn", "run",
                "frozen_at",
            ),
        )  # fmt: skip
        return [name for name, _ in drawn]

    return add


@pytest.fixture
def judged(client):
    """``judged(ids, scores, ...)`` has another tool give each output a score."""

    def say(
        ids,
        scores,
        *,
        name="judge",
        carrier="gen_ai",
        service="chat",
        day=None,
        buckets=None,
        kind="",
    ):
        rows = [
            [
                day or READ_AT.date(), f"{carrier}-{name}-{each}", READ_AT - timedelta(days=1),
                carrier, "span", kind, name, "", float(score), "", each, "span",
                buckets[n] if buckets is not None else n % 64, service, "production", "",
            ]
            for n, (each, score) in enumerate(zip(ids, scores, strict=True))
        ]  # fmt: skip
        client.insert(
            "evaluation_facts",
            rows,
            column_names=(
                "day", "evaluation_id", "time", "carrier", "scope", "kind", "name", "evaluator",
                "score", "label", "output_id", "link_method", "bucket", "service", "environment",
                "feature",
            ),
        )  # fmt: skip

    return say


@pytest.fixture
def review(client):
    """``review(ids, verdict, ...)`` has a reviewer say this of each."""

    def say(ids, verdict, *, reviewer="ann", reading="first", at=READ_AT, modes=()):
        client.insert(
            "reviews",
            [
                [f"{reviewer}-{at}-{name}", name, reading, reviewer, verdict, list(modes), "a note",
                 9.0, "1", at]
                for name in ids
            ],
        )  # fmt: skip

    return say


@pytest.fixture(scope="package")
def server(engine, settings):
    """The pages, where a header says who someone is."""
    told = dataclasses.replace(
        settings,
        person_header="X-Reviewer",
        output_url="https://logs.example/?id={response_id}",
    )
    with serve.running(told, port=0, jobs_every=None) as running:
        yield running


@pytest.fixture
def reviewer(clean, server):
    """``reviewer(name)``: someone at the pages of an emptied store."""
    from reading import Reviewer

    made = []

    def make(name):
        made.append(Reviewer(server.url, name))
        return made[-1]

    yield make
    for each in made:
        each.web.close()
