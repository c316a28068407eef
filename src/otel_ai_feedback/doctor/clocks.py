"""Do this machine, the store and the receiver of the spans agree on the time?"""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Final

from otel_ai_feedback.doctor import wire
from otel_ai_feedback.doctor.finding import (
    Finding,
    failure,
    not_applicable,
    ok,
    warning,
)
from otel_ai_feedback.doctor.stored import rows
from otel_ai_feedback.doctor.visit import Visit
from otel_ai_feedback.formats import duration

# An output counts 30 minutes after it ended, by the store's clock; an action must lie within them.
_WARN_SECONDS: Final = 5.0
_FAIL_SECONDS: Final = 300.0


def check(visit: Visit) -> Iterator[Finding]:
    """The store's clock, and the `Date` of the endpoint."""
    yield from _store(visit)
    yield from _endpoint(visit)


def _store(visit: Visit) -> Iterator[Finding]:
    if visit.client is None:
        yield not_applicable("clock.store", "the store was not reached")
        return
    before = visit.clock()
    there = rows(visit.client, "clock")[0]["unix_ms"] / 1000
    after = visit.clock()
    yield skew("clock.store", "the store", there - (before + after) / 2, (after - before) / 2)


def _endpoint(visit: Visit) -> Iterator[Finding]:
    if visit.traces is None or not visit.traces_accepted or visit.traces.protocol == "grpc":
        yield not_applicable("clock.endpoint", "the receiver of the spans does not report its time")
        return
    before = visit.clock()
    try:
        answer = wire.request(
            visit.traces.url, method="OPTIONS", timeout=visit.timeout, redirects=False
        )
        there = parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (wire.NoAnswerError, KeyError, ValueError):
        yield not_applicable("clock.endpoint", "the receiver of the spans does not report its time")
        return
    after = visit.clock()
    # The header has whole seconds, cut off.
    found = there + 0.5 - (before + after) / 2
    yield skew("clock.endpoint", "the receiver of the spans", found, (after - before) / 2 + 0.5)


def skew(name: str, what: str, seconds: float, uncertainty: float) -> Finding:
    """Whether a clock is right enough.

    Args:
        name: Name of the check.
        what: Whose clock, in words.
        seconds: How far it is ahead of this machine's.
        uncertainty: How far that may be off.
    """
    off = max(abs(seconds) - uncertainty, 0.0)
    way = "ahead of" if seconds > 0 else "behind"
    if off <= _WARN_SECONDS:
        return ok(name, f"the clock of {what} agrees with this machine's")
    seen = f"the clock of {what} is {duration(abs(seconds))} {way} this machine's"
    fix = "let all of them follow NTP (`timedatectl set-ntp true`); one of the two is wrong"
    if off > _FAIL_SECONDS:
        return failure(name, f"{seen}: actions fall out of the half hour in which they count", fix)
    return warning(name, seen, fix)
