"""How often one kind of action was reported on one answer, whatever beacons it came in."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from otel_ai_feedback.capture.web.beacon import MAX_REPEATS, Beacon

MAX_KEPT: Final = 4096


class Repeats:
    """Lets so many actions of a kind on an answer through; one that is sent again is the same one.

    Args:
        max_kept: How many answers and kinds are remembered; the one that was silent longest goes
            first.
    """

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._ids: OrderedDict[tuple[str, str], set[int]] = OrderedDict()
        self._lock = threading.Lock()

    def within(self, beacon: Beacon) -> Beacon:
        """The same beacon; actions that are too many are refused in it."""
        kept = Beacon([], list(beacon.refused))
        with self._lock:
            for reported in beacon.reported:
                key = reported.handle, reported.action.name
                ids = self._ids.setdefault(key, set())
                self._ids.move_to_end(key)
                given = hash(reported.action.given_id)
                if given in ids or len(ids) < MAX_REPEATS:
                    ids.add(given)
                    kept.reported.append(reported)
                else:
                    kept.refused.append("repeated")
                if len(self._ids) > self._max_kept:
                    self._ids.popitem(last=False)
        return kept
