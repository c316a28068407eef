"""When a demo takes place, so that one that was killed is taken up again and none overlap."""

from __future__ import annotations

from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.demo.identifiers import derived_id
from otel_ai_feedback.demo.story import Run, Story
from otel_ai_feedback.store.ask import ask

# Outputs mature 30 minutes after they ended: everything in the window has.
SETTLES_SECONDS: Final = 40 * 60
_DAY_SECONDS: Final = 86_400


def schedule(client: Client, story: Story, days: int, now: float) -> Run:
    """The window that this demo fills: so many whole days (UTC), and today until 40 minutes ago.

    An earlier demo of the same story and length is taken up again while its window overlaps the
    one that would be filled now: the same traffic is sent with the same ids and times, of which
    the store keeps what it has and takes what was lost.

    Args:
        client: Of the store.
        story: What is played.
        days: How many whole days.
        now: The real time, seconds since the epoch.
    """
    digest = derived_id(story.digest, str(days), digits=12)
    end = int(now) - SETTLES_SECONDS
    start = end // _DAY_SECONDS * _DAY_SECONDS - days * _DAY_SECONDS
    (found,) = ask(client, "demo/earlier_run", service=story.service, digest=digest)
    if found["window"]:
        earlier_start, earlier_end = map(int, found["window"].split("-"))
        if start < earlier_end:
            start, end = earlier_start, earlier_end
    return Run(f"{digest}@{start}-{end}", start, end)
