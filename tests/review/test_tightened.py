"""Quality with a judge's scores as help: valid whatever it says, narrower when it is good."""

import numpy as np
import pytest
from judged_worlds import Worlds, ask
from weeks import WEEKS

CLASSES = {"used": (250, 32, 0.95), "none": (200, 32, 0.8), "reask": (50, 14, 0.5)}
TRUTH = sum(size * share for size, _, share in CLASSES.values()) / 500
JUDGES = {"good": 2.2, "noise": 0.0, "reversed": -2.2}


def simulate(client, worlds, judge, seed=24):
    """So many services of 2,000 outputs, 312 of them read; a judge whose score says so much."""
    random = np.random.default_rng(seed)
    made = Worlds(client)
    for world in range(worlds):
        for week in WEEKS:
            for stratum, (size, read, share) in CLASSES.items():
                good = random.random(size) < share
                scores = JUDGES[judge] * good + random.normal(size=size)
                buckets = random.integers(0, 64, size)
                made.population(f"w{world}", week, stratum, good, scores, read, buckets)
    made.write()


@pytest.mark.slow
@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("worlds", [40, pytest.param(500, marks=pytest.mark.simulation)])
def test_the_interval_holds_the_truth_whatever_the_judge_says(client, worlds, judge):
    simulate(client, worlds, judge)
    rows = ask(client, "quality_tightened_at")
    assert len(rows) == worlds
    assert all((row["reason"], row["labels"]) == ("", 312) for row in rows)
    covered = np.mean([row["low"] <= TRUTH <= row["high"] for row in rows])
    slack = 3 * (0.05 * 0.95 / worlds) ** 0.5
    assert 0.93 - slack <= covered <= 0.97 + slack, covered
    assert np.mean([row["quality"] for row in rows]) == pytest.approx(TRUTH, abs=0.01)
    width = np.mean([row["high"] - row["low"] for row in rows])
    plain = np.mean([row["plain_high"] - row["plain_low"] for row in rows])
    if judge == "noise":
        assert 0.97 < width / plain < 1.02
    else:
        assert width / plain < 0.87
    sign = np.mean([row["lambda"] for row in rows])
    assert {"good": sign > 0, "noise": abs(sign) < 0.01, "reversed": sign < 0}[judge]


def test_below_300_labels_there_is_none(client):
    made = Worlds(client)
    good = np.array([True] * 150 + [False] * 50)
    made.population("chat", WEEKS[0], "none", good, good * 1.0, 150, np.arange(200) % 64)
    made.write()
    (row,) = ask(client, "quality_tightened_at")
    assert (row["reason"], row["quality"], row["low"]) == ("fewer than 300 labels", None, None)


def one_class(client):
    """A service with one class in one week: 400 read of 3,000."""
    random = np.random.default_rng(7)
    good = random.random(3000) < 0.8
    scores = 1.5 * good + random.normal(size=3000)
    made = Worlds(client)
    made.population("chat", WEEKS[1], "none", good, scores, 400, np.arange(3000) % 64)
    made.write()
    (row,) = ask(client, "quality_tightened_at")
    return row, good[:400].astype(float), scores


def test_it_is_the_formula_of_ppi_plus_plus(client):
    row, y, f = one_class(client)
    read = f[:400]
    lam = np.cov(y, read)[0, 1] / 400 / (np.var(read, ddof=1) / 400 + np.var(f) / 3000)
    assert row["lambda"] == pytest.approx(lam)
    assert row["tightened"] == pytest.approx(y.mean() - lam * (read.mean() - f.mean()))
    residual = np.var(y - lam * read, ddof=1) / 400
    assert row["variance"] == pytest.approx(residual + lam**2 * np.var(f) / 3000)


@pytest.mark.packages
def test_ppi_python_says_the_same_of_the_same_numbers(client):
    ppi = pytest.importorskip("ppi_py", reason="needs `pip install ppi-python`")
    row, y, f = one_class(client)
    share = ppi.ppi_mean_pointestimate(y, f[:400], f, lam=row["lambda"])
    low, high = ppi.ppi_mean_ci(y, f[:400], f, alpha=0.05, lam=row["lambda"])
    assert row["tightened"] == pytest.approx(share.item())
    # its variance divides by n, ours by n - 1
    assert 2 * 1.959964 * row["variance"] ** 0.5 == pytest.approx((high - low).item(), rel=0.003)
