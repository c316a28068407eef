"""Parts of tables that a full disk has left unreadable.

The engine may end a merge of which the last bytes found no room, and then refuses to read the
result. The parts that it was merged from are on the disk for some minutes more, and loading the
table again takes them in its place: nothing is lost.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

_logger = logging.getLogger(__name__)

CHECK_EVERY_SECONDS: Final = 15.0
# Merged parts are looked at for this long after an error: as long as their sources are kept.
_SUSPECT_SECONDS: Final = 480
_ERRORS: Final = (
    "select sum(value) from system.errors where name in ('NOT_ENOUGH_SPACE', 'CORRUPTED_DATA', "
    "'CANNOT_WRITE_TO_FILE_DESCRIPTOR', 'BAD_SIZE_OF_FILE_IN_DATA_PART')"
)
_MERGED: Final = (
    "select table, name from system.parts where database = currentDatabase() and active "
    "and level > 0 and modification_time > now() - {seconds:UInt32} order by table, name"
)


class BrokenParts:
    """Finds parts that cannot be read once an error hints at them, and has their sources back.

    Args:
        client: Of the embedded engine, with the right to drop and to create tables.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._errors = self._count()
        self._until = 0.0

    def check(self) -> None:
        """Look at what was merged recently, if the engine has had such an error recently."""
        try:
            errors = self._count()
            if errors != self._errors:
                self._errors = errors
                self._until = time.monotonic() + _SUSPECT_SECONDS
            if time.monotonic() < self._until:
                for table in sorted(self._broken()):
                    self._load_again(table)
        except ClickHouseError:
            # A full disk may refuse this too; the next turn tries again.
            _logger.warning("parts of tables could not be checked", exc_info=True)

    def _count(self) -> int:
        return int(self._client.query(_ERRORS).result_rows[0][0])

    def _broken(self) -> set[str]:
        found = set()
        merged = self._client.query(_MERGED, parameters={"seconds": _SUSPECT_SECONDS}).result_rows
        for table, part in merged:
            if table in found:
                continue
            checked = self._client.command(
                f"check table `{table}` part '{part}'",
                settings={"check_query_single_value_result": 1},
            )
            # Of a part that was merged again meanwhile there is nothing to say.
            if str(checked).strip() == "0":
                found.add(table)
        return found

    def _load_again(self, table: str) -> None:
        _logger.error(
            "a part of %s cannot be read, as after a full disk; the table is loaded again, with "
            "the parts that it was merged from",
            table,
        )
        self._client.command(f"detach table `{table}` sync")
        self._client.command(f"attach table `{table}`")
