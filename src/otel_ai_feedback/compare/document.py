"""A comparison as JSON, for programs."""

from __future__ import annotations

from typing import Any

from otel_ai_feedback.compare.comparison import Compared, Comparison, PerUsed


def document(found: Comparison) -> dict[str, Any]:
    """All of a comparison, at full precision."""
    asked = found.question
    return {
        "service": asked.arms.service,
        "by": asked.arms.by,
        "a": asked.arms.a,
        "b": asked.arms.b,
        "since": f"{asked.days.since}",
        "until": f"{asked.days.until}",
        "planned_days": asked.planned_days,
        "interval": "daily looks" if asked.looked_daily else "one look",
        "outcome": found.judged.outcome.value,
        "not_worse": found.judged.not_worse,
        "sentence": found.sentence,
        "seconds_per_used_answer": _per_used(found.seconds),
        "cost_per_used_answer": _per_used(found.cost),
        "signals": [_signal(one) for one in found.measures],
        "findings": [
            {"check": finding.check, "message": finding.message} for finding in found.findings
        ],
    }


def _signal(one: Compared) -> dict[str, Any]:
    return {
        "signal": one.measure.name,
        **{
            arm: {
                "n": rate.counts.counted,
                "n_effective": rate.n_effective,
                "rate": rate.value,
                "low": rate.low,
                "high": rate.high,
            }
            for arm, rate in (("a", one.a), ("b", one.b))
        },
        "difference": one.difference.value,
        "interval_one_look": list(one.fixed),
        "interval_daily_looks": list(one.daily),
        "adjusted_for_the_past_by": one.difference.past,
        "q_value": one.q_value,
        "smallest_detectable": one.smallest,
        "days_left": one.days_left,
        "outcome": one.judged.outcome.value,
        "not_worse": one.judged.not_worse,
        "sentence": one.sentence,
    }


def _per_used(found: PerUsed | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        arm: {"value": value, "low": interval[0], "high": interval[1]}
        for arm, (value, interval) in (("a", found.a), ("b", found.b))
    }
