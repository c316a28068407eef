"""The same numbers as published libraries: tea-tasting (differences, CUPED) and confseq."""

import json
import math
import subprocess

import numpy as np
import pytest

from instrumentations.environments import environment
from otel_ai_feedback.compare.always_valid import boundary
from otel_ai_feedback.compare.difference import adjusted, difference
from otel_ai_feedback.intervals import BucketCounts

USERS = 600
# effect, both ends, statistic of tea-tasting 1.14.0 on the users below
PLAIN = (0.05765466033443428, 0.025690957074191396, 0.08961836359467718, 3.5388686117528283)
CUPED = (0.06679945965350814, 0.04447132883113048, 0.08912759047588581, 5.869589070509664)
# confseq 0.0.11: boundaries.normal_mixture_bound(t, .05, 100, .05, is_one_sided=False)
BOUNDS = {
    1: 9.084379437310579,
    10: 12.1907531463415,
    100: 30.35208990376253,
    250: 48.691392405147774,
    1000: 102.51228683166386,
}
PROGRAM = """
import json, sys, pandas, tea_tasting
metrics = {
    "plain": tea_tasting.RatioOfMeans("k", "n", equal_var=False),
    "cuped": tea_tasting.RatioOfMeans("k", "n", "k0", "n0", equal_var=False),
}
found = tea_tasting.Experiment(**metrics).analyze(pandas.DataFrame(json.load(sys.stdin)))
print(json.dumps([
    [m.effect_size, m.effect_size_ci_lower, m.effect_size_ci_upper, m.statistic]
    for m in (found["plain"], found["cuped"])
]))
"""


def users():
    """k, n and the same before, of the users of both arms."""
    generator = np.random.default_rng(5)
    for extra in (0.0, 0.05):
        n, habit = generator.integers(1, 12, USERS), generator.beta(1.5, 3.5, USERS)
        k = generator.binomial(n, np.clip(habit + extra, 0, 1))
        yield k, n, generator.binomial(3 * n, habit), 3 * n


def ours():
    """Each user a bucket, in one arm only."""
    none = [0] * USERS
    (k, n, k0, n0), (j, m, j0, m0) = ([x.tolist() for x in arm] for arm in users())
    a, a_before = BucketCounts(k + none, n + none), BucketCounts(k0 + none, n0 + none)
    b, b_before = BucketCounts(none + j, none + m), BucketCounts(none + j0, none + m0)
    for effect in (difference(a, b), adjusted(a, b, a_before, b_before)):
        yield [effect.value, *effect.interval, effect.value / effect.standard_error]


def test_differences_are_those_of_tea_tasting():
    plain, cuped = ours()
    assert (plain[0], plain[3]) == pytest.approx((PLAIN[0], PLAIN[3]), rel=1e-12)
    # degrees of freedom are counted otherwise
    assert plain == pytest.approx(PLAIN, rel=3e-3)
    # and the slope is weighted otherwise
    assert cuped == pytest.approx(CUPED, rel=4e-3)


@pytest.mark.packages
@pytest.mark.timeout(900)
def test_these_are_what_tea_tasting_says_today():
    columns = {"variant": [0] * USERS + [1] * USERS}
    for name, *both in zip(("k", "n", "k0", "n0"), *users(), strict=True):
        columns[name] = [int(value) for arm in both for value in arm]
    done = subprocess.run(
        [environment("experiments"), "-c", PROGRAM],
        input=json.dumps(columns), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == [pytest.approx(PLAIN), pytest.approx(CUPED)]


@pytest.mark.parametrize("t", BOUNDS)
def test_the_sequence_is_that_of_confseq(t):
    log_alpha = -2 * math.log(0.05)
    rho = math.sqrt((log_alpha + math.log(log_alpha + 1)) / 100)
    assert t * boundary(t, rho) == pytest.approx(BOUNDS[t], rel=1e-12)
