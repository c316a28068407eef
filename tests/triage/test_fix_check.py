"""A fix counts as one when something changed, not because the alert's days were low by chance."""

import math
import random
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from otel_ai_feedback.triage import fix_check

FIRST = date(2026, 1, 5)


@pytest.fixture(scope="module")
def rates(engine):
    """``rates(service, [(k, n), ...])`` in a database with a table in the place of the rates."""
    home = engine.database
    engine.command("create database if not exists fixes")
    engine.database = "fixes"
    engine.command(
        "create or replace table rates (day Date, service String, environment String, "
        "feature String, model String, release String, series String, n Float64, "
        "k_weighted Float64, n_weighted Float64, k_by_bucket Array(Float64), "
        "n_by_bucket Array(Float64)) engine = MergeTree order by (service, day)"
    )
    engine.command(
        "create or replace table settings (name String, value String, changed_at DateTime64(3)) "
        "engine = ReplacingMergeTree(changed_at) order by name"
    )
    engine.command(
        "create or replace view signal_rates_within as select * from rates "
        "where day >= {since:Date} and day <= {until:Date}"
    )

    def fill(services):
        engine.insert("rates", [
            [FIRST + timedelta(days=number), service, "", "", "", "", "copied", n, k, n,
             [k / 64] * 64, [n / 64] * 64]
            for service, days in services.items()
            for number, (k, n) in enumerate(days)
        ])  # fmt: skip
        return engine

    yield fill
    engine.database = home
    engine.command("drop database fixes")


def days(generator, number, n, rate, *, fallen=(), by=0.0):
    for day in range(number):
        p = rate + generator.gauss(0, 0.01) - by * (day in fallen)
        k = round(generator.gauss(n * p, math.sqrt(n * p * (1 - p))))
        yield max(0, min(n, k)), n


def confirmed(client, service, opened, fixed, looked):
    def at(day):
        when = FIRST + timedelta(days=day)
        return datetime(when.year, when.month, when.day, 12, tzinfo=timezone.utc)

    incident = SimpleNamespace(
        round_at=at(opened), resolved_at=at(fixed), moves="copied:up", service=service,
        check_day=FIRST + timedelta(days=looked), environment="", feature="",
        segment_kind="all", segment="",
    )  # fmt: skip
    return fix_check.compare(client, incident, at(looked))["confirmed"]


def test_the_day_of_the_fix_is_that_of_the_teams_zone(rates):
    """A fix at five in the morning in Tokyo: its day, bad until then, is not one after it."""
    bad, good = (600, 2000), (800, 2000)
    client = rates({"tokyo": [good] * 60 + [bad] * 4 + [good] * 4})
    client.command("insert into settings values ('timezone', 'Asia/Tokyo', now64(3))")
    try:
        fixed = datetime(2026, 3, 8, 20, tzinfo=timezone.utc)  # day 63 there, 62 in UTC
        incident = SimpleNamespace(
            round_at=fixed - timedelta(days=3), resolved_at=fixed, moves="copied:up",
            service="tokyo", check_day=FIRST + timedelta(days=67), environment="", feature="",
            segment_kind="all", segment="",
        )  # fmt: skip
        assert fix_check.compare(client, incident, fixed + timedelta(days=2)) is None
        found = fix_check.compare(client, incident, fixed + timedelta(days=4))
        assert found["after"]["rate"] == 0.4
        assert found["before"]["rate"] == 0.3
    finally:
        client.command("truncate table settings")


@pytest.mark.slow
@pytest.mark.parametrize("worlds", [60, pytest.param(500, marks=pytest.mark.simulation)])
def test_a_false_alarm_that_nothing_was_done_about_is_seldom_a_fix(rates, worlds):
    generator, services, opened = random.Random(20261130), {}, {}
    for number in range(worlds):
        history = list(days(generator, 120, 2000, 0.3))
        # the two lowest days in a row are what alerts
        low = min(range(60, 110), key=lambda day: history[day - 1][0] + history[day - 2][0])
        services[f"s{number}"], opened[f"s{number}"] = history, low
    client = rates(services)
    fixes = sum(confirmed(client, s, day, day + 1, day + 9) for s, day in opened.items())
    print(f"{fixes / worlds:.3f} of false alarms 'fixed' by nothing")
    # 2.5 % of them, as the interval is two-sided
    assert fixes <= 0.025 * worlds + 2 * math.sqrt(0.025 * worlds)


def test_a_fix_of_a_real_fall_is_confirmed(rates):
    generator = random.Random(7)
    services = {
        f"real {number}": list(days(generator, 120, 2000, 0.3, fallen=range(70, 77), by=0.06))
        for number in range(20)
    }
    client = rates(services)
    assert sum(confirmed(client, service, 72, 76, 86) for service in services) >= 18
