"""How often a client may fail to sign in."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import Final

_GUESSES: Final = 10
_SECONDS_A_GUESS: Final = 30.0
_MOST_CLIENTS: Final = 10_000


class Guesses:
    """How many wrong tokens a client may send: ten at once, then one in half a minute.

    Used from the event loop only, so it needs no lock.
    """

    def __init__(self) -> None:
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> int:
        """After how many seconds this client may try again; 0 for now."""
        left = self._now(client)
        return 0 if left >= 1 else math.ceil((1 - left) * _SECONDS_A_GUESS)

    def wrong(self, client: str) -> None:
        """Count a wrong token."""
        self._left[client] = (self._now(client) - 1, time.monotonic())
        self._left.move_to_end(client)
        if len(self._left) > _MOST_CLIENTS:
            self._left.popitem(last=False)

    def _now(self, client: str) -> float:
        left, since = self._left.get(client, (float(_GUESSES), time.monotonic()))
        return min(left + (time.monotonic() - since) / _SECONDS_A_GUESS, _GUESSES)
