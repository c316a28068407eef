"""Whether a signal means what it meant: silent under a common fall, heard under an interaction."""

import math
import random
from datetime import timedelta

import pytest
from weeks import NOW, READ_AT, WEEKS, read_after, spread

EARLIER = [week - timedelta(days=28) for week in WEEKS]


@pytest.fixture
def meaning(client):
    """The rows of the view, by service."""

    def ask():
        result = client.query(f"select * from signal_meaning_at(as_of = '{NOW}')")
        rows = [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]
        return {row["service"]: row for row in rows}

    return ask


@pytest.fixture
def labelled(cell, review):
    """``labelled(week, stratum, m, x)`` has x of m read outputs of a class be good."""

    def read(week, stratum, m, x, **group):
        names = cell(week, stratum, 50 * m, spread(m), **group)
        review(names[:x], "good", at=read_after(week))
        review(names[x:], "bad", at=read_after(week))

    return read


def chi_square_tail(q, degrees):
    """The upper tail by the midpoint rule on the density: slow, and no formula in common."""
    steps, top = 40_000, 4 * degrees + 400
    width = (top - q) / steps
    at = (q + (step + 0.5) * width for step in range(steps))
    scale = 2 ** (degrees / 2) * math.gamma(degrees / 2)
    return sum(x ** (degrees / 2 - 1) * math.exp(-x / 2) for x in at) * width / scale


def test_the_statistic_is_the_one_written_down(labelled, meaning):
    table = {"used": (60, 57, 55, 30), "reask": (40, 12, 30, 9), "none": (80, 70, 90, 66)}
    for stratum, (m0, x0, m1, x1) in table.items():
        labelled(EARLIER[1], stratum, m0, x0)
        labelled(WEEKS[2], stratum, m1, x1)
    labelled(EARLIER[1], "closed_fast", 30, 3)
    labelled(WEEKS[2], "closed_fast", 9, 9)  # too few to say
    d = [
        math.log((x1 + 0.5) / (m1 - x1 + 0.5)) - math.log((x0 + 0.5) / (m0 - x0 + 0.5))
        for m0, x0, m1, x1 in table.values()
    ]
    v = [
        sum(1 / (n + 0.5) for n in (x0, m0 - x0, x1, m1 - x1)) for m0, x0, m1, x1 in table.values()
    ]
    common = sum(a / b for a, b in zip(d, v, strict=True)) / sum(1 / b for b in v)
    q = sum((a - common) ** 2 / b for a, b in zip(d, v, strict=True))
    row = meaning()["chat"]
    assert (row["classes"], row["degrees"], row["moved_most"]) == (3, 2, "used")
    assert row["common_change"] == pytest.approx(common)
    assert row["q_statistic"] == pytest.approx(q)
    assert row["p_value"] == pytest.approx(math.exp(-q / 2))
    assert row["changed"] == (row["p_value"] < 0.001)


@pytest.mark.parametrize("classes", range(2, 11))
def test_the_tail_is_that_of_chi_square(labelled, meaning, classes):
    for number in range(classes):
        labelled(EARLIER[1], f"class {number}", 30, 20)
        labelled(WEEKS[2], f"class {number}", 30, 20 - number % 5)
    row = meaning()["chat"]
    assert row["degrees"] == classes - 1
    # the rule is poor at the pole that the density has at 0 with one degree; q is not there
    expected = chi_square_tail(row["q_statistic"], row["degrees"])
    assert row["p_value"] == pytest.approx(expected, rel=1e-3)


def test_the_tail_far_out(labelled, meaning):
    for stratum, after in (("used", 5), ("none", 95)):
        labelled(EARLIER[1], stratum, 100, 50)
        labelled(WEEKS[2], stratum, 100, after)
    row = meaning()["chat"]
    assert row["p_value"] == pytest.approx(math.erfc(math.sqrt(row["q_statistic"] / 2)), rel=1e-9)
    assert 0 < row["p_value"] < 1e-15
    assert row["changed"] == 1


# Labels of a class in four weeks, and how often it is good.
WORLD = {"used": (180, 0.96), "none": (200, 0.85), "reask": (60, 0.45), "closed_fast": (40, 0.60)}


def shifted(p, by):
    """A probability, so many logits lower."""
    return 1 / (1 + math.exp(by - math.log(p / (1 - p))))


def worlds(client, number, by):
    """So many groups, eight weeks each; from the fifth on each class is ``by(class)`` lower."""
    chance = random.Random(20261126)
    draws, reviews = [], []
    for world in range(number):
        for place, week in enumerate([EARLIER[3], WEEKS[3]]):
            for stratum, (labels, p) in WORLD.items():
                p_good = shifted(p, by(stratum) if place else 0)
                drawn = [
                    (f"{world}-{place}-{stratum}-{n}", u) for n, u in enumerate(spread(labels))
                ]
                draws.append([
                    week, f"world {world}", "production", stratum, 1.0, True, 50.0 * labels,
                    [0] * 6, 1.0, 0.02, drawn, "run", READ_AT - timedelta(days=20),
                ])  # fmt: skip
                reviews += [
                    [name, name, "first", "ann", "good" if chance.random() < p_good else "bad",
                     read_after(week)]
                    for name, _ in drawn
                ]  # fmt: skip
    client.insert(
        "draws", draws,
        column_names=(
            "day", "service", "environment", "stratum", "weight", "weight_known", "outputs",
            "ratings", "rate", "threshold", "drawn", "run", "frozen_at",
        ),
    )  # fmt: skip
    client.insert(
        "reviews", reviews,
        column_names=("review_id", "output_id", "reading", "reviewer", "verdict", "reviewed_at"),
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("fall", [0.0, 0.8])
def test_it_is_silent_under_a_common_fall(client, meaning, fall):
    worlds(client, 100, lambda _: fall)
    rows = meaning().values()
    assert len(rows) == 100
    assert all(row["degrees"] == 3 for row in rows)
    # p < .001: one in a hundred worlds is possible, two are not
    assert sum(row["changed"] for row in rows) <= 1
    # and p is what it says it is: about one in twenty under .05
    assert sum(row["p_value"] < 0.05 for row in rows) <= 12
    assert sum(row["p_value"] < 0.5 for row in rows) == pytest.approx(50, abs=16)


@pytest.mark.slow
def test_it_speaks_when_a_signal_changes_its_meaning(client, meaning):
    # what is used is no longer what is good: a copy button that fails, a page that copies by itself
    worlds(client, 100, lambda stratum: 2.5 if stratum == "used" else 0.0)
    rows = meaning().values()
    assert sum(row["changed"] for row in rows) >= 95
    assert sum(row["moved_most"] == "used" for row in rows) >= 95
