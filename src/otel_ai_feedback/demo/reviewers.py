"""Simulated reviewers: each week they read for their hour what was sampled of the week before.

Their names say that they are simulated. A verdict follows from how good the answer was made, with
the disagreement that people have about middling ones; what is sampled, and what follows from the
verdicts, is up to the product.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.demo.corpus import Answer
from otel_ai_feedback.demo.identifiers import derived_id
from otel_ai_feedback.demo.truth import Truth
from otel_ai_feedback.review.labels import COLUMNS
from otel_ai_feedback.store.ask import ask

REVIEWERS: Final = ("Rosa Simulated", "Sam Simulated")

_MINUTES_A_WEEK: Final = 60.0
_SCREEN: Final = "demo"
_HALF: Final = "incomplete"
"""What they name in an answer without a flaw that they are not content with."""
# When the two of them sit down in the week after: days after its Monday, and the hour (UTC).
_SESSIONS: Final = ((1, 10), (3, 14))


def read(client: Client, truth: Truth, until: datetime) -> int:
    """Write down what they said until a moment.

    Args:
        client: With the right to insert; the sample has been frozen.
        truth: How good each answer was made.
        until: Now, aware.

    Returns:
        How many verdicts that were.
    """
    weeks: defaultdict[date, list[str]] = defaultdict(list)
    for row in ask(client, "demo/sampled"):
        if row["output_id"] in truth.outputs:
            weeks[row["week"]].append(row["output_id"])
    rows = [
        row
        for week, outputs in weeks.items()
        for row in _week(week, outputs, truth)
        if row["reviewed_at"] <= until
    ]
    if rows:
        client.insert(
            "reviews", [[row[name] for name in COLUMNS] for row in rows], column_names=COLUMNS
        )
    return len(rows)


def _week(week: date, outputs: list[str], truth: Truth) -> Iterator[Mapping[str, Any]]:
    """The hour after a week, in the order of the sample, half of it by each."""
    queue = iter(outputs)
    for reviewer, (days, hour) in zip(REVIEWERS, _SESSIONS, strict=True):
        now = datetime.combine(week + timedelta(7 + days), time(hour), timezone.utc)
        end = now + timedelta(minutes=_MINUTES_A_WEEK / len(REVIEWERS))
        for output_id in queue:
            rng = random.Random(output_id)  # noqa: S311 - a simulation
            seconds = round(rng.uniform(20, 50), 1)
            now += timedelta(seconds=seconds)
            answer = truth.outputs[output_id].answer
            verdict = _verdict(answer, rng)
            yield {
                "review_id": derived_id(reviewer, output_id, digits=32),
                "output_id": output_id,
                "reading": "first",
                "reviewer": reviewer,
                "verdict": verdict,
                "modes": [answer.flaw or _HALF] if verdict == "bad" else [],
                "note": "",
                "seconds": seconds,
                "screen_version": _SCREEN,
                "reviewed_at": now,
            }
            if now >= end:
                break


def _verdict(answer: Answer, rng: random.Random) -> str:
    if rng.random() < 0.01:
        return "unsure"
    # They know more than users do, and are less easily content with half an answer.
    return "good" if rng.random() < answer.quality**0.5 * (0.1 if answer.flaw else 1) else "bad"
