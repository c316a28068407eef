"""Is the schema that of this version, and what does the store say of itself? Nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import relations, statements


@dataclass(frozen=True)
class Condition:
    """What is there beside what this version expects.

    Attributes:
        pending: Migrations that were not applied.
        unknown: Migrations that were applied, of a newer version.
        changed: Migrations whose text is not what was applied.
        missing: Tables and views that are not there, although the store was migrated once.
        outdated: Views of another version.
        migrated_by: Version that migrated it last; empty if it never was.
    """

    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    outdated: tuple[str, ...]
    migrated_by: str

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
    applied = _pairs(client, "applied") if "migrations" in there else {}
    expected = relations.relations().values() if "migrations" in there else ()
    return Condition(
        pending=tuple(name for name in known if name not in applied),
        unknown=tuple(name for name in applied if name not in known),
        changed=tuple(
            name for name in applied if name in known and applied[name] != known[name].checksum
        ),
        missing=tuple(each.name for each in expected if each.name not in there),
        outdated=tuple(
            each.name
            for each in expected
            if each.kind != "table" and there.get(each.name, each.comment) != each.comment
        ),
        migrated_by=_migrated_by(client) if "settings" in there else "",
    )


def _migrated_by(client: Client) -> str:
    found = client.query("select value from settings final where name = 'migrated_by'").result_rows
    return str(found[0][0]) if found else ""


def _pairs(client: Client, name: str) -> dict[str, str]:
    rows = client.query(statements.statement(f"store/raw/migrations.{name}").text).result_rows
    return {str(key): str(value) for key, value in rows}
