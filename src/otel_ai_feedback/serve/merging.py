"""How often the embedded engine rewrites what the receiver has inserted."""

from __future__ import annotations

import logging
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

_logger = logging.getLogger(__name__)

# Into which every LLM span goes.
_TABLES: Final = ["otel_traces", "output_state", "span_traits"]
_BASE: Final = 12


def merge_more_at_once(client: Client) -> None:
    """Let the tables that take every span merge some 12 parts at once, not 5.

    Each merge reads and writes its rows again, and shares the cores with decoding and inserting. In
    exchange there are about twice as many parts.

    Args:
        client: Client of the embedded engine; the tables are there.
    """
    try:
        unset = client.query(
            "select name from system.tables where database = currentDatabase() "
            "and name in {tables:Array(String)} and engine_full not like '%merge_selector_base%'",
            parameters={"tables": _TABLES},
        ).result_rows
        for (table,) in unset:
            client.command(f"alter table {table} modify setting merge_selector_base = {_BASE}")
    except ClickHouseError:
        # A full disk, for example: everything works without it, and the next start tries again.
        _logger.warning("the merge settings stay unchanged", exc_info=True)
