"""From a beacon to action spans, beside the server's thread: it answers from its event loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from otel_ai_feedback.capture.actions import record
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.web.beacon import Beacon, Reported


def now_ns() -> int:
    """The time by the clock that capture goes by, nanoseconds since the epoch."""
    capture = SWITCH.capture
    return time.time_ns() if capture is None else capture.clock()


def record_here(beacon: Beacon) -> bool:
    """Have the actions of a beacon recorded by this process.

    Args:
        beacon: What a page reported.

    Returns:
        Whether it was taken. What is wrong with its actions is counted by reason.
    """
    capture = SWITCH.capture
    if capture is None or not capture.active:
        GUARD.refused("not_instrumented", "beacons are refused before instrument()")
        return False
    return submit(capture, SWITCH.tracer_provider, beacon)


def opted_out_here(header: Callable[[str], str | None]) -> bool:
    """Whether the browser that sent a request asks not to be observed, where that is honoured.

    Args:
        header: Gives the value of a request header by its name in lower case.
    """
    capture = SWITCH.capture
    return capture is not None and capture.opt_out.of_request(header)


def own_reasons_here() -> frozenset[str]:
    """The reasons that a page may give beside those of the list."""
    capture = SWITCH.capture
    return frozenset() if capture is None else capture.own_reasons


def submit(capture: Capture, provider: Any, beacon: Beacon) -> bool:
    """Have the actions of a beacon recorded at the pace of what strangers send.

    Args:
        capture: The parts to work with.
        provider: Tracer provider of the action spans.
        beacon: What a page reported.
    """
    return capture.strangers.submit(
        [partial(_record, capture, provider, reported) for reported in beacon.reported]
    )


def record_all(capture: Capture, provider: Any, beacon: Beacon) -> None:
    """Record the actions of a beacon, now and here.

    Args:
        capture: The parts to work with.
        provider: Tracer provider of the action spans.
        beacon: What a page reported.
    """
    for reported in beacon.reported:
        try:
            _record(capture, provider, reported)
        except Exception:
            GUARD.failed("recording a beacon")


def _record(capture: Capture, provider: Any, reported: Reported) -> None:
    record(capture, provider, reported.action, reported.handle, None, None, None)
