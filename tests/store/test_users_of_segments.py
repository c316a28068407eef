"""Parts of a feature that have the same rate seldom look different, however heavy its users are."""

from datetime import date, timedelta

import numpy as np
import pytest
from test_drift import database  # noqa: F401 - a fixture

from otel_ai_feedback.pages.model_rates import model_rates
from otel_ai_feedback.pages.overview import SIGNIFICANT
from otel_ai_feedback.store import statement

from compare.worlds import BUCKETS, World  # isort: skip

TODAY = date(2026, 3, 2)
DAYS = 63
COLUMNS = (
    "day", "service", "environment", "feature", "model", "release", "prompt_version", "series",
    "n", "k_weighted", "n_weighted", "k_by_bucket", "n_by_bucket",
)  # fmt: skip


def rows_of(service, day, model, release, k, n):
    total = n.sum()
    if total:
        yield [
            day, service, "", "", model, release, "", "copied", float(total), float(k.sum()),
            float(total), k.astype(float).tolist(), n.astype(float).tolist(),
        ]  # fmt: skip


def in_buckets(numbers, buckets, those):
    return np.bincount(buckets[those], numbers[those], BUCKETS)


@pytest.mark.slow
@pytest.mark.parametrize("services", [60, pytest.param(500, marks=pytest.mark.simulation)])
def test_a_release_for_a_tenth_of_the_users_seldom_looks_different(database, services):  # noqa: F811
    """Nothing has changed, and some users give many answers a day."""
    generator = np.random.default_rng(20261130)
    for table in ("signal_rates", "accepted_baselines", "drift_exclusions", "settings"):
        database.command(f"truncate table {table}")
    for number in range(services):
        world = World(600, 4, 1.0, 0.3, 0.2)
        habits, activity = world.habits(generator), world.activity(generator)
        buckets = generator.integers(0, BUCKETS, world.users)
        chosen = generator.random(world.users) < 0.1
        rows = []
        for back in range(1, DAYS + 1):
            n = generator.poisson(activity / 4)
            k = generator.binomial(n, habits)
            groups = [("new", chosen), ("old", ~chosen)] if back <= 7 else [("old", chosen | True)]
            for release, those in groups:
                counted = (in_buckets(each, buckets, those) for each in (k, n))
                rows += rows_of(f"s{number}", TODAY - timedelta(days=back), "", release, *counted)
        database.insert("signal_rates", rows, column_names=COLUMNS)
    found = database.query(
        f"select p_value, q_value from segments_at(as_of = '{TODAY} 01:00:00.000') "
        "where segment = 'new' and p_value is not null"
    ).result_rows
    share = sum(p < 0.05 for p, _ in found) / len(found)
    print(f"{share:.3f} of {len(found)} unchanged releases have p < .05")
    assert len(found) > 0.9 * services
    play = 2.5 * (0.05 * 0.95 / len(found)) ** 0.5
    assert share <= 0.06 + play
    assert sum(q <= 0.05 for _, q in found) / len(found) <= 0.02 + play / 2


@pytest.mark.slow
@pytest.mark.parametrize("worlds", [40, pytest.param(500, marks=pytest.mark.simulation)])
def test_equal_models_that_users_are_assigned_to_are_seldom_coloured(database, worlds):  # noqa: F811
    """The statement of the overview's table, over users with habits of their own."""
    generator = np.random.default_rng(7)
    database.command("truncate table signal_rates")
    world, coloured = World(400, 10, 1.5, 0.3, 0.2), 0
    for number in range(worlds):
        n = world.activity(generator)
        k = generator.binomial(n, world.habits(generator))
        buckets = generator.integers(0, BUCKETS, world.users)
        first = generator.random(world.users) < 0.5
        database.insert(
            "signal_rates",
            [
                row
                for model, those in (("a", first), ("b", ~first))
                for row in rows_of(
                    f"w{number}", TODAY, model, "",
                    in_buckets(k, buckets, those), in_buckets(n, buckets, those),
                )
            ],
            column_names=COLUMNS,
        )  # fmt: skip
        asked = dict.fromkeys(("environment", "feature", "model"), "")
        asked |= {"service": f"w{number}", "since": TODAY}
        rows = database.query(statement("pages/rates").text, parameters=asked).named_results()
        rates = model_rates([row for row in rows if row["part"] == "model"])
        coloured += any(rate.q is not None and rate.q <= SIGNIFICANT for rate in rates)
    print(f"{coloured / worlds:.3f} of worlds colour one of two equal models")
    assert coloured / worlds <= 0.06 + 2.5 * (0.05 * 0.95 / worlds) ** 0.5
