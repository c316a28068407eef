"""Draw the pictures of docs/statistics.md and docs/compare.md: ``python docs/make/figures.py``.

Every number in them comes from the project's own code: intervals from ``store.rates``, drift from
the views of the store, over worlds that are simulated here with a fixed seed. The same versions of
Python and matplotlib draw the same files. Needs the extra ``docs``.
"""

from __future__ import annotations

import argparse
import math
import random
import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")
from matplotlib import pyplot

from otel_ai_feedback import store
from otel_ai_feedback.compare.always_valid import always_valid
from otel_ai_feedback.compare.difference import Interval, difference
from otel_ai_feedback.config import load
from otel_ai_feedback.intervals.clustered import BUCKETS, BucketCounts
from otel_ai_feedback.store.rates import Rate
from otel_ai_feedback.store.relations import relations

IMAGES: Final = Path(__file__).parents[1] / "images"
BLUE, ORANGE, GREY, RED = "#2166ac", "#d6701c", "#8a8a8a", "#b2182b"
FIRST: Final = date(2026, 6, 1)  # a Monday
mpl.rcParams.update(
    {
        "svg.hashsalt": "otel-ai-feedback",
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "figure.facecolor": "white",
        "legend.frameon": False,
    }
)


def interval(axes: Any) -> None:
    """The same 30 %, from ten outputs to three thousand."""
    sizes = (10, 30, 100, 300, 1000, 3000)
    for place, n in enumerate(sizes):
        rate = Rate(round(0.3 * n), n)
        axes.plot([place, place], [100 * rate.low, 100 * rate.high], color=BLUE, linewidth=3)
        axes.plot(place, 100 * rate.value, "o", color=BLUE)
        width = 100 * (rate.high - rate.low)
        axes.annotate(f"{width:.0f} points", (place, 100 * rate.high + 2), ha="center", color=GREY)
    axes.margins(x=0.1)
    axes.set_xticks(range(len(sizes)), [f"{n:,}" for n in sizes])
    axes.set(xlabel="outputs, of which 30 % were copied", ylabel="rate, %", ylim=(0, 70))


def coverage(axes: Any) -> None:
    """How often the interval holds the truth, beside the one that everyone learns first."""

    def covered(n: int, p: float, holds: Callable[[int, int, float], bool]) -> float:
        return sum(
            math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if holds(k, n, p)
        )

    def wilson(k: int, n: int, p: float) -> bool:
        return Rate(k, n).low <= p <= Rate(k, n).high

    def normal(k: int, n: int, p: float) -> bool:
        half = 1.959964 * math.sqrt(k / n * (1 - k / n) / n)
        return abs(k / n - p) <= half

    shares = [number / 200 for number in range(2, 101)]
    for holds, colour, label in ((normal, GREY, "rate ± 1.96 standard errors"),
                                 (wilson, BLUE, "Wilson's, as everywhere here")):  # fmt: skip
        seen = [100 * covered(40, p, holds) for p in shares]
        axes.plot([100 * p for p in shares], seen, color=colour, label=label)
    axes.axhline(95, color=RED, linewidth=0.8, linestyle="--")
    axes.set(
        xlabel="true rate, %, of 40 outputs", ylabel="intervals that hold it, %", ylim=(30, 101)
    )
    axes.legend(loc="lower right")


def effective(axes: Any) -> None:
    """What a sample in which some outputs stand for a hundred is worth."""
    weights = (1, 2, 5, 10, 20, 50, 100)
    sizes = []
    for place, weight in enumerate(weights):
        # Half of the rows were sampled whole, half at one in `weight`.
        rows, stands_for = 2000, 1000 + 1000 * weight
        n = stands_for**2 / (1000 + 1000 * weight**2)
        rate = Rate(600, rows, (0.3 * stands_for, stands_for, n))
        sizes.append(n)
        axes.plot([place, place], [100 * rate.low, 100 * rate.high], color=BLUE, linewidth=3)
        axes.plot(place, 100 * rate.value, "o", color=BLUE)
        axes.annotate(f"n = {n:,.0f}", (place, 100 * rate.high + 0.5), ha="center", color=GREY)
    axes.margins(x=0.1)
    axes.set_xticks(range(len(weights)), [f"1 in {weight}" for weight in weights])
    axes.set(
        xlabel="how the second half of 2,000 rows was sampled", ylabel="rate, %", ylim=(25, 36)
    )


def thumbs(axes: Any) -> None:
    """A year of weeks: thumbs of those who vote, and a hundred that were sampled at random."""
    generator = random.Random(20261126)
    truth, votes, drawn = [], [], []
    for week in range(40):
        good = 0.85 if week < 24 else 0.75
        truth.append(100 * good)
        outputs = [generator.random() < good for _ in range(4000)]
        # Who is unhappy votes four times as often.
        voted = [is_good for is_good in outputs if generator.random() < (0.01 if is_good else 0.04)]
        votes.append(100 * sum(voted) / len(voted))
        drawn.append(Rate(sum(generator.sample(outputs, 100)), 100))
    weeks = range(40)
    axes.plot(weeks, truth, color="black", linewidth=1, label="share of good answers")
    low = [100 * (rate.value - rate.low) for rate in drawn]
    high = [100 * (rate.high - rate.value) for rate in drawn]
    values = [100 * rate.value for rate in drawn]
    axes.errorbar(weeks, values, yerr=[low, high], fmt="o", color=BLUE, markersize=4,
                  elinewidth=1, label="100 sampled at random, read")  # fmt: skip
    axes.plot(weeks, votes, "s", color=ORANGE, markersize=4, label="thumbs of those who vote")
    axes.set(xlabel="week", ylabel="good, %", ylim=(20, 100))
    axes.legend(loc="lower left")


def drift(axes: tuple[Any, Any]) -> None:
    """A fall from 30 % to 27 %, the sum that gathers the evidence, and the alert."""
    generator, fell = random.Random(20261129), 98
    days = []
    for day in range(126):
        p = 0.30 - (0.03 if day >= fell else 0) + generator.gauss(0, 0.005)
        p -= 0.02 if day % 7 in (5, 6) else 0
        n = 2000
        spread = math.sqrt(1.4 * n * p * (1 - p))
        days.append((max(0, min(n, round(generator.gauss(n * p, spread)))), n))
    rows = [row for row in _watched(days) if row[0] >= FIRST + timedelta(days=63)]
    x = [(row[0] - FIRST).days for row in rows]
    alarm = next(day for day, row in zip(x, rows, strict=True) if row[4] >= row[5])
    above, below = axes
    above.plot(x, [100 * row[1] for row in rows], "o-", color=BLUE, markersize=3, label="rate")
    expected = [100 * row[2] for row in rows]
    above.plot(x, expected, color=GREY, label="expected: the same weekday, 8 weeks before")
    above.set(ylabel="copied, %")
    above.legend(loc="lower left")
    below.plot(x, [row[4] for row in rows], color=BLUE, label="evidence for a fall")
    below.plot(x, [row[3] for row in rows], color=ORANGE, label="evidence for a rise")
    below.plot(x, [row[5] for row in rows], color=RED, linestyle="--", label="threshold")
    for part in axes:
        part.axvline(fell, color=GREY, linewidth=0.8, linestyle=":")
        part.axvline(alarm, color=RED, linewidth=0.8)
    below.annotate("it falls", (fell, below.get_ylim()[1]), ha="right", va="top", color=GREY)
    below.annotate(" alert", (alarm, below.get_ylim()[1]), ha="left", va="top", color=RED)
    below.set(xlabel="day", ylabel="sum")
    below.legend(loc="upper left")


def _watched(days: list[tuple[int, int]]) -> list[tuple[Any, ...]]:
    """What the views of drift say of these days, each k of n, of one series.

    Returns:
        Rows of day, rate, expected rate, sum for a rise, sum for a fall, threshold.
    """
    with tempfile.TemporaryDirectory() as directory:
        settings = load(
            environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory}, directory=Path(directory)
        )
        client = store.connect(settings.store)
        # Daily counts in the place of signal_rates: a row a day is all that these views read.
        client.command(
            "create table signal_rates (day Date, service String, environment String, "
            "feature String, model String, release String, prompt_version String, series String, "
            "n Float64, k_weighted Float64, n_weighted Float64, "
            "k_by_bucket Array(Float64), n_by_bucket Array(Float64)) "
            "engine = MergeTree order by day"
        )
        client.command(
            "create view signal_rates_within as select * from signal_rates "
            "where day >= {since:Date} and day <= {until:Date}"
        )
        for name in ("settings", "delivery_rules", "accepted_baselines",
                     "drift_exclusions"):  # fmt: skip
            client.command(relations()[name].text)
        for name in ("baseline_starts_at", "series_parts_within", "series_counts_at",
                     "drift_cadence_at",
                     "drift_steps_within", "drift_live_within"):  # fmt: skip
            client.command(f"create view {name} as {relations()[name].text}")
        names = ["chat", "", "", "", "", "", "copied"]
        client.insert(
            "signal_rates",
            [
                # users as alike as can be
                [FIRST + timedelta(days=number), *names, n, k, n, [k / 64] * 64, [n / 64] * 64]
                for number, (k, n) in enumerate(days)
            ],
        )
        found: Any = client.query(
            "select day, k / n, expected, s_up, s_down, threshold from drift_live_within("
            "as_of = '2030-01-01 00:00:00.000', since = '1970-01-01') "
            "where segment_kind = 'all' and expected is not null order by day"
        ).result_rows
        client.close()
    return list(found)


def looks(axes: Any) -> None:
    """Two versions, looked at on each of 28 days: B is three points better on 30 %."""
    chance = random.Random(7)
    counts = [[[0.0] * BUCKETS for _ in "kn"] for _ in "ab"]
    # 2,000 users an arm with 8 answers each, habits that give a design effect of 3
    users = [
        (arm, chance.randrange(BUCKETS), chance.betavariate(0.75 + 0.075 * arm, 1.75 - 0.075 * arm))
        for arm in (0, 1)
        for _ in range(2000)
    ]
    fixed: list[Interval] = []
    daily: list[Interval] = []
    values: list[float] = []
    for day in range(1, 29):
        for arm, bucket, habit in users:
            if chance.random() < 8 / 28:
                counts[arm][0][bucket] += chance.random() < habit
                counts[arm][1][bucket] += 1
        effect = difference(*(BucketCounts(tuple(k), tuple(n)) for k, n in counts))
        values.append(100 * effect.value)
        fixed.append(effect.interval)
        daily.append(always_valid(effect, day / 28))
    days = range(1, 29)
    for found, color, label in (
        (daily, ORANGE, "holds on all days"),
        (fixed, BLUE, "holds on one day"),
    ):
        low, high = ([100 * end[side] for end in found] for side in (0, 1))
        axes.fill_between(days, low, high, color=color, alpha=0.25, linewidth=0, label=label)
    axes.plot(days, values, color=BLUE)
    axes.axhline(0, color=GREY, linewidth=1)
    axes.set(xlabel="day of the comparison", ylabel="B minus A, points", ylim=(-12, 16))
    axes.legend(loc="upper right")


PICTURES: Final[dict[str, Callable[..., None]]] = {
    "interval": interval,
    "coverage": coverage,
    "effective": effective,
    "thumbs": thumbs,
}


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--output", type=Path, default=IMAGES, metavar="DIR")
    folder = parser.parse_args().output
    for name, draw in PICTURES.items():
        figure, axes = pyplot.subplots(figsize=(7, 3.4), layout="constrained")
        draw(axes)
        _save(figure, folder / f"statistics-{name}.svg")
    figure, axes = pyplot.subplots(figsize=(7, 3.4), layout="constrained")
    looks(axes)
    _save(figure, folder / "compare-looks.svg")
    figure, both = pyplot.subplots(2, 1, figsize=(7, 5), sharex=True, layout="constrained")
    drift(tuple(both))
    _save(figure, folder / "statistics-drift.svg")


def _save(figure: Any, file: Path) -> None:
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
