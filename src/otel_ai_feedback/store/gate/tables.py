"""Which tables a foreign statement may name.

What can be read of a table of the store is decided by the engine, by the grants of the definer
(:mod:`otel_ai_feedback.store.engine_config`). What is refused here is said with a remedy, and
covers the tables of ``system``, which the engine gives to every user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from otel_ai_feedback.store.engine_config import Definer
from otel_ai_feedback.store.gate.errors import DeniedError
from otel_ai_feedback.store.sensitive_tables import SECRET_TABLES, TEXT_TABLES

# What clients ask before anything else, and what types there are.
_OF_ALL: Final = frozenset({"functions", "numbers", "one", "settings", "time_zones"})
# What clients ask to complete names. No table here tells what others ask, or how to log in.
_OF_READERS: Final = _OF_ALL | {"columns", "databases", "tables"}

HIDDEN_COLUMNS: Final = frozenset({"data_path", "data_paths", "metadata_path"})
"""Columns of these tables that say where files lie."""


@dataclass(frozen=True)
class Tables:
    """What the statements of a user may name.

    Attributes:
        database: The store's.
        definer: Whose grants they run with; ``None`` for the owner, who reads everything.
    """

    database: str
    definer: Definer | None = None

    def check(self, database: str, table: str) -> None:
        """Let a table pass.

        Args:
            database: As written; empty when the statement names none.
            table: Its name.

        Raises:
            DeniedError: The user may not read it.
        """
        if self.definer is None:
            return
        shown = f"{database or self.database}.{table}"
        if database == "system":
            if table not in (_OF_ALL if self.definer == "writer" else _OF_READERS):
                raise DeniedError(f"{shown} is out of reach")
            return
        self.check_database(database or self.database)
        if self.definer == "writer":
            raise DeniedError(f"{shown} cannot be read by a user who only writes")
        if table in SECRET_TABLES:
            raise DeniedError(f"{shown} is a secret of the store, which no reader needs")
        if table in TEXT_TABLES and self.definer != "text_reader":
            raise DeniedError(
                f"{shown} can hold texts of users; ask a view instead, or give this user "
                "`text = true` in the file of users"
            )

    def check_database(self, database: str) -> None:
        """Let a database pass.

        Raises:
            DeniedError: It is not the store's.
        """
        if self.definer is not None and database != self.database:
            raise DeniedError(
                f"{database} is out of reach; the store's own tables are in {self.database}"
            )

    def check_view(self, name: str) -> str:
        """The name, without its database, of what a view with parameters may be called.

        Raises:
            DeniedError: The user may not read it.
        """
        view = name.removeprefix(f"{self.database}.")
        self.check("", view)
        return view
