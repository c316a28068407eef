"""How often one client may send: token buckets, of which only so many are kept."""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from typing import Final

BURST: Final = 60
PER_SECOND: Final = 2.0
ACTIONS_BURST: Final = 256
ACTIONS_PER_SECOND: Final = 10.0
MAX_CLIENTS: Final = 10_000
_NANOSECONDS: Final = 1_000_000_000


class Rates:
    """One bucket of tokens for each client; each beacon takes one, or each action in it.

    A page sends a beacon when it is left and at most every few seconds before, so that what a whole
    office sends from one address fits, and a loop does not.

    Args:
        burst: How many beacons a client may send at once.
        per_second: How many it may go on sending.
        max_clients: How many clients are remembered; the one that was silent longest goes first,
            with a full bucket when it comes back.
    """

    def __init__(
        self,
        burst: int = BURST,
        per_second: float = PER_SECOND,
        max_clients: int = MAX_CLIENTS,
    ) -> None:
        if burst < 1 or per_second <= 0 or max_clients < 1:
            raise ValueError("burst, per_second and max_clients must be above 0")
        self._burst = float(burst)
        self._per_second = per_second
        self._max_clients = max_clients
        self._buckets: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, client: str, now_ns: int, tokens: int = 1) -> int:
        """Take tokens.

        Args:
            client: Address of the client.
            now_ns: Nanoseconds of any clock that does not go back.
            tokens: How many.

        Returns:
            0, or after how many seconds there are as many.
        """
        client = network(client)
        with self._lock:
            left, since = self._buckets.pop(client, (self._burst, now_ns))
            gained = max(now_ns - since, 0) / _NANOSECONDS * self._per_second
            left = min(left + gained, self._burst)
            wait = 0 if left >= tokens else math.ceil((tokens - left) / self._per_second)
            self._buckets[client] = (left - (0 if wait else tokens), now_ns)
            if len(self._buckets) > self._max_clients:
                self._buckets.popitem(last=False)
        return wait


def network(client: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that an IPv6 host chooses from."""
    if ":" not in client:
        return client[:64]
    try:
        address = ipaddress.IPv6Address(client.partition("%")[0])
    except ValueError:
        return client[:64]
    mapped = address.ipv4_mapped
    return str(mapped) if mapped is not None else address.packed[:8].hex()
