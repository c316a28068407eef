"""When a demo takes place, so that one that was killed is taken up again and none overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.demo.corpus import Corpus
from otel_ai_feedback.demo.identifiers import derived_id
from otel_ai_feedback.store.ask import ask

# Outputs mature 30 minutes after they ended: everything in the window has.
SETTLES_SECONDS: Final = 40 * 60
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True)
class Run:
    """One demo in a store.

    Attributes:
        name: Its ``service.instance.id``; every id of its traffic follows from it.
        start: Beginning of its window, whole seconds since the epoch.
        end: End of it.
    """

    name: str
    start: int
    end: int


def schedule(client: Client, corpus: Corpus, days: int, now: float) -> Run:
    """The window that this demo fills.

    An earlier demo of the same corpus and length is taken up again while its window overlaps the
    one that would be filled now: the same traffic is sent with the same ids and times, of which
    the store keeps what it has and takes what was lost.

    Args:
        client: Of the store.
        corpus: What is played.
        days: Length of the window.
        now: The real time, seconds since the epoch.
    """
    digest = derived_id(corpus.digest, str(days), digits=12)
    length = days * _DAY_SECONDS
    (found,) = ask(client, "demo/earlier_run", service=corpus.service, digest=digest)
    earlier = int(found["start"] or 0)
    start = int(now) - SETTLES_SECONDS - length
    if start < earlier + length:
        start = earlier
    return Run(f"{digest}@{start}", start, start + length)
