"""Inserts of Native blocks, into the embedded engine or over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import chdb
from chdb.state.sqlitelike import Connection
from clickhouse_connect.driver.client import Client

from otel_ai_feedback.serve.insert import insert
from otel_ai_feedback.store import engine_config

# A replay may span more days, each a partition, than the engine allows in one insert by default.
_SETTINGS: Final = {
    "max_partitions_per_insert_block": "0",
    # Rows of the same output in one insert are put together by the next merge as well, and cheaper.
    "optimize_on_insert": "0",
}
# One thread feeds the views fastest, and leaves the other cores to decoding.
_ENGINE_SETTINGS: Final = {**_SETTINGS, "max_threads": "1"}


class EngineInsert:
    """Inserts into a table of the embedded engine over a connection of its own.

    Args:
        path: Directory of the engine.
        table: Qualified name of the table.
        columns: Columns of the blocks.
    """

    def __init__(self, path: str, table: str, columns: Sequence[str]) -> None:
        self._address = engine_config.address(path)
        self._statement = f"insert into {table} ({_list(columns)})"
        self._connection = self._connect()

    def _connect(self) -> Connection:
        connection = chdb.connect(self._address)
        for setting, value in _ENGINE_SETTINGS.items():
            connection.query(f"set {setting} = {value}")
        return connection

    def __call__(self, blocks: Sequence[bytes]) -> None:
        """Insert all blocks; returns when they are stored and every view has been fed.

        Raises:
            RuntimeError: The engine's message.
        """
        insert(self._connection, self._statement, "Native", blocks)

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


class ClientInsert:
    """Inserts into a table of a ClickHouse server.

    Args:
        client: Client of the server, used by this object alone.
        table: Name of the table in the client's database.
        columns: Columns of the blocks.
    """

    def __init__(self, client: Client, table: str, columns: Sequence[str]) -> None:
        self._client = client
        self._table = table
        self._columns = columns

    def __call__(self, blocks: Sequence[bytes]) -> None:
        """Insert all blocks; returns when they are stored and every view has been fed.

        Raises:
            clickhouse_connect.driver.exceptions.Error: The server's message.
        """
        self._client.raw_insert(
            self._table, self._columns, b"".join(blocks), _SETTINGS, fmt="Native"
        )

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()


def _list(columns: Sequence[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)
