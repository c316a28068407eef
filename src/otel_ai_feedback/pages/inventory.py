"""What there is to choose from, and how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from otel_ai_feedback.pages.filters import Filter, Group
from otel_ai_feedback.store.ask import Row


@dataclass(frozen=True)
class Inventory:
    """The groups and models that have sent outputs.

    Attributes:
        groups: All groups, the busiest first.
        models: The models of the chosen group, by name.
        outputs: Delivered outputs of the choice in its window.
        counted: How many of them are counted already.
        newest: When the newest output of the choice was made.
        next_counted_at: When the next one of the choice will be counted.
    """

    groups: list[Group]
    models: list[str]
    outputs: int
    counted: int
    newest: datetime | None
    next_counted_at: datetime | None


def inventory(rows: Sequence[Row], chosen: Filter) -> Inventory:
    """Sum up the answer to the question ``inventory`` for a choice."""
    in_group = [row for row in rows if not chosen.group or _group(row) == chosen.group]
    in_choice = [row for row in in_group if chosen.model in ("", row["model"])]
    waiting = [row["next_counted_at"] for row in in_choice if row["waiting_outputs"]]
    return Inventory(
        groups=list(dict.fromkeys(_group(row) for row in rows)),
        models=sorted({row["model"] for row in in_group if row["model"]}),
        outputs=sum(row["recent_outputs"] for row in in_choice),
        counted=sum(row["counted_outputs"] for row in in_choice),
        newest=max((row["newest"] for row in in_choice), default=None),
        next_counted_at=min(waiting, default=None),
    )


def _group(row: Row) -> Group:
    return Group(row["service"], row["environment"], row["feature"])
