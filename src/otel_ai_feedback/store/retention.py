"""How long each table keeps its rows: ClickHouse deletes them by itself, by TTL."""

from __future__ import annotations

from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.config import Settings
from otel_ai_feedback.store.cluster import stored

_RAW: Final = {"otel_traces": "toDateTime(Timestamp)", "otel_logs": "toDateTime(Timestamp)"}
# An action on an output that is not known stands on 1970-01-01, so its own time counts.
_DERIVED: Final = {
    "output_state": "output_day",
    "request_state": "day",
    "action_state": "toDateTime(time)",
    "derived_actions": "output_day",
    "output_facts": "output_day",
    "linked_actions": "day",
    "late_links": "toDateTime(time)",
    "span_traits": "day",
    "evaluation_state": "toDateTime(time)",
    "evaluation_facts": "day",
    "named_values": "week",
}


def apply(client: Client, settings: Settings) -> None:
    """Give the tables the TTL of the settings; without a setting they keep the one they have.

    Raw tables that a Collector made may have a TTL of its own, which an unset setting respects.
    What is older than a new TTL goes in the background.
    """
    for tables, length, unit in (
        (_RAW, settings.retention_raw_days, "Day"),
        (_DERIVED, settings.retention_derived_months, "Month"),
    ):
        if length is None:
            continue
        for table, since in tables.items():
            ttl = f"{since} + toInterval{unit}({length})" if length else ""
            _set_ttl(client, stored(table, settings.cluster), ttl)


def _set_ttl(client: Client, table: str, ttl: str) -> None:
    engine = client.query(
        "select engine_full from system.tables where database = currentDatabase() "
        "and name = {table:String}",
        parameters={"table": table.partition(" ")[0]},
    ).result_rows[0][0]
    if ttl and f" TTL {ttl}" not in engine:
        client.command(f"alter table {table} modify ttl {ttl}")
    elif not ttl and " TTL " in engine:
        client.command(f"alter table {table} remove ttl")
