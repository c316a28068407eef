"""What a reviewer is given next."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review import labels, lease
from otel_ai_feedback.review.labels import Label
from otel_ai_feedback.review.lease import Lease
from otel_ai_feedback.store.ask import ask

# How often an output is one that has been read before, where there are any: they come in between,
# so that nothing tells them from others.
_SECOND: Final = 0.25
# How often it is one of which three people have said the same.
_GOLD: Final = 0.05
_TRIES: Final = 20
_RANDOM: Final = random.SystemRandom()


def now() -> datetime:
    """The time, aware."""
    return datetime.now(timezone.utc)


class Desk:
    """Gives out outputs to review and records the verdicts on them.

    Several processes may do so over one store. Within one, a lock keeps reviewers from reaching for
    the same output at all.

    Args:
        client: From ``store.connect``, with the right to insert; used by this object alone.
        clock: The time, aware.
        sample: A number from 0 to 1 at random, which decides which kind of reading comes next.
    """

    def __init__(
        self,
        client: Client,
        clock: Callable[[], datetime] = now,
        lot: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._client = client
        self._clock = clock
        self._lot = lot
        self._lock = threading.Lock()

    def next(self, reviewer: str, *, extra: bool = False) -> Lease | None:
        """What this reviewer has on the screen, else what comes next.

        Args:
            reviewer: Who asks.
            extra: From the requested reviews, of outputs that someone asked for.

        Returns:
            A lease, or ``None`` when there is nothing to read.
        """
        with self._lock:
            held = ask(
                self._client,
                "review/current_lease",
                reviewer=reviewer,
                extra=extra,
                as_of=self._clock(),
            )
            if held:
                found = lease.find(self._client, held[0]["lease"])
                if found is not None:
                    return found
            for _ in range(_TRIES):
                chosen = self._candidates(reviewer, extra=extra)
                if chosen is None:
                    return None
                reading, candidates = chosen
                for output_id in candidates:
                    taken = lease.take(self._client, output_id, reading, reviewer, self._clock())
                    if taken is not None:
                        return taken
            return None

    def find(self, lease_id: str, reviewer: str) -> Lease | None:
        """A lease of this reviewer, whether it still runs or not."""
        with self._lock:
            found = lease.find(self._client, lease_id)
        return found if found is not None and found.reviewer == reviewer else None

    def say(self, given: Lease, label: Label, *, label_id: str, screen: str) -> bool:
        """Put a label into the store; on return it is there.

        Args:
            given: Under which lease.
            label: The verdict.
            label_id: The same when it is sent again.
            screen: Version of the page.

        Returns:
            Whether it is new.
        """
        with self._lock:
            return labels.write(
                self._client, given, label, label_id=label_id, screen=screen, now=self._clock()
            )

    def said(self, given: Lease) -> Label | None:
        """What was last said under a lease."""
        with self._lock:
            return labels.latest(self._client, given)

    def request(self, output_ids: Sequence[str], reviewer: str, reason: str) -> None:
        """Put outputs into the requested reviews.

        Args:
            output_ids: Which outputs.
            reviewer: Who asks for them.
            reason: Why, in a word.
        """
        at = self._clock()
        with self._lock:
            self._client.insert(
                "review_requests",
                [[output_id, reviewer, reason, at] for output_id in output_ids],
                column_names=("output_id", "requested_by", "reason", "requested_at"),
            )

    def _candidates(self, reviewer: str, *, extra: bool) -> tuple[str, list[str]] | None:
        if extra:
            order: Sequence[str] = ("extra",)
        else:
            order = _order(self._lot())
        for reading in order:
            rows = ask(
                self._client,
                f"review/next_{reading}",
                reviewer=reviewer,
                as_of=self._clock(),
            )
            if rows:
                return reading, [row["output_id"] for row in rows]
        return None


def _order(lot: float) -> Sequence[str]:
    """Which kinds of reading to look for, the first one that there is."""
    if lot < _SECOND:
        return ("second", "first")
    if lot < _SECOND + _GOLD:
        return ("gold", "first", "second")
    return ("first", "second")
