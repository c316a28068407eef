"""Inserts of rows in a ClickHouse format that have been stored when they return.

The engine's own ``send_insert`` returns without an error when the disk is full, when a constraint
is violated or when a view fails (chdb-core 26.9): what it says was written is what it was given.
``insert ... from infile`` reports all of that. The file is one in memory where the system has
such, and is gone with its descriptor.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from typing import Final

from chdb.state.sqlitelike import Connection

_SETTINGS: Final = re.compile(r"\bsettings\b", re.IGNORECASE)


def insert(connection: Connection, statement: str, format_: str, data: Sequence[bytes]) -> int:
    """Insert, and return when the rows are stored and every view has been fed.

    Args:
        connection: Connection to the engine, with nothing else in work.
        statement: ``insert into table (columns)``, up to where FORMAT would follow.
        format_: ClickHouse format of the data.
        data: The data, in pieces.

    Returns:
        Rows read from the data.

    Raises:
        RuntimeError: The engine's message. Some or all rows may have been stored nevertheless.
    """
    into, *settings = _SETTINGS.split(statement, maxsplit=1)
    descriptor = _open()
    try:
        for piece in data:
            _write(descriptor, piece)
        os.lseek(descriptor, 0, os.SEEK_SET)
        result = connection.query(
            f"{into} from infile '/dev/fd/{descriptor}' compression 'none' "
            f"{'settings ' + settings[0] if settings else ''} format {format_}"
        )
        return int(result.rows_read())
    finally:
        os.close(descriptor)


def _open() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("rows")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _write(descriptor: int, piece: bytes) -> None:
    view = memoryview(piece)
    while view:
        view = view[os.write(descriptor, view) :]
