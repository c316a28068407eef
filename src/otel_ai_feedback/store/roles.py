"""Roles of a ClickHouse server with the least that each part needs.

=====================  ============================================================================
role                   may
=====================  ============================================================================
``<database>_writer``  add rows to the raw tables: a Collector
``<database>_server``  read and add rows, drop replaced computations and erased facts: ``serve``
``<database>_grafana`` ask views, and tables but for texts and secrets: dashboards and alert rules
=====================  ============================================================================

None may create, change or drop a table, read a file or an address, or give rights on. Views run
with the rights of who asks, so that what ``grafana`` may read of a table with texts is said by
column.
Every statement can run again; a grant takes the place of the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import relations
from otel_ai_feedback.store.cluster import SHARDED, quoted
from otel_ai_feedback.store.errors import StoreError
from otel_ai_feedback.store.facts import erased
from otel_ai_feedback.store.sensitive_tables import (
    RAW_TABLES,
    SECRET_TABLES,
    TEXT_COLUMNS,
    TEXT_TABLES,
)

Role = Literal["writer", "server", "grafana"]
ROLES: Final[tuple[Role, ...]] = ("writer", "server", "grafana")

MIN_PASSWORD_LENGTH: Final = 16
"""ClickHouse keeps a fast hash of it, which is safe only for one that no one can guess."""

# Of which replaced computations are dropped, a partition each.
_RECOMPUTED: Final = frozenset(
    {
        "exposures",
        "signal_counts",
        "facts_daily",
        "drift_daily",
        "quality_weekly",
        "mode_counts_weekly",
    }
)
_LOCAL: Final = "_local"

# Data sources send settings with every question, which 1 would refuse.
_GRAFANA_SETTINGS: Final = (
    "readonly = 2 const",
    "allow_ddl = 0 const",
    "allow_introspection_functions = 0 const",
    "max_execution_time = 60 min 1 max 300",
    "max_memory_usage = 4000000000 max 4000000000",
    "max_result_bytes = 1000000000 min 1 max 1000000000",
)


@dataclass(frozen=True)
class NewUser:
    """A user to make.

    Attributes:
        role: Whose rights they get.
        name: Name at ClickHouse.
        password: At least 16 characters; only its SHA-256 is sent.
    """

    role: Role
    name: str
    password: str = field(repr=False)


def create(client: Client, cluster: str | None, users: Sequence[NewUser] = ()) -> list[str]:
    """Make the roles, or bring them to this version's, and users who have them.

    Args:
        client: From ``connect`` to a server, with the right to manage access; the schema is there.
        cluster: Name of the cluster; ``None`` for a single server.
        users: Who gets which role; one who is there gets the password and the role.

    Returns:
        The names of the roles and users.

    Raises:
        StoreError: The store has no users, or the schema is missing.
    """
    if client.uri.startswith("chdb:"):
        raise StoreError(
            "the embedded engine has no roles: name users in the file OTEL_AI_FEEDBACK_USERS, or "
            "give the address of a ClickHouse server with --store"
        )
    database = str(client.database)
    for text in statements(database, cluster, tables(client), users):
        client.command(text)
    return [*(role_name(database, role) for role in ROLES), *(user.name for user in users)]


def tables(client: Client) -> dict[str, list[str]]:
    """Columns of every table of the store that is no view, by its name.

    Args:
        client: From ``connect``.

    Raises:
        StoreError: There are none.
    """
    rows = client.query(
        "select table, groupArray(name) from (select c.table as table, c.name as name "
        "from system.columns c join system.tables t "
        "on t.database = c.database and t.name = c.table "
        "where c.database = currentDatabase() and t.engine not in ('View', 'MaterializedView') "
        "order by c.table, c.position) group by table order by table"
    ).result_rows
    if not rows:
        raise StoreError("the store has no tables yet; run `otel-ai-feedback migrate` first")
    return {table: list(columns) for table, columns in rows}


def role_name(database: str, role: Role) -> str:
    """Name of a role at ClickHouse."""
    return f"{database}_{role}"


def statements(
    database: str,
    cluster: str | None,
    columns: Mapping[str, Sequence[str]],
    users: Iterable[NewUser] = (),
) -> list[str]:
    """What makes the roles and users, in order.

    Args:
        database: The store's.
        cluster: Name of the cluster, or ``None``.
        columns: From :func:`tables`.
        users: Whom to make.
    """
    on = f" on cluster {quoted(cluster)}" if cluster else ""
    found = []
    for role in ROLES:
        name = _identifier(role_name(database, role))
        rights = ", ".join(grants(role, database, columns))
        found.append(f"create role if not exists {name}{on}")
        found.append(f"grant{on} {rights} to {name} with replace option")
    grafana = _identifier(role_name(database, "grafana"))
    found.append(
        f"create settings profile or replace {grafana}{on} "
        f"settings {', '.join(_GRAFANA_SETTINGS)} to {grafana}"
    )
    for user in users:
        name, role_ = _identifier(user.name), _identifier(role_name(database, user.role))
        known_by = f"identified with sha256_hash by '{sha256(user.password.encode()).hexdigest()}'"
        found.append(f"create user if not exists {name}{on} {known_by}")
        found.append(f"grant{on} {role_} to {name}")
        found.append(f"alter user {name}{on} {known_by} default role {role_}")
    return found


def grants(role: Role, database: str, columns: Mapping[str, Sequence[str]]) -> list[str]:
    """The rights of a role, each as it stands in a ``grant``.

    Args:
        role: Which.
        database: The store's.
        columns: From :func:`tables`.
    """
    where = _identifier(database)
    if role == "writer":
        names = [table for table in columns if _plain(table) in RAW_TABLES]
        return [
            f"insert, show tables, show columns on {where}.{_identifier(name)}" for name in names
        ]
    if role == "server":
        kept = {each.name for each in relations.kept()}
        deletes = _RECOMPUTED | kept | erased.COLUMN.keys()
        names = [table for table in columns if _plain(table) in deletes]
        return [
            f"select, insert, show on {where}.*",
            *(f"alter delete on {where}.{_identifier(name)}" for name in names),
            "select on system.parts",
        ]
    rights = [f"show on {where}.*"]
    rights += [f"select on {where}.{_identifier(view.name)}" for view in relations.views()]
    for table, all_columns in columns.items():
        plain = _plain(table)
        if plain in SECRET_TABLES or plain in RAW_TABLES:
            continue
        chosen = ""
        if plain in TEXT_TABLES:
            shown = [name for name in all_columns if name not in TEXT_COLUMNS[plain]]
            chosen = f"({', '.join(map(_identifier, shown))})"
        rights.append(f"select{chosen} on {where}.{_identifier(table)}")
    return rights


def _plain(table: str) -> str:
    """The table that a node's part belongs to."""
    plain = table.removesuffix(_LOCAL)
    return plain if plain in SHARDED else table


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
