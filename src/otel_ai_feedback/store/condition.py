"""Is the schema that of this version, and what does the store say of itself? Nothing is changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import statements

_CREATED: Final = re.compile(r"create (?:table|materialized view) if not exists (\w+)")


@dataclass(frozen=True)
class Condition:
    """What is there beside what this version expects.

    Attributes:
        pending: Migrations that were not applied.
        unknown: Migrations that were applied, of a newer version.
        changed: Migrations whose text is not what was applied.
        missing: Tables and views that are not there, although their migration was applied.
        outdated: Views of another version.
    """

    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    outdated: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether everything is as this version has it."""
        return not (self.pending or self.unknown or self.changed or self.missing or self.outdated)


def of(client: Client) -> Condition:
    """The condition of a store.

    Args:
        client: From ``connect``; the right to read is enough.

    Raises:
        clickhouse_connect.driver.exceptions.ClickHouseError: The engine refused.
    """
    there = _pairs(client, "relations")
    known = {migration.name: migration for migration in statements.migrations()}
    applied = _pairs(client, "applied_migrations") if "migrations" in there else {}
    made = [
        table
        for name, migration in known.items()
        if name in applied
        for table in _CREATED.findall(migration.text)
    ]
    views = statements.views() if applied else ()
    return Condition(
        pending=tuple(name for name in known if name not in applied),
        unknown=tuple(name for name in applied if name not in known),
        changed=tuple(
            name for name in applied if name in known and applied[name] != known[name].checksum
        ),
        missing=tuple(
            name for name in (*made, *(view.name for view in views)) if name not in there
        ),
        outdated=tuple(
            view.name
            for view in views
            if view.name in there and not there[view.name].endswith(f"[{view.checksum}]")
        ),
    )


def _pairs(client: Client, name: str) -> dict[str, str]:
    rows = client.query(statements.statement(f"queries/{name}").text).result_rows
    return {str(key): str(value) for key, value in rows}
