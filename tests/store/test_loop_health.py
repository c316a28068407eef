"""The health checks: each fires when it should and only then.

One file, although it is long, so that a check without a test is missed at a glance.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import parts
import pytest
from raw_rows import SECOND, T0, action_span, insert, llm_span

from otel_ai_feedback import formats, setting_values, store
from otel_ai_feedback.store import baselines, heartbeats, kept, relations
from otel_ai_feedback.store.heartbeats import Heartbeat

HOUR = 3600
DAY = 24 * HOUR
START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
# Sixteen days after the first output: two whole weeks to compare a day with.
NOW = START + timedelta(days=16, minutes=50)
CHAT = ("chat", "production", "chat")


_VALUES = ("value", "threshold", "firing", "detail", "judged")


def health(client, as_of=NOW, where="true"):
    rows = client.query(
        "select service, environment, feature, alarm, value, threshold, firing, detail, judged "
        f"from loop_health_at(as_of = {{at:String}}) where {where}",
        parameters={"at": as_of.strftime("%Y-%m-%d %H:%M:%S.000")},
    ).result_rows
    assert len({row[:4] for row in rows}) == len(rows)
    return {(row[3], row[:3]): dict(zip(_VALUES, row[4:],
            strict=True)) for row in rows}  # fmt: skip


def alarm(client, name, group=CHAT, as_of=NOW):
    return health(client, as_of)[name, group]


def traffic(client, hours, *, actions=lambda hour: True, every=HOUR, resource=None, **more):
    """An output an hour of which something is copied; counted as `serve` counts it."""
    rows = []
    for hour in hours:
        name, at = f"{resource} {hour}", hour * every
        rows.append(llm_span(name, at=at, handle="output", resource=resource, **more))
        if actions(hour):
            rows.append(action_span("copy", name, at=at + 9, output_at=at, resource=resource))
    insert(client, rows)


def count(client, as_of=NOW):
    parts.count(client, as_of)


WEEKS = range(16 * 24)
BEFORE_TODAY = range(15 * 24)


def test_every_check_has_a_threshold_that_the_settings_know(clean):
    names = [row[0] for row in clean.query("select alarm from loop_alarms").result_rows]
    assert sorted(names) == sorted(setting_values.HEALTH_ALARMS)


def test_a_check_of_an_earlier_version_is_not_listed(clean, settings):
    clean.command(
        "insert into health_checks values ('of-old', 'jobs', 'above', 1, 1, now64(3, 'UTC'))"
    )
    store.migrate(clean, settings)
    assert clean.query("select count() from loop_alarms where alarm = 'of-old'").result_rows == [
        (0,)
    ]
    listed = clean.query("select count() from health_checks").result_rows
    store.migrate(clean, settings)
    assert clean.query("select count() from health_checks").result_rows == listed


# Outputs ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_answers_that_stop_are_missed_within_the_day(clean):
    traffic(clean, WEEKS)
    traffic(clean, BEFORE_TODAY, resource={"service.name": "gone"})
    count(clean)
    found = alarm(clean, "pipeline-silent", ("gone", "production", "gone"))
    assert found == {
        "value": 0.0,
        "threshold": 0.1,
        "firing": 1,
        "judged": 1,
        "detail": "0 answers in 24 h (expected 24 from 2 weeks before)",
    }
    quiet = alarm(clean, "pipeline-silent")
    assert (quiet["value"], quiet["firing"]) == (1.0, 0)


@pytest.mark.slow
def test_a_service_that_is_always_silent_at_this_hour_passes(clean):
    """It has answers from 8 to 18 on working days; it is Sunday, and then Monday noon."""
    open_hours = [
        hour for hour in range(28 * 24) if hour // 24 % 7 < 5 and hour % 24 < 10
    ]  # fmt: skip
    traffic(clean, [4 * hour + quarter for hour in open_hours for quarter in range(4)], every=900)
    sunday = START + timedelta(days=20, hours=4, minutes=50)
    wednesday_of_silence = START + timedelta(days=30, hours=4, minutes=50)
    count(clean, wednesday_of_silence)
    assert alarm(clean, "pipeline-silent", as_of=sunday)["firing"] == 0
    found = alarm(clean, "pipeline-silent", as_of=wednesday_of_silence)
    assert (found["value"], found["firing"]) == (0.0, 1)
    assert found["detail"].startswith("0 answers in 24 h (expected 40 from 4 weeks")


@pytest.mark.slow
def test_silence_of_the_few_says_nothing(clean):
    traffic(clean, range(0, 15 * 24, 12))
    count(clean)
    found = alarm(clean, "pipeline-silent")
    assert (found["value"], found["firing"]) == (1.0, 0)
    assert "Too few answers" in found["detail"]


@pytest.mark.slow
def test_there_must_be_a_week_to_compare_with(clean):
    traffic(clean, range(48))
    at = START + timedelta(days=4)
    count(clean, at)
    found = alarm(clean, "pipeline-silent", as_of=at)
    assert found["firing"] == 0
    assert "No full week" in found["detail"]


@pytest.mark.slow
def test_a_service_that_was_retired_is_accepted(clean):
    traffic(clean, BEFORE_TODAY)
    count(clean)
    assert alarm(clean, "pipeline-silent")["firing"] == 1
    groups = baselines.accept(clean, "chat", reason="retired", author="ann")
    assert groups == [CHAT]
    # What was accepted counts from when it was; here that is long after.
    clean.command(
        "insert into accepted_baselines "
        "select * replace (toDateTime64('2025-11-01', 3, 'UTC') as accepted_at) "
        "from accepted_baselines"
    )
    found = alarm(clean, "pipeline-silent")
    clean.command("truncate table accepted_baselines")
    assert found["firing"] == 0


# Feedback ---------------------------------------------------------------------------------------


def test_feedback_that_falls_silent_while_answers_go_on(clean):
    traffic(clean, WEEKS, actions=lambda hour: hour < 15 * 24)
    traffic(clean, WEEKS, resource={"service.name": "heard"})
    count(clean)
    found = alarm(clean, "feedback-silent")
    assert (found["value"], found["firing"]) == (0.0, 1)
    assert found["detail"].startswith("0 actions in 24 h (expected 24)")
    quiet = alarm(clean, "feedback-silent", ("heard", "production", "heard"))
    assert (quiet["value"], quiet["firing"]) == (1.0, 0)


@pytest.mark.slow
def test_feedback_that_was_never_there(clean):
    traffic(clean, range(2100), actions=lambda _: False, every=200)
    at = START + timedelta(hours=2100 * 200 / HOUR, minutes=50)
    count(clean, at)
    found = alarm(clean, "feedback-silent", as_of=at)
    assert (found["value"], found["firing"]) == (0.0, 1)
    assert "No answer was ever seen" in found["detail"]


@pytest.mark.slow
def test_few_answers_without_feedback_say_nothing(clean):
    traffic(clean, WEEKS, actions=lambda _: False)
    count(clean)
    found = alarm(clean, "feedback-silent")
    assert found["firing"] == 0
    assert "Too few answers" in found["detail"]


# Links and sampling -----------------------------------------------------------------------------


def unlinked(number, at):
    row = action_span("copy", f"nobody's {number}", at=at, ai_feedback__output__time=None)
    return row | {
        "Links.TraceId": [],
        "Links.SpanId": [],
        "Links.TraceState": [],
        "Links.Attributes": [],
    }


@pytest.mark.slow
@pytest.mark.parametrize(("lost", "firing"), [(0, 0), (5, 0), (40, 1)])
def test_actions_that_do_not_find_their_output(clean, lost, firing):
    # An action without an output says no feature either; here it is that of the outputs.
    group = {"ai_feedback__feature": "chat"}
    insert(
        clean,
        [
            *(llm_span(f"o{n}", at=n, handle="output", **group) for n in range(40)),
            *(action_span("copy", f"o{n}", at=n + 60, output_at=n, **group) for n in range(40)),
            *(unlinked(n, 100 + n) for n in range(lost)),
        ],
    )
    at = START + timedelta(days=1)
    count(clean, at)
    rows = [
        found for (name, group), found in health(clean, at).items()
        if name == "link-rate-low" and group[0] == "chat"
    ]  # fmt: skip
    assert [row["firing"] for row in rows] == [firing]
    assert rows[0]["value"] == pytest.approx(40 / (40 + lost))


@pytest.mark.slow
@pytest.mark.parametrize(("ratio", "firing"), [("0.5", 0), (None, 1)])
def test_sampling_of_unknown_probability(clean, ratio, firing):
    insert(clean, [llm_span("o", ai_feedback__sampling__ratio=ratio)])
    at = START + timedelta(days=1)
    count(clean, at)
    found = alarm(clean, "sampling-unknown", ("chat", "production", ""), at)
    assert (found["value"], found["firing"]) == (float(firing), firing)


@pytest.mark.slow
@pytest.mark.parametrize(("missing", "firing"), [(0, 0), (2, 0), (20, 1)])
def test_outputs_that_were_sampled_and_are_not_here(clean, missing, firing):
    insert(
        clean,
        [
            *(llm_span(f"o{n}", at=n, handle="output") for n in range(40)),
            *(action_span("copy", f"o{n}", at=n + 60, output_at=n) for n in range(40 + missing)),
        ],
    )
    at = START + timedelta(days=1)
    count(clean, at)
    found = alarm(clean, "outputs-lost", ("chat", "production", ""), at)
    assert found["firing"] == firing
    assert found["value"] == pytest.approx(missing / (40 + missing))


def reported(number, browser, lost=None):
    return action_span(
        "copy", f"o{number}", at=number + 60, output_at=number,
        ai_feedback__action__source="browser", user_agent__name=browser,
        ai_feedback__action__lost=lost,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("lost", "firing"), [(None, 0), (2, 0), (12, 1), (900_000, 1)])
def test_actions_that_pages_could_not_deliver(clean, lost, firing):
    insert(
        clean,
        [
            *(llm_span(f"o{n}", at=n, handle="output") for n in range(80)),
            *(reported(n, "Chrome") for n in range(60)),
            *(reported(n, "Safari", lost if n == 79 else None) for n in range(60, 80)),
        ],
    )
    at = START + timedelta(days=1)
    count(clean, at)
    found = alarm(clean, "actions-lost", as_of=at)
    # one page says so: it could not have kept more than 500
    lost = min(lost or 0, 500)
    assert found["value"] == pytest.approx(lost / (80 + lost))
    assert found["firing"] == firing
    assert ("Safari" in found["detail"]) == bool(lost)
    rows = clean.query(
        "select browser, actions, lost, lost_share from page_losses order by browser"
    ).result_rows
    assert rows == [
        ("Chrome", 60, 0, 0.0),
        ("Safari", 20, lost, pytest.approx(lost / (20 + lost))),
    ]


def test_reasons_are_counted_by_what_was_done(clean):
    gave = [("rating", "outdated"), ("rating", "outdated"), ("reject", "unsafe"), ("copy", None),
            ("rating", "It is wrong, says Ann."), ("reject", "x" * 33)]  # fmt: skip
    spans = [
        span
        for n, (action, reason) in enumerate(gave)
        for span in (
            llm_span(f"o{n}", at=n, handle="output"),
            action_span(
                action, f"o{n}", at=n + 60, output_at=n, ai_feedback__action__reason=reason
            ),
        )
    ]
    # the same action once more
    insert(clean, spans + spans[1:2])
    count(clean, START + timedelta(days=1))
    rows = clean.query("select action, reason, actions from reasons order by all").result_rows
    assert rows == [("rating", "outdated", 2), ("reject", "unsafe", 1)]


# The parts of serve -----------------------------------------------------------------------------

STORE = ("", "", "")
# Beats are kept for three months, by the engine's clock.
THIS_HOUR = datetime.now(timezone.utc).replace(microsecond=0)


def beat(client, part, ago, accepted=1, refused=0, **refusals):
    refusals = {name.removeprefix("_"): n for name, n in refusals.items()}
    heartbeats.write(
        client, [Heartbeat(part, accepted, refused, refusals)], THIS_HOUR - timedelta(seconds=ago)
    )


def test_a_receiver_that_refuses(clean):
    beat(clean, "receiver", 60, accepted=90, refused=12, _503=10, _400=2)
    beat(clean, "receiver", 4000, accepted=9000)
    found = alarm(clean, "receiver-refusing", STORE, THIS_HOUR)
    assert (found["firing"], found["value"]) == (1, pytest.approx(12 / 102))
    assert found["detail"] == ("12 of 102 requests rejected in the last hour: 400 x 2, 503 x 10")


@pytest.mark.slow
def test_a_receiver_that_refuses_little(clean):
    beat(clean, "receiver", 60, accepted=900, refused=12, _503=12)
    beat(clean, "receiver", 4000, accepted=0, refused=900, _503=900)
    assert alarm(clean, "receiver-refusing", STORE, THIS_HOUR)["firing"] == 0
    clean.command("truncate table heartbeats")
    beat(clean, "receiver", 60, accepted=1, refused=2, _400=2)
    assert alarm(clean, "receiver-refusing", STORE, THIS_HOUR)["firing"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "name"),
    [("jobs", "jobs-late"), ("rules", "rules-not-evaluated"), ("watchdog", "watchdog-failing")],
)
def test_a_part_that_has_stopped_or_fails(clean, part, name):
    assert alarm(clean, name, STORE, THIS_HOUR)["firing"] == 0
    beat(clean, part, 5000)
    beat(clean, part, 30, accepted=0, refused=3, DatabaseError=3)
    found = alarm(clean, name, STORE, THIS_HOUR)
    assert (found["firing"], found["value"]) == (1, pytest.approx(5000))
    assert found["detail"] == "Last failure: DatabaseError"
    beat(clean, part, 30)
    found = alarm(clean, name, STORE, THIS_HOUR)
    assert (found["firing"], found["value"]) == (0, pytest.approx(30))
    assert (
        found["detail"] == f"Last success {formats.utc_minute(THIS_HOUR - timedelta(seconds=30))}"
    )


@pytest.mark.slow
def test_a_server_that_just_started_is_not_judged_by_what_it_has_not_run(clean):
    beat(clean, "receiver", 21)
    found = alarm(clean, "jobs-late", STORE, THIS_HOUR)
    assert (found["judged"], found["firing"]) == (0, 0)
    assert found["detail"] == "Not run yet; serve started 21\u202fs ago"
    found = alarm(clean, "jobs-late", STORE, THIS_HOUR + timedelta(seconds=1000))
    assert (found["judged"], found["firing"], found["detail"]) == (1, 1, "Never succeeded")


def test_rules_that_were_never_evaluated(clean):
    beat(clean, "jobs", 5000)
    beat(clean, "jobs", 10)
    found = health(clean, THIS_HOUR)
    assert found["rules-not-evaluated", STORE]["firing"] == 1
    assert found["rules-not-evaluated", STORE]["detail"] == "Never succeeded"
    assert found["jobs-late", STORE]["firing"] == 0
    # No address to ping was given.
    assert found["watchdog-failing", STORE]["firing"] == 0


def test_beats_need_a_time_with_a_zone(clean):
    with pytest.raises(ValueError, match="aware"):
        heartbeats.write(clean, [Heartbeat("jobs")], datetime(2026, 1, 1))  # noqa: DTZ001


# Sampling and review ----------------------------------------------------------------------------


@pytest.fixture
def draw(clean):
    """``draw(day, ids)`` freezes a day of the group, from which these outputs were sampled."""

    def freeze(day, ids=(), u=0.5):
        clean.insert(
            "draws",
            [[
                day, *CHAT, "small", "1", "none", 1.0, True, 100.0, [0] * 6, 1.0, 1.0,
                [(name, u) for name in ids], "run", datetime(day.year, day.month, day.day, 23,
                tzinfo=timezone.utc),
            ]],
            column_names=(
                "day", "service", "environment", "feature", "model", "release", "stratum", "weight",
                "weight_known", "outputs", "ratings", "rate", "threshold", "drawn", "run",
                "frozen_at",
            ),
        )  # fmt: skip

    return freeze


def read(client, ids, at, verdict="good"):
    client.insert(
        "reviews",
        [[f"{at} {name}", name, "first", "ann", verdict, [], "", 9.0, "1", at] for name in ids],
    )


TODAY = NOW.date()


@pytest.mark.slow
def test_days_that_were_not_sampled(clean, draw):
    traffic(clean, WEEKS)
    count(clean)
    found = alarm(clean, "draw-missing")
    assert (found["value"], found["firing"]) == (15 + 1, 1)
    assert "No day sampled yet" in found["detail"]
    draw(TODAY - timedelta(days=4))
    assert alarm(clean, "draw-missing")["value"] == 3
    assert alarm(clean, "draw-missing")["firing"] == 1
    draw(TODAY - timedelta(days=1))
    assert alarm(clean, "draw-missing")["firing"] == 0


@pytest.mark.slow
def test_reviews_have_stopped(clean, draw):
    assert alarm(clean, "nobody-reviewed", STORE)["firing"] == 0
    draw(TODAY - timedelta(days=9), ["a", "b"])
    found = alarm(clean, "nobody-reviewed", STORE)
    assert (found["firing"], round(found["value"], 1)) == (1, 8.4)
    assert found["detail"] == "No reviews yet"
    read(clean, ["a"], NOW - timedelta(days=2))
    found = alarm(clean, "nobody-reviewed", STORE)
    assert (found["firing"], found["value"]) == (0, pytest.approx(2))
    assert found["detail"] == f"Last review {formats.utc_minute(NOW - timedelta(days=2))}"


def test_what_was_erased_was_not_read(clean, draw):
    draw(TODAY - timedelta(days=9), ["a", "b"])
    read(clean, ["a"], NOW - timedelta(days=2), verdict="erased")
    assert alarm(clean, "nobody-reviewed", STORE)["firing"] == 1


@pytest.mark.parametrize(("number", "firing"), [(10, 1), (60, 0)])
def test_labels_too_few_for_an_interval(clean, draw, number, firing):
    monday = TODAY - timedelta(days=TODAY.weekday())
    ids = [f"o{n}" for n in range(number)]
    draw(monday - timedelta(days=35), ["old"])
    draw(monday - timedelta(days=7), ids)
    read(clean, ids, NOW - timedelta(hours=3))
    found = alarm(clean, "labels-too-few")
    assert (found["value"], found["firing"]) == (number, firing)


def test_a_group_that_is_new_need_not_have_labels(clean, draw):
    monday = TODAY - timedelta(days=TODAY.weekday())
    draw(monday - timedelta(days=7), ["a"])
    found = alarm(clean, "labels-too-few")
    assert (found["value"], found["firing"]) == (0, 0)


def test_where_no_review_time_is_planned_there_is_no_schedule(clean, draw):
    draw(TODAY - timedelta(days=1), ["a"])
    found = alarm(clean, "review-debt")
    assert (found["judged"], found["firing"]) == (0, 0)
    assert found["detail"] == "No review time was planned; no reviews in four weeks"


@pytest.mark.slow
def test_review_is_behind_schedule(clean, draw):
    monday = TODAY - timedelta(days=TODAY.weekday())
    for week in range(1, 6):
        draw(monday - timedelta(days=7 * week), [f"{week} {n}" for n in range(40)])
    found = alarm(clean, "review-debt")
    assert (found["value"], found["firing"]) == (1, 1)
    assert found["detail"].startswith("0 of 120 planned minutes reviewed in two weeks")
    for week in range(1, 6):
        read(clean, [f"{week} {n}" for n in range(40)], NOW - timedelta(days=1))
    found = alarm(clean, "review-debt")
    assert (found["value"], found["firing"]) == (0, 0)


# Which groups, and whose thresholds -------------------------------------------------------------


@pytest.mark.slow
def test_only_sampled_environments_are_watched(clean, settings):
    staging = {"deployment.environment.name": "staging"}
    traffic(clean, BEFORE_TODAY)
    traffic(clean, BEFORE_TODAY, resource=staging)
    count(clean)
    environments = "select environment from loop_health_at(as_of = {at:String}) where service != ''"
    at = {"at": NOW.strftime("%Y-%m-%d %H:%M:%S.000")}
    ask = f"select distinct environment from ({environments}) order by all"
    assert clean.query(ask, parameters=at).result_rows == [("production",)]
    store.migrate(clean, replace(settings, environments=("staging",)))
    assert clean.query(ask, parameters=at).result_rows == [("staging",)]
    clean.command("truncate table settings")
    store.migrate(clean, settings)


@pytest.mark.slow
def test_a_threshold_of_the_settings(clean, settings):
    beat(clean, "jobs", 1000)
    assert alarm(clean, "jobs-late", STORE, THIS_HOUR)["firing"] == 1
    store.migrate(clean, replace(settings, health_thresholds={"jobs-late": 3600.0}))
    found = alarm(clean, "jobs-late", STORE, THIS_HOUR)
    assert (found["threshold"], found["firing"]) == (3600, 0)
    store.migrate(clean, settings)
    assert alarm(clean, "jobs-late", STORE, THIS_HOUR)["threshold"] == 900


@pytest.mark.slow
def test_now_is_one_of_the_times_that_can_be_asked(clean, monkeypatch):
    traffic(clean, range(3))
    count(clean)
    checks = [each for each in relations.kept() if each.room == "health"]
    monkeypatch.setattr(relations, "kept", lambda: checks)
    kept.refresh(clean)
    now = clean.query("select * except (value, age_seconds) from loop_health order by all")
    then = clean.query(
        "select * except (value, age_seconds) from loop_health_at(as_of = now64(3, 'UTC')) "
        "order by all"
    )
    assert now.result_rows == then.result_rows != []
    assert date.today() >= START.date()  # noqa: DTZ011
