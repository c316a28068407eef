"""How sure a share is: the one place for intervals, in plain Python.

Users are the unit. Ten answers to one user are not ten independent facts, so counts come in buckets
of users (`BucketCounts`), and an interval is as wide as the buckets differ among themselves.
"""

from __future__ import annotations

from otel_ai_feedback.intervals.clustered import BucketCounts, Proportion
from otel_ai_feedback.intervals.quantiles import t_quantile, t_tail
from otel_ai_feedback.intervals.wilson import wilson

__all__ = ["BucketCounts", "Proportion", "t_quantile", "t_tail", "wilson"]
