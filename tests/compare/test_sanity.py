"""Findings about an experiment before its verdict is believed."""

import numpy as np
import pytest

from otel_ai_feedback.compare.sanity import (
    first_questions,
    mix,
    novelty,
    sample_ratio,
    users_in_both,
)
from otel_ai_feedback.intervals import BucketCounts

from .worlds import World, in_buckets


def test_a_split_that_is_not_as_planned_is_reported():
    assert sample_ratio(10_000, 10_200) is None
    found = sample_ratio(10_000, 10_600)
    assert "10\u202f000 in A and 10\u202f600 in B, planned 50% and 50%" in found.message
    assert sample_ratio(9_000, 1_010, expected_b=0.1) is None
    assert sample_ratio(9_000, 1_200, expected_b=0.1) is not None
    assert sample_ratio(0, 0) is None


@pytest.mark.parametrize("worlds", [2000])
def test_a_fair_split_is_seldom_called_unfair(worlds):
    generator = np.random.default_rng(19)
    found = [sample_ratio(5000 - int(b), int(b)) for b in generator.binomial(5000, 0.5, worlds)]
    assert sum(f is not None for f in found) <= 8


def test_users_who_saw_both_are_said():
    assert users_in_both(1000, 1000, 5) is None
    found = users_in_both(1000, 1000, 500)
    assert "500 of 1\u202f500 users (33%)" in found.message
    assert users_in_both(0, 0, 0) is None


def parts(generator, shares_a, shares_b):
    """Each user has one feature, so that users are what differs."""
    world, arms = World(2000, 8, 1.0, 0.3, 0.2), []
    for shares in (shares_a, shares_b):
        n = world.activity(generator)
        feature = generator.choice(len(shares), world.users, p=shares)
        buckets = generator.integers(0, 64, world.users)
        arms.append([in_buckets(n * (feature == f), n, buckets) for f in range(len(shares))])
    return {f"f{f}": pair for f, pair in enumerate(zip(*arms, strict=True))}


def test_arms_of_another_mix_are_said_and_equal_ones_are_not():
    generator = np.random.default_rng(23)
    found = mix(parts(generator, [0.5, 0.3, 0.2], [0.3, 0.5, 0.2]), "feature")
    assert [f.message for f in found] == [
        "The arms differ in their mix: feature 'f0' is 47% of A and 31% of B.",
        "The arms differ in their mix: feature 'f1' is 33% of A and 52% of B.",
    ]
    equal = [mix(parts(generator, [0.5, 0.3, 0.2], [0.5, 0.3, 0.2]), "feature") for _ in range(300)]
    assert sum(bool(found) for found in equal) <= 9


def week(world, generator, effect, habits):
    arms = []
    for extra, (n, habit, buckets) in zip((0.0, effect), habits, strict=True):
        k = generator.binomial(n, np.clip(habit + extra, 0, 1))
        arms.append(in_buckets(k, n, buckets))
    return tuple(arms)


def test_an_effect_that_wears_off_is_reported():
    generator, world = np.random.default_rng(29), World(2000, 8, 1.0, 0.3, 0.2)

    def users():
        return [
            (world.activity(generator), world.habits(generator), generator.integers(0, 64, 2000))
            for _ in range(2)
        ]

    same = users()
    worn_off = (week(world, generator, 0.1, same), week(world, generator, 0.0, same))
    (found,) = novelty({"copied": worn_off})
    assert found.message.startswith("Copied: the first week differs from the time after it, +")
    steady = 0
    for _ in range(300):
        same = users()
        first, later = (week(world, generator, 0.03, same) for _ in range(2))
        steady += len(novelty({"copied": (first, later)}))
    assert steady <= 9


def test_no_change_without_any_answers_to_compare():
    few = BucketCounts([1] + [0] * 63, [2] + [0] * 63)
    assert novelty({"copied": ((few, few), (few, few))}) == []


def test_longer_first_questions_are_said_and_equal_ones_are_not():
    generator = np.random.default_rng(31)

    def arm(longer):
        lengths = generator.normal(7 + longer, 1.5, 600)
        buckets = generator.integers(0, 64, 600)
        return BucketCounts(
            np.bincount(buckets, lengths, 64).tolist(), np.bincount(buckets, minlength=64).tolist()
        )

    found = first_questions((arm(0), arm(0.8)))
    assert "times as long in B" in found.message
    assert sum(first_questions((arm(0), arm(0))) is not None for _ in range(500)) <= 12
