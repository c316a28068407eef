"""From telemetry to a verdict, for every kind of arm."""

import json
from dataclasses import replace
from datetime import date, datetime, timezone
from functools import partial

import pytest
from raw_rows import action_span, event, insert, llm_span

from otel_ai_feedback import attributes as a
from otel_ai_feedback import cli, signals, store
from otel_ai_feedback.compare import counted
from otel_ai_feedback.compare.arms import Arms, window
from otel_ai_feedback.compare.comparison import Question, compare
from otel_ai_feedback.compare.verdict import Outcome
from otel_ai_feedback.store import jobs
from otel_ai_feedback.store.ask import ask as store_ask

DAY = 86_400
FIRST = date(2025, 11, 17)
NOW = datetime(2025, 12, 20, tzinfo=timezone.utc)
FLAG = "feature_flag.evaluation"


def answers(arm, users, good, *, day=0, marks=None, each=6, prefix="", resource=None):
    """Six answers to each user, of which `good` in ten are copied."""
    for user in range(users):
        for number in range(each):
            name = f"{prefix}{arm} {user} {number} {day}"
            at = day * DAY + user * 60 + number
            yield llm_span(
                name,
                at=at,
                handle="output",
                resource=resource,
                **{a.SUBJECT: f"{prefix}{arm} {user}"},
                **(marks or {}),
            )
            if (user * 7 + number * 3) % 10 < good:
                yield action_span("copy", name, at=at + 5, value=1, output_at=at)


def ask(client, by, of_a, of_b, *, flag="", days=10, planned_days=10, **more):
    asked = Question(
        Arms("chat", by, of_a, of_b, flag),
        since=FIRST,
        until=date(2025, 11, 16 + days),
        as_of=NOW,
        planned_days=planned_days,
        **more,
    )
    jobs.run(client)
    return compare(partial(store_ask, client), asked)


def copied(found):
    return next(one for one in found.measures if one.measure.name == "copied")


@pytest.mark.slow
@pytest.mark.parametrize("by", ["model", "release", "feature", "prompt_version", "prompt_name"])
def test_versions_are_compared(clean, by):
    def marked(value):
        resource = {"service.version": value} if by == "release" else None
        attribute = {
            "model": "gen_ai.response.model",
            "feature": a.FEATURE,
            "prompt_version": a.PROMPT_VERSION,
            "prompt_name": a.PROMPT_VERSION,
        }
        # a prompt with a name and a version is name@version
        value = f"{value}@7" if by == "prompt_name" else value
        return {"resource": resource, "marks": {attribute[by]: value} if by in attribute else None}

    insert(clean, [*answers("x", 60, 2, **marked("v1")), *answers("y", 60, 7, **marked("v2"))])
    found = ask(clean, by, "v1", "v2")
    one = copied(found)
    assert (one.a.counts.counted, one.b.counts.counted) == (360, 360)
    assert one.a.value == pytest.approx(0.2, abs=0.02)
    assert one.b.value == pytest.approx(0.7, abs=0.02)
    assert found.judged.outcome is Outcome.BETTER
    assert found.sentence.startswith("v2 is better than v1 (copied)")
    assert ask(clean, by, "v2", "v1").exit_code == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["log", "span event"])
def test_variants_of_a_flag_are_compared_by_what_the_hooks_of_openfeature_record(clean, kind):
    rows = []
    for arm, variant, good in (("x", "off", 3), ("y", "on", 3)):
        for row in answers(arm, 60, good):
            evaluated = {"feature_flag.key": "new-prompt", "feature_flag.result.variant": variant}
            if row["SpanName"] != "chat small":
                rows.append(row)
            elif kind == "span event":
                rows.append(
                    row
                    | {
                        "Events.Timestamp": [row["Timestamp"]],
                        "Events.Name": [FLAG],
                        "Events.Attributes": [evaluated],
                    }
                )
            else:
                rows.append(row)
                logged = event(FLAG, "x", **evaluated)
                rows.append(logged | {"TraceId": row["TraceId"], "Timestamp": row["Timestamp"]})
    insert(clean, sorted(rows, key=lambda row: row["table"]))
    found = ask(clean, "flag", "off", "on", flag="new-prompt")
    assert copied(found).a.counts.counted == copied(found).b.counts.counted == 360
    assert found.judged.outcome is not Outcome.WORSE
    assert ask(clean, "flag", "off", "on", flag="another").exit_code == 3


@pytest.fixture
def exported(clean, settings):
    """A store and a process that know a signal of the team's own."""
    own = signals.parse({"exported": {"direction": "high", "exposure": "control"}})
    store.migrate(clean, replace(settings, signals=own))
    signals.add(own)
    yield clean
    signals.add(())
    store.migrate(clean, settings)


@pytest.mark.slow
def test_single_answers_and_counts_of_days_say_the_same_of_every_signal(exported):
    rows = []
    for model in ("x", "y"):
        rows += answers(model, 10, 3, marks={"gen_ai__response__model": model})
        for user in range(10):
            name, at = f"{model} {user} 0 0", user * 60
            done = ("exported", "reject", "regenerate")[user % 3]
            rows.append(action_span(done, name, at=at + 9, output_at=at))
            rows.append(action_span("seen", name, at=at + 2, output_at=at))
    insert(exported, sorted(rows, key=lambda row: row["table"]))
    jobs.run(exported)
    asked = Question(
        Arms("chat", "model", "x", "y"), since=FIRST, until=FIRST, as_of=NOW
    ).parameters  # fmt: skip

    def signal_counts(path, **more):
        found = store_ask(exported, path, **asked, **more)
        return {
            (row["arm"], row["measured"]): (
                row["answers"],
                sum(row["k"].values() if isinstance(row["k"], dict) else row["k"]),
            )
            for row in found
            if row["measured"] in signals.BY_NAME and row.get("part")
        }

    single = signal_counts("compare/counts")
    assert {"exported", "rejected", "copied", "failed"} <= {name for _, name in single}
    assert single == signal_counts("compare/rates")


@pytest.mark.slow
def test_windows_of_days_are_compared(clean):
    insert(clean, [*answers("x", 60, 7), *answers("x", 60, 2, day=8)])
    arms = Arms("chat", "days", "2025-11-17..2025-11-18", "2025-11-24..2025-11-30")
    jobs.run(clean)
    asked = Question(arms, since=FIRST, until=FIRST, as_of=NOW)
    found = compare(partial(store_ask, clean), asked)
    assert found.judged.outcome is Outcome.WORSE
    assert not found.question.looked_daily


@pytest.mark.slow
def test_until_the_plan_has_ended_the_interval_for_daily_looks_decides(clean):
    insert(
        clean,
        [
            *answers("x", 60, 3, marks={"gen_ai.response.model": "m1"}),
            *answers("y", 60, 4, marks={"gen_ai.response.model": "m2"}),
        ],
    )
    early, late = (ask(clean, "model", "m1", "m2", planned_days=days) for days in (28, 10))
    assert early.question.looked_daily
    assert not late.question.looked_daily
    assert copied(early).interval == copied(early).daily
    assert copied(late).interval == copied(late).fixed
    assert copied(early).daily[0] < copied(early).fixed[0]


@pytest.mark.slow
def test_what_users_did_before_makes_it_surer(clean):
    rows = []
    for arm, model in (("x", "m1"), ("y", "m2")):
        # some users copy much and some little, before and after
        for good in (1, 8):
            for day, name in ((-20, "m0"), (0, model)):
                marks = {"gen_ai.response.model": name}
                rows += answers(arm, 40, good, day=day, marks=marks, prefix=f"{good} ")
    insert(clean, rows)
    one = copied(ask(clean, "model", "m1", "m2"))
    plain = one.a.counts.variance + one.b.counts.variance
    assert one.difference.standard_error**2 < 0.6 * plain


@pytest.mark.slow
def test_users_in_both_arms_and_another_mix_are_said(clean):
    def both(feature_a, feature_b):
        for model, feature in (("m1", feature_a), ("m2", feature_b)):
            yield from answers(
                "x", 50, 3, prefix="", day=("m1", "m2").index(model),
                marks={"gen_ai.response.model": model, a.FEATURE: feature},
            )  # fmt: skip

    insert(clean, list(both("chat", "summary")))
    found = ask(clean, "model", "m1", "m2", planned_share=0.5)
    checks = [finding.check for finding in found.findings]
    assert "users_in_both" in checks
    assert "50 of 50 users (100%)" in next(
        f.message for f in found.findings if f.check == "users_in_both"
    )
    assert checks.count("mix") == 2


@pytest.mark.slow
def test_few_answers_say_nothing_yet(clean):
    insert(clean, list(answers("x", 2, 3, marks={"gen_ai.response.model": "m1"})))
    found = ask(clean, "model", "m1", "m2")
    assert (found.exit_code, found.measures) == (3, [])
    assert found.sentence == "Not enough data yet: fewer than 30 answers of m1 or of m2."


@pytest.mark.slow
def test_the_command_says_it_as_json_and_in_its_exit_status(clean, settings, capsys):
    marks = [{"gen_ai.response.model": model} for model in ("m1", "m2")]
    insert(clean, [*answers("x", 60, 7, marks=marks[0]), *answers("y", 60, 2, marks=marks[1])])
    jobs.run(clean)
    command = [
        "compare", "--store", settings.store, "--service", "chat", "--by", "model",
        "--a", "m1", "--b", "m2", "--since", "2025-11-17", "--until", "2025-11-26",
        "--days", "10", "--signal", "copied",
    ]  # fmt: skip
    assert cli.main([*command, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"] == "worse"
    assert [one["signal"] for one in document["signals"]] == ["copied"]
    assert document["signals"][0]["a"]["n"] == 360
    assert document["seconds_per_used_answer"]["a"]["value"] == pytest.approx(1.43, rel=0.1)
    assert cli.main(command) == 1
    assert "m2 is worse than m1 (copied)." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"--by": "colour"}, "'colour' is none of model, release"),
        ({"--by": "flag"}, "need the flag's key"),
        ({"--b": "m1"}, "both arms are 'm1'"),
        ({"--by": "days"}, "'m1' is not of the form"),
        ({"--signal": "copies"}, "there is no 'copies'"),
        ({"--days": "0"}, "1 or more"),
        ({"--split": "1"}, "between 0 and 1"),
    ],
)
def test_what_cannot_be_compared_says_why(wrong, message, capsys):
    options = {"--service": "chat", "--by": "model", "--a": "m1", "--b": "m2"} | wrong
    assert cli.main(["compare", *(word for pair in options.items() for word in pair)]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("text", ["2025-11-17", "2025-11-18..2025-11-17", "monday..tuesday"])
def test_a_window_is_two_days(text):
    with pytest.raises(ValueError, match=r"2025-11-1|isoformat"):
        window(text)


def test_reviews_costs_and_first_questions_are_compared(clean, monkeypatch):
    rows, ids = [], {}
    for arm, model, cost, tokens in (("x", "m1", 0.02, 100), ("y", "m2", 0.05, 400)):
        marks = {
            "gen_ai.response.model": model,
            "operation.cost": str(cost),
            "gen_ai.usage.input_tokens": str(tokens),
        }
        found = list(answers(arm, 60, 5, marks=marks))
        for row in found:
            if row["SpanName"] == "chat small":
                row["SpanAttributes"] |= {"gen_ai.conversation.id": row["TraceId"]}
                ids.setdefault(model, []).append(f"{row['TraceId']}-{row['SpanId']}")
        rows += found
    insert(clean, rows)
    reviewed(clean, ids["m1"], good=9)
    reviewed(clean, ids["m2"], good=5)
    found = ask(clean, "model", "m1", "m2")
    quality = next(one for one in found.measures if one.measure.name == "quality")
    assert quality.a.counts.counted == quality.b.counts.counted == 360
    assert (quality.a.value, quality.b.value) == pytest.approx((0.9, 0.5))
    assert quality.judged.outcome is Outcome.WORSE
    assert "m2 is worse than m1 (quality score)" in found.sentence
    # half of the answers were used
    assert (found.cost.a[0], found.cost.b[0]) == pytest.approx((0.04, 0.1), rel=0.05)
    assert found.cost.a[1][0] < found.cost.a[0] < found.cost.a[1][1]
    assert found.cost.ratio == pytest.approx(2.5, rel=0.05)
    (longer,) = (one for one in found.findings if one.check == "first_question")
    assert "4 times as long in B (typically 100 tokens in A and 400 in B)" in longer.message

    monkeypatch.setattr(counted, "MOST_ANSWERS", 360)
    monkeypatch.setattr(counted, "SAMPLED_ANSWERS", 300)
    large = ask(clean, "model", "m1", "m2")
    # reviewed answers are all looked at; the cost of an answer is the same, its use is sampled
    again = next(one for one in large.measures if one.measure.name == "quality")
    assert again.a.counts == quality.a.counts
    assert again.difference == quality.difference
    assert large.cost.ratio == pytest.approx(2.5, rel=0.3)


def reviewed(client, ids, good):
    """All of a day's outputs are sampled and reviewed; so many of ten are good."""
    drawn = [(name, (place + 0.5) / len(ids)) for place, name in enumerate(ids)]
    client.insert(
        "draws",
        [[FIRST, "chat", "production", "chat", "", "1", "used", 1.0, True, float(len(ids)), [0] * 6,
          1.0, 1.0, drawn, "run", NOW]],
        column_names=["day", "service", "environment", "feature", "model", "release", "stratum",
                      "weight", "weight_known", "outputs", "ratings", "rate", "threshold", "drawn",
                      "run", "frozen_at"],
    )  # fmt: skip
    client.insert(
        "reviews",
        [
            [name, name, "first", "ana", "good" if place % 10 < good else "bad",
             datetime(2025, 11, 25, tzinfo=timezone.utc)]
            for place, name in enumerate(ids)
        ],
        column_names=["review_id", "output_id", "reading", "reviewer", "verdict", "reviewed_at"],
    )  # fmt: skip


@pytest.mark.slow
def test_above_so_many_answers_it_reads_counts_and_a_sample(clean, monkeypatch):
    """Rates are the same; the rest is of fewer answers, and within their intervals."""
    rows = []
    for day, model in enumerate(("m1", "m2")):
        marks = {"gen_ai.response.model": model}
        rows += answers("x", 60, 7 - 5 * day, marks=marks, prefix="", day=day)
    insert(clean, rows)
    small = ask(clean, "model", "m1", "m2")
    monkeypatch.setattr(counted, "MOST_ANSWERS", 360)
    monkeypatch.setattr(counted, "SAMPLED_ANSWERS", 300)
    large = ask(clean, "model", "m1", "m2")
    assert [(one.a, one.b) for one in large.measures] == [(one.a, one.b) for one in small.measures]
    assert copied(large).difference == copied(small).difference
    messages = {found.check: found.message for found in large.findings}
    assert set(messages) == {"size", "users_in_both"}
    assert "among 50% of the users" in messages["size"]
    assert "(100%) had answers from both arms" in messages["users_in_both"]
    for arm in ("a", "b"):
        truth, (value, (low, high)) = (getattr(one.seconds, arm) for one in (small, large))
        assert low <= truth[0] <= high
        assert value != truth[0]
