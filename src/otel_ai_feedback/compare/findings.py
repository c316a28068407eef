"""The checks of an experiment, on what the store counted."""

from __future__ import annotations

from otel_ai_feedback import formats
from otel_ai_feedback.compare import sanity
from otel_ai_feedback.compare.arms import Arms
from otel_ai_feedback.compare.counted import MOST_ANSWERS, SAMPLED_ANSWERS, Counted
from otel_ai_feedback.compare.sanity import Finding
from otel_ai_feedback.intervals.clustered import BUCKETS
from otel_ai_feedback.signals import BY_NAME


def findings(counted: Counted, arms: Arms, planned_share: float | None) -> list[Finding]:
    """What to know before the verdict is believed.

    Args:
        counted: Counts of both arms.
        arms: The arms. Two windows of days have the same users, and a first week of their own each.
        planned_share: Planned share of users in arm B, where users are split by chance.
    """
    found = [*_mix(counted), _questions(counted), _size(counted)]
    if arms.by != "days":
        found = [*_users(counted, planned_share), *found, *_novelty(counted)]
    return [finding for finding in found if finding]


def _size(counted: Counted) -> Finding | None:
    if not counted.sample:
        return None
    users = formats.percent(counted.sample.buckets / BUCKETS, 0)
    return Finding(
        "size",
        f"More than {formats.count(MOST_ANSWERS)} answers are counted by day. Users in both arms "
        f"are searched among {users} of the users; time and cost are from a sample of "
        f"{formats.count(SAMPLED_ANSWERS)} answers. Earlier behavior of users and first questions "
        "are not considered.",
    )


def _users(counted: Counted, planned_share: float | None) -> list[Finding | None]:
    users_a, users_b = (counted.users.get(arm, 0) for arm in ("a", "b"))
    both = counted.users_in_both
    found = [sanity.users_in_both(users_a, users_b, both)]
    if planned_share is not None:
        found.insert(0, sanity.sample_ratio(users_a - both, users_b - both, planned_share))
    return found


def _mix(counted: Counted) -> list[Finding]:
    answers = counted.total("a", "failed"), counted.total("b", "failed")
    if len(counted.features) < 2 or not all(answers):
        return []
    parts = {
        name: (counted.feature("a", name), counted.feature("b", name)) for name in counted.features
    }
    return sanity.mix(parts, "feature")


def _questions(counted: Counted) -> Finding | None:
    a, b = counted.total("a", "first question"), counted.total("b", "first question")
    return sanity.first_questions((a, b)) if a and b else None


def _novelty(counted: Counted) -> list[Finding]:
    weeks = {}
    for signal in BY_NAME.values():
        a = counted.of("a", "first", signal.name), counted.of("a", "later", signal.name)
        b = counted.of("b", "first", signal.name), counted.of("b", "later", signal.name)
        if signal.good != "neither" and a[0] and a[1] and b[0] and b[1]:
            weeks[signal.label] = ((a[0], b[0]), (a[1], b[1]))
    return sanity.novelty(weeks)
