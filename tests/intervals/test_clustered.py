"""An interval holds the truth as often as it says, however much each user asks."""

import numpy as np
import pytest

from compare.worlds import World
from otel_ai_feedback.intervals import BucketCounts, Proportion, wilson

# users, answers each, spread of activity, rate, correlation within a user; what it must cover
WORLDS = {
    "independent": (World(2000, 5, 0.5, 0.3, 0.0001), 0.93),
    "even users": (World(2000, 5, 0.5, 0.3, 0.1), 0.93),
    "heavy users": (World(2000, 5, 1.5, 0.3, 0.1), 0.93),
    "few users": (World(30, 10, 0.5, 0.3, 0.05), 0.93),
    "some users": (World(400, 10, 1.2, 0.3, 0.2), 0.93),
    "design effect 13": (World(5000, 20, 1.0, 0.3, 0.23), 0.93),
    "design effect 31": (World(200, 50, 1.5, 0.1, 0.2), 0.9),
    "rare": (World(2000, 5, 1.5, 0.03, 0.1), 0.9),
    "very heavy users": (World(5000, 20, 2.0, 0.3, 0.3), 0.9),
}


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("worlds", [1000, pytest.param(5000, marks=pytest.mark.simulation)])
def test_an_interval_covers_the_truth(name, worlds):
    world, least = WORLDS[name]
    generator = np.random.default_rng(20261130)
    rates = [Proportion(world.counts(generator)) for _ in range(worlds)]
    covered = sum(rate.low <= world.rate <= rate.high for rate in rates) / worlds
    naive = [wilson(rate.value, rate.counts.total_n) for rate in rates]
    ignored = sum(low <= world.rate <= high for low, high in naive) / worlds
    effect = float(np.median([rate.design_effect for rate in rates]))
    print(f"{name}: covers {covered:.3f}, without users {ignored:.3f}, design effect {effect:.1f}")
    # 2.5 standard errors of a share of so many worlds
    play = 2.5 * (0.05 * 0.95 / worlds) ** 0.5
    assert least - play <= covered <= 0.97 + play


def test_one_answer_a_user_is_about_wilson():
    generator = np.random.default_rng(1)
    k = generator.binomial(1, 0.3, 6400)
    buckets = np.arange(6400) % 64
    counts = BucketCounts(np.bincount(buckets, k).tolist(), np.bincount(buckets).tolist())
    assert Proportion(counts).design_effect == pytest.approx(1, abs=0.3)
    low, high = Proportion(counts).low, Proportion(counts).high
    assert (low, high) == pytest.approx(wilson(float(k.mean()), 6400), abs=0.004)


def test_nothing_and_everything_have_the_interval_of_that_many_answers():
    rate = Proportion(BucketCounts([0] * 64, [10] * 64))
    assert rate.value == rate.low == 0
    assert 0 < rate.high < 0.0063
    assert Proportion(BucketCounts([10] * 64, [10] * 64)).high == 1


def test_answers_that_stand_for_many_say_no_more_than_they_are():
    whole = Proportion(BucketCounts([0] * 64, [100] * 64))
    sampled = Proportion(BucketCounts([0] * 64, [100] * 64, answers=64))
    assert sampled.high > 10 * whole.high
    assert sampled.n_effective == pytest.approx(64 * (1.959964 / 1.998341) ** 2)


def test_a_single_user_says_little():
    rate = Proportion(BucketCounts([30] + [0] * 63, [100] + [0] * 63))
    assert rate.low < 0.1
    assert rate.high > 0.6


def test_sums_add_up_bucket_by_bucket():
    total = BucketCounts([1, 2], [3, 4]) + BucketCounts([0, 1], [2, 2], answers=2)
    assert (total.k, total.n, total.answers) == ((1, 3), (5, 6), 9)


@pytest.mark.parametrize(("k", "n"), [([2, 0], [1, 0]), ([0, 0], [0, 0]), ([-1, 0], [2, 3])])
def test_what_is_no_proportion_is_refused(k, n):
    with pytest.raises(ValueError, match="no proportion"):
        Proportion(BucketCounts(k, n))


def test_buckets_must_be_the_same():
    with pytest.raises(ValueError, match="1 buckets of k and 2 of n"):
        BucketCounts([1], [1, 2])
