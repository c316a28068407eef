"""Whether a comparison can be trusted: findings shown beside it, and never silently corrected."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from otel_ai_feedback import formats
from otel_ai_feedback.compare.difference import Difference, difference
from otel_ai_feedback.intervals.clustered import BucketCounts
from otel_ai_feedback.intervals.false_discovery import q_values

SURELY: Final = 0.001
"""A split that chance explains this rarely is a fault of the assignment (Fabijan, KDD 2019)."""
LIKELY: Final = 0.01
MIX_POINTS: Final = 0.02
"""A share of the mix that differs by less than this explains no difference of a signal."""
LONGER: Final = 1.1
"""First questions that are longer by this factor are another kind of question."""
BOTH_SHARE: Final = 0.01

Arms = tuple[BucketCounts, BucketCounts]


@dataclass(frozen=True)
class Finding:
    """Something to know before the verdict is believed.

    Attributes:
        check: Which check found it.
        message: In words.
    """

    check: str
    message: str


def sample_ratio(users_a: int, users_b: int, expected_b: float = 0.5) -> Finding | None:
    """Whether users were split as planned.

    Args:
        users_a: Users in arm A only.
        users_b: Users in arm B only.
        expected_b: Planned share of arm B.
    """
    users = users_a + users_b
    if not users:
        return None
    expected = users * expected_b
    chi_square = (users_b - expected) ** 2 / expected + (users_b - expected) ** 2 / (
        users - expected
    )
    p = math.erfc(math.sqrt(chi_square / 2))
    if p >= SURELY:
        return None
    return Finding(
        "sample_ratio",
        f"Users are not split as planned: {formats.count(users_a)} in A and "
        f"{formats.count(users_b)} in B, "
        f"planned {formats.percent(1 - expected_b, 0)} and {formats.percent(expected_b, 0)} "
        f"(p < {SURELY}). "
        "Something removes users from one arm; do not trust the difference until it is found.",
    )


def users_in_both(users_a: int, users_b: int, both: int) -> Finding | None:
    """Whether users saw both arms.

    Args:
        users_a: Users in arm A, those in both included.
        users_b: Users in arm B, those in both included.
        both: Users in both.
    """
    users = users_a + users_b - both
    if not users or both / users <= BOTH_SHARE:
        return None
    return Finding(
        "users_in_both",
        f"{formats.count(both)} of {formats.count(users)} users "
        f"({formats.percent(both / users, 0)}) had answers from both arms. "
        "The interval accounts for it, but what they saw in one arm may color the other.",
    )


def mix(parts: Mapping[str, Arms], of: str) -> list[Finding]:
    """Parts whose share differs between the arms.

    Args:
        parts: For each part, both arms: k is answers of the part, n all answers.
        of: What they are parts of, in words: "feature" for example.
    """
    names = sorted(parts)
    found = [difference(*parts[name]) for name in names]
    findings = []
    for name, effect, q in zip(names, found, q_values([d.p_value for d in found]), strict=True):
        if q < LIKELY and abs(effect.value) >= MIX_POINTS:
            a, b = parts[name]
            findings.append(
                Finding(
                    "mix",
                    f"The arms differ in their mix: {of} {name!r} is "
                    f"{formats.percent(a.ratio, 0)} of A and {formats.percent(b.ratio, 0)} of B.",
                )
            )
    return findings


def first_questions(arms: Arms) -> Finding | None:
    """Whether conversations begin with longer questions in one arm, before it has answered any.

    Args:
        arms: k is the binary logarithm of the tokens of first questions, n how many there are.
    """
    effect = difference(*arms)
    times = 2 ** abs(effect.value)
    if effect.p_value >= LIKELY or times < LONGER:
        return None
    longer = "B" if effect.value > 0 else "A"
    a, b = (2**arm.ratio for arm in arms)
    return Finding(
        "first_question",
        f"The arms differ in their first questions: they are {formats.number(times)} times as long "
        f"in {longer} (typically {formats.number(a)} tokens in A and {formats.number(b)} in B).",
    )


def novelty(signals: Mapping[str, tuple[Arms, Arms]]) -> list[Finding]:
    """Signals whose difference was another one in the first week.

    Args:
        signals: For each signal both arms in the first week, and both after it.
    """
    changes = [change_of_difference(first, later) for first, later in signals.values()]
    found = []
    for (name, (first, later)), q in zip(
        signals.items(), q_values([change.p_value for change in changes]), strict=True
    ):
        if q < LIKELY:
            early, late = difference(*first).value, difference(*later).value
            found.append(
                Finding(
                    "novelty",
                    f"{formats.capital(name)}: the first week differs from the time after it, "
                    f"{formats.points(early)} points, then {formats.points(late)}. "
                    "Believe the later value.",
                )
            )
    return found


def change_of_difference(first: Arms, later: Arms) -> Difference:
    """By how much B minus A changed, with users counted once in both times."""
    pairs = zip(
        first[0].influence,
        first[1].influence,
        later[0].influence,
        later[1].influence,
        strict=True,
    )
    squares = sum(((d - c) - (b - a)) ** 2 for a, b, c, d in pairs)
    arms = (*first, *later)
    filled = sum(any(sizes) for sizes in zip(*(arm.n for arm in arms), strict=True))
    variance = squares * filled / (filled - 1) if filled > 1 else 0.0
    value = difference(*later).value - difference(*first).value
    return Difference(value, math.sqrt(variance), min(arm.degrees for arm in arms))
