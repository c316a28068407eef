"""Rows of the two tables of facts, as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.facts.actions import Action
from otel_ai_feedback.store.facts.outputs import Output

_LOW: Final = "LowCardinality(String)"
_MS: Final = "DateTime64(3, 'UTC')"
_NS: Final = "DateTime64(9, 'UTC')"
_OUTPUT: Final = {
    "output_day": "Date", "trace_id": "String", "span_id": "String", "day": "Date",
    "service": _LOW, "environment": _LOW, "feature": _LOW, "model": _LOW, "release": _LOW,
    "prompt_version": _LOW, "started": _NS, "ended": _NS, "asked_at": _NS, "matured_at": _MS,
    "conversation_id": "String", "response_id": "String", "subject": "String",
    "request_span_id": "String", "requests": "Array(String)", "repeats": "Array(String)",
    "output_hash": "String", "output_length": "Nullable(UInt64)", "input_hash": "String",
    "input_sketch": "String", "text_rate": "Nullable(Float64)", "voice": "Bool", "failed": "Bool",
    "weight": "Float64", "weight_source": _LOW, "named": "Bool", "last_with_text": "Bool",
    "last_failed": "Bool", "handle_sent": "Bool", "sight_at": f"Nullable({_MS})",
    "done": f"Map(String, {_MS})", "excluded": _LOW, "bucket": "UInt8",
    "arrived": "DateTime('UTC')",
}  # fmt: skip
_MORE: Final = {
    "previous_day": "Date", "rule": "UInt8", "derived": f"Map(String, {_MS})",
    "present": "Bool", "content": "UInt64",
}  # fmt: skip
_PLACE: Final = {
    name: (_OUTPUT | _MORE)[name]
    for name in (
        "output_day", "trace_id", "span_id", "day", "service", "environment", "feature",
        "previous_day", "present",
    )
}  # fmt: skip
_ACTION: Final = {
    "day": "Date", "action_id": "String", "time": _MS, "action": _LOW,
    "value": "Nullable(Float64)", "label": _LOW, "kept_share": "Nullable(Float64)",
    "checkpoint": "Nullable(UInt32)", "scroll_depth": "Nullable(Float64)",
    "selected_share": "Nullable(Float64)", "method": _LOW, "source": _LOW, "browser": _LOW,
    "lost": "UInt32", "reason": _LOW, "output_id": "String", "link_method": _LOW,
    "ambiguous": "UInt8", "sampled": "Bool", "output_arrived": "Bool",
    "service": _LOW, "environment": _LOW, "feature": _LOW, "subject": "String",
    "conversation_id": "String", "session_id": "String", "response_id": "String",
    "output_hash": "String", "linked_trace_id": "String", "trace_id": "String",
    "span_id": "String", "excluded": _LOW, "present": "Bool", "content": "UInt64",
}  # fmt: skip
_ON_DAY: Final = {name: _ACTION[name] for name in ("day", "action_id", "present")}


def of_output(
    output: Output, *, previous_day: date, rule: int, derived: dict[str, int]
) -> list[Any]:
    """The row of an output that is there; it is not present where it is counted apart."""
    return [*output, previous_day, rule, derived, not output.excluded, output.content]


def of_action(action: Action) -> list[Any]:
    """The row of an action that is there, present or counted apart."""
    return [*action, not action.excluded, action.content]


def write_outputs(client: Client, rows: Sequence[list[Any]]) -> None:
    """Add rows to ``output_facts``."""
    _write(client, "output_facts", _OUTPUT | _MORE, rows)


def write_actions(client: Client, rows: Sequence[list[Any]]) -> None:
    """Add rows to ``linked_actions``."""
    _write(client, "linked_actions", _ACTION, rows)


def withdraw_outputs(client: Client, places: Sequence[tuple[Any, ...]]) -> None:
    """Say of spans that they have turned out to be no outputs.

    Args:
        client: From ``connect``, with the right to insert.
        places: Their key, their day and the group that they were in.
    """
    _write(client, "output_facts", _PLACE, [[*place, place[3], False] for place in places])


def withdraw_actions(client: Client, places: Sequence[tuple[Any, ...]]) -> None:
    """Say of actions that they are not on some day any more.

    Args:
        client: As for ``withdraw_outputs``.
        places: Day and id of each.
    """
    _write(client, "linked_actions", _ON_DAY, [[*place, False] for place in places])


def _write(client: Client, table: str, columns: dict[str, str], rows: Sequence[list[Any]]) -> None:
    if not rows:
        return
    client.insert(
        table,
        rows,
        column_names=list(columns),
        column_type_names=list(columns.values()),
        # A replay may bring in years at once.
        settings={"max_partitions_per_insert_block": 0},
    )
