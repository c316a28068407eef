"""Facts of outputs and actions, brought up to date for the traces of which something has arrived.

Everything that is shown rests on two tables: ``output_facts`` and ``linked_actions``. A fact does
not depend on when it is asked, and its row is written again only when what it says has changed: so
what this costs follows what has arrived, and running it twice, or in two processes at once, changes
nothing. Where nothing has arrived, nothing but that is asked.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import ask
from otel_ai_feedback.store.facts import asking, passes

# What is inserted is seen a little later than it says, and several machines may say so. What is
# looked at again is not written again.
_OVERLAP: Final = timedelta(minutes=10)
_SHORT_OVERLAP: Final = timedelta(seconds=20)


def refresh(client: Client, as_of: datetime) -> None:
    """Bring facts up to date with what has arrived, and link by hash what came without a link.

    Args:
        client: From ``connect``, with the right to insert.
        as_of: Actions of the week before this are linked by hash; naive UTC.
    """
    passes.take(client, "refresh", _OVERLAP)
    if ask.ask(client, "store/state/late_links.unlinked", as_of=as_of)[0]["found"]:
        ask.command(client, "store/state/late_links.fill", as_of=as_of)
        # What was found for an action arrives at its output like one that was linked.
        passes.take(client, "catch_up", _SHORT_OVERLAP)


def catch_up(client: Client) -> None:
    """Take in what has arrived since facts were last brought up to date, between two ``refresh``.

    Args:
        client: As for ``refresh``.
    """
    passes.take(client, "catch_up", _SHORT_OVERLAP)


def conclude(client: Client, found: datetime, since: date, until: date) -> None:
    """Tell outputs of some days what has followed since some moment from the turns after them.

    Args:
        client: As for ``refresh``.
        found: The moment, naive UTC.
        since: First day on which the outputs started, of UTC.
        until: The last one.
    """
    asking.command(client, "output_facts.conclusions", found=found, since=since, until=until)
