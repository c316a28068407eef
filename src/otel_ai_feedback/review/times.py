"""Times as the store gives them."""

from __future__ import annotations

from datetime import datetime, timezone


def aware(time: datetime) -> datetime:
    """A time as the store gives it: UTC, which it does not say."""
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
