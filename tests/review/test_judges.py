"""Judges are held to what people said of a random sample."""

import argparse
import asyncio
import contextlib
import json
import re
from datetime import timedelta
from html import unescape

import numpy as np
import pytest
from judged_worlds import Worlds, ask
from weeks import READ_AT, WEEKS, read_after, spread

from otel_ai_feedback.cli import judges
from otel_ai_feedback.pages import Pages
from otel_ai_feedback.review.judges_page import JudgesPage

EARLIER = [week - timedelta(days=28) for week in WEEKS]


def test_an_audit_counts_each_label_for_the_outputs_that_it_stands_for(
    client, cell, review, judged
):
    # a class of 400 outputs read to a tenth, and one of 4,000 read to a hundredth
    few = cell(WEEKS[2], "used", 400, spread(40), threshold=0.1)
    many = cell(WEEKS[2], "none", 4000, spread(40), threshold=0.01)
    for names in (few, many):
        review(names[:20], "good")
        review(names[20:], "bad")
    # right about all of the first class, and never right about bad answers of the second
    judged(few, [1] * 20 + [0] * 20)
    judged(many, [1] * 40)
    (row,) = ask(client, "judge_audit_at")
    assert (row["labels"], row["good"], row["bad"], row["reason"]) == (80, 40, 40, "")
    assert row["true_positive_rate"] == 1
    assert row["true_negative_rate"] == pytest.approx(200 / 2200)
    assert row["agreement"] == pytest.approx((400 + 2000) / 4400)
    assert row["true_negative_low"] < row["true_negative_rate"] < row["true_negative_high"]


def test_it_says_how_many_labels_are_missing(client, cell, review, judged):
    names = cell(WEEKS[2], "none", 1000, spread(100), threshold=0.1)
    review(names[:90], "good")
    review(names[90:], "bad")
    judged(names, [1] * 100)
    (row,) = ask(client, "judge_audit_at")
    assert row["reason"] == "not enough labels yet: needs 15 more bad answers that it has judged"
    assert (row["agreement"], row["true_positive_rate"], row["drifted"]) == (None, None, 0)


@pytest.mark.slow
def test_a_judge_that_no_longer_sees_what_is_bad_has_drifted(client, cell, review, judged):
    for service, now in (("chat", 0.85), ("mail", 0.25)):
        for weeks, right in ((EARLIER, 0.85), (WEEKS, now)):
            for week in weeks:
                names = cell(week, "none", 500, spread(50), threshold=0.1, service=service)
                review(names[:25], "good", at=read_after(week))
                review(names[25:], "bad", at=read_after(week))
                caught = round(25 * right)
                judged(names, [1] * 25 + [0] * caught + [1] * (25 - caught), service=service,
                       day=week, buckets=[n * 7 % 64 for n in range(50)])  # fmt: skip
    rows = {row["service"]: row for row in ask(client, "judge_audit_at")}
    assert rows["chat"]["drifted"] < 1
    assert rows["mail"]["drifted"] > 3
    assert rows["mail"]["z_negative"] < -3
    assert rows["mail"]["true_negative_before"] == pytest.approx(0.84)


class Answers:
    """The statements of the page, from the review database's views."""

    def __init__(self, client):
        self._client = client

    async def ask(self, question):
        return ask(self._client, f"{question.rpartition('/')[2]}_at")


def shown(client):
    pages = Pages("UTC", "http://x", rooms={"review": "otel_ai_feedback.review"})
    page = asyncio.run(JudgesPage(Answers(client), pages)(None)).body.decode()
    return unescape(re.sub(r"\s+", " ", re.sub("<[^>]*>", " ", page.partition("<main")[2])))


@pytest.mark.slow
def test_the_page_has_audits_levels_and_signals_or_says_what_is_missing(
    client, cell, review, judged
):
    assert "No judge has scored a reviewed answer yet" in shown(client)
    names = cell(WEEKS[2], "none", 1000, spread(100), threshold=0.1)
    review(names[:60], "good")
    review(names[60:], "bad")
    judged(names, [1] * 54 + [0] * 46)
    few = cell(WEEKS[2], "none", 1000, spread(30), threshold=0.1, service="mail")
    review(few, "good")
    judged(few, [1] * 30, service="mail")
    page = shown(client)
    assert (
        "judge chat · production gen ai 100 94.0% 87.1% to 97.3% "
        "90.0% 79.5% to 95.4% 100.0% 90.7% to 100.0%"
    ) in page
    assert "needs 25 more bad answers that it has judged" in page
    assert (
        "judge, gen ai: chat · production 0 46 13.0% 5.9% to 26.3% 1 54 100.0% 93.1% to 100.0%"
    ) in page
    assert (
        "judge chat · production gen ai 100 100.0% 93.4% to 100.0% 13.0% 6.1% to 25.7% 0.714"
    ) in page


def test_calibration_has_a_line_for_each_level_of_the_score(client, cell, review, judged):
    names = cell(WEEKS[2], "none", 1000, spread(100), threshold=0.1)
    review(names[:10] + names[40:], "good")
    review(names[10:40], "bad")
    judged(names, [n / 100 for n in range(100)])
    rows = sorted(ask(client, "judge_calibration_at"), key=lambda row: row["level"])
    assert [row["level"] for row in rows] == [1, 2, 3, 4, 5]
    assert sum(row["labels"] for row in rows) == 100
    # its highest score, .4, is of the first good answer above
    assert rows[1]["p_good"] == pytest.approx(0.05)
    assert rows[4]["p_good"] == 1
    assert rows[1]["high"] < rows[4]["low"]


def test_signals_of_every_source_are_ranked_by_what_they_say_about_quality(
    client, cell, review, judged
):
    names = cell(WEEKS[2], "none", 1000, spread(100), threshold=0.1)
    review(names[:60], "good")
    review(names[60:], "bad")
    # a good judge, a weak vote elsewhere, copies in the page that say a little
    judged(names, [1] * 55 + [0] * 45)
    judged(names[20:80], [n % 2 for n in range(60)], name="user_feedback", carrier="langfuse",
           kind="user")  # fmt: skip
    at = READ_AT - timedelta(days=3)
    copied = names[:30] + names[60:70]
    client.insert(
        "actions_table",
        [[each, f"copy {each}", at, "copy", 1.0, "browser"] for each in copied]
        + [[each, f"seen {each}", at, "seen", 0.0, "browser"] for each in names],
    )
    rows = ask(client, "signal_information_at")
    order = [row["name"] for row in sorted(rows, key=lambda row: -row["bits"])]
    assert order == ["judge", "copy", "user_feedback"]
    copy = next(row for row in rows if row["name"] == "copy")
    assert (copy["carrier"], copy["labels_with"], copy["labels_without"]) == ("browser", 40, 60)
    assert copy["p_good_with"] == pytest.approx(0.75)
    assert copy["p_good_without"] == pytest.approx(0.5)
    vote = next(row for row in rows if row["name"] == "user_feedback")
    assert vote["bits"] == pytest.approx(0, abs=1e-9)
    assert (vote["carrier"], vote["kind"], vote["labels"]) == ("langfuse", "user", 60)


@pytest.mark.slow
@pytest.mark.parametrize("worlds", [100, pytest.param(500, marks=pytest.mark.simulation)])
def test_rates_of_a_judge_are_covered_and_an_unchanged_judge_is_silent(client, worlds):
    random = np.random.default_rng(24)
    made = Worlds(client)
    classes = {"used": (1500, 30, 0.9), "none": (2000, 50, 0.75), "reask": (500, 40, 0.5)}
    for world in range(worlds):
        for week in (*EARLIER, *WEEKS):
            for stratum, (size, read, share) in classes.items():
                good = random.random(read) < share
                passes = random.random(read) < np.where(good, 0.9, 0.3)
                buckets = random.integers(0, 64, read)
                made.add(f"w{world}", week, stratum, size, good, passes, buckets)
    made.write()
    rows = ask(client, "judge_audit_at")
    assert len(rows) == worlds
    # 1,500 x .9 + 2,000 x .75 + 500 x .5 of 4,000 are good
    good = (1350 + 1500 + 250) / 4000
    truth = {"true_positive": 0.9, "true_negative": 0.7, "agreement": good * 0.9 + (1 - good) * 0.7}
    slack = 3 * (0.05 * 0.95 / worlds) ** 0.5
    for name, value in truth.items():
        covered = np.mean([row[f"{name}_low"] <= value <= row[f"{name}_high"] for row in rows])
        assert 0.93 - slack <= covered <= 0.97 + slack, (name, covered)
    assert np.mean([row["drifted"] >= 3 for row in rows]) <= 0.01 + slack / 3


def test_the_command_says_it_in_words(monkeypatch, capsys):
    row = {"service": "chat", "environment": "production", "feature": "help", "carrier": "gen_ai",
           "name": "tone", "evaluator": "v3", "labels": 80}  # fmt: skip
    rates = {f"{rate}_{end}": value for rate in ("agreement", "true_positive", "true_negative")
             for end, value in (("low", 0.7), ("high", 0.9))}  # fmt: skip
    audit = rates | {"reason": "", "agreement": 0.8, "true_positive_rate": 0.85,
                     "true_negative_rate": 0.75}  # fmt: skip
    said = {
        "review/judge_audit": [row | audit, row | {"reason": "not enough labels yet"}],
        "review/signal_information": [
            row | {"p_good_with": 0.9, "p_good_without": 0.5, "bits": 0.25}
        ],
        "review/quality_tightened": [
            row | {"reason": "", "quality": 0.8, "low": 0.78, "high": 0.82, "plain": 0.81,
                   "plain_low": 0.77, "plain_high": 0.85}
        ],
    }  # fmt: skip
    monkeypatch.setattr("otel_ai_feedback.store.ask.ask", lambda client, path: said[path])
    monkeypatch.setattr(judges, "opened", lambda *given, **named: contextlib.nullcontext())
    assert judges.run(None, argparse.Namespace(json=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert all(line.startswith("help (production): tone v3, gen_ai: ") for line in lines)
    assert "80.0% (70.0% to 90.0%) agreement" in lines[0]
    assert "90.0% of answers with it are good, 50.0% without it; 0.25 bits" in lines[2]
    assert "with its help, 81.0%" in lines[3]
    assert judges.run(None, argparse.Namespace(json=True)) == 0
    assert json.loads(capsys.readouterr().out)["judges"][1]["reason"] == "not enough labels yet"


@pytest.mark.parametrize(
    "view", ["judge_audit", "judge_calibration", "signal_information", "quality_tightened"]
)
def test_it_can_be_asked_of_a_whole_store(clean, view):
    assert clean.query(f"select * from {view}_at(as_of = now64(3, 'UTC'))").result_rows == []
