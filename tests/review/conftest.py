"""The statements of review in a database of their own, over a table in the place of outputs."""

import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

from otel_ai_feedback.store.statements import statement

# The raw rows that test_explain.py writes are those of the store's tests.
sys.path.append(str(Path(__file__).parents[1] / "store"))

MIGRATIONS = ("0004_settings", "0023_draw_key", "0024_draws", "0025_reviews")
VIEWS = (
    "frozen_days",
    "strata_counts",
    "review_draw",
    "labels_at",
    "review_cuts_at",
    "quality_cells_at",
    "quality_at",
    "signal_calibration_at",
    "failure_modes_at",
)
TABLES = ("settings", "outputs_table", "actions_table", "draw_key", "draws", "reviews")


@pytest.fixture(scope="session")
def _review_database(engine):
    home = engine.database
    engine.command("create database if not exists review")
    engine.database = "review"
    engine.command(
        "create or replace table outputs_table (service String, environment String, "
        "feature String, model String, release String, class String, output_id String, "
        "weight Float64, weight_source String, rated_at Nullable(DateTime64(3, 'UTC')), "
        "matured Bool, matured_at DateTime64(3, 'UTC')) engine = MergeTree order by output_id"
    )
    engine.command(
        "create or replace view outputs_within as select * replace "
        "(matured_at <= {as_of:DateTime64(3, 'UTC')} as matured) from outputs_table "
        "where toDate(matured_at) between {since:Date} and toDate({until:Date}) + 9"
    )
    engine.command(
        "create or replace table actions_table (output_id String, action_id String, "
        "time DateTime64(3, 'UTC'), action String, value Float64) engine = MergeTree order by time"
    )
    engine.command(
        "create or replace view actions_within as select * from actions_table where "
        "time <= {as_of:DateTime64(3, 'UTC')} "
        "and toDate(time) between {since:Date} and {until:Date}"
    )
    for name in MIGRATIONS:
        engine.command(statement(f"migrations/{name}").text)
    for name in VIEWS:
        engine.command(f"create or replace view {name} as {statement(f'views/{name}').text}")
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
                    at,
                    True,
                    at,
                ]
                for name in ids
            ],
        )

    return add
