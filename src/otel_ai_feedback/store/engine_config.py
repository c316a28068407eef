"""The configuration of the embedded engine: who may do what, and how much of the machine they take.

The engine has one user who asks, ``default``, and that user has no right to any source outside the
store: ``file()``, ``url()``, ``remote()`` and their like are refused by the engine itself, wherever
a statement hides them. Statements of others run through a view whose definer is one of
``DEFINERS``, with that user's grants. The same tables and columns are kept from the role of a
ClickHouse server, see :mod:`.roles`.

The files are written whenever the engine is opened, beside the data, readable by their owner only.
An engine that is given no file would read a ``config.xml`` in the working directory.
"""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal
from xml.sax.saxutils import escape

from otel_ai_feedback.store.sensitive_tables import RAW_TABLES, SECRET_TABLES, TEXT_COLUMNS

Definer = Literal["reader", "text_reader", "writer"]

DEFINERS: Final[tuple[Definer, ...]] = ("reader", "text_reader", "writer")
"""Users without a connection of their own, whose grants statements of others run with."""

MOST_SECONDS: Final = 300
"""No foreign statement runs longer."""

BACKUP_DISK: Final = "backups"
"""What the engine calls the directory of backups."""

_CONFIG: Final = "engine.xml"
_USERS: Final = "engine-users.xml"
_MIB: Final = 1024 * 1024

# No source, no user, no dictionary, no function, no named collection.
_OWNER: Final = (
    "grant show, select, insert, alter, check, create database, create table, create view, "
    "create temporary table, create temporary view, drop, truncate, optimize, kill query, system, "
    "set definer, backup on *.*"
)
# The one disk that is configured is that of backups. The engine wants DISK in capitals.
_BACKUPS: Final = "grant read, write on DISK"


def address(directory: str) -> str:
    """What the engine is opened with, every time the same."""
    return f"{directory}?config-file={directory}/{_CONFIG}"


def backups(directory: str) -> Path:
    """Where the engine puts backups of a store: beside it, which may be a mount or a link."""
    return Path(f"{os.path.realpath(directory)}.backups")


def write(directory: str, database: str) -> None:
    """Write the configuration into the store's directory.

    Args:
        directory: The store's directory, which this process may open.
        database: The store's database.

    Raises:
        OSError: It cannot be written.
    """
    users = f"{directory}/{_USERS}"
    _replace(
        f"{directory}/{_CONFIG}",
        f"<clickhouse>\n<users_config>{escape(users)}</users_config>\n{_bounds()}"
        f"{_backups(backups(directory))}</clickhouse>\n",
    )
    _replace(users, _users(database))


def statement_memory() -> int:
    """Bytes that one foreign statement may take: a 16th of the machine."""
    return min(max(_memory() // 16, 128 * _MIB), 1024 * _MIB)


def denied(definer: Definer, database: str) -> Iterable[str]:
    """What a definer may not do of ``select, show`` on the whole store, as statements."""
    if definer == "writer":
        yield f"revoke select on {database}.*"
        return
    for table in sorted(SECRET_TABLES):
        yield f"revoke select on {database}.{table}"
    if definer == "reader":
        for table in sorted(RAW_TABLES):
            yield f"revoke select on {database}.{table}"
        for table, columns in sorted(TEXT_COLUMNS.items()):
            yield f"revoke select({', '.join(sorted(columns))}) on {database}.{table}"


def _users(database: str) -> str:
    memory = statement_memory()
    limits = (
        f"<max_memory_usage>{memory}</max_memory_usage>"
        f"<max_execution_time>{MOST_SECONDS}</max_execution_time><readonly>1</readonly>"
    )
    constraints = (
        f"<max_memory_usage><min>1</min><max>{memory}</max></max_memory_usage>"
        f"<max_execution_time><min>0.001</min><max>{MOST_SECONDS}</max></max_execution_time>"
    )
    definers = "\n".join(
        f"<{name}><password></password><networks><ip>127.0.0.1</ip></networks>"
        "<profile>others</profile><quota>default</quota>"
        f"{_grants([f'grant select, show on {database}.*', *denied(name, database)])}</{name}>"
        for name in DEFINERS
    )
    return (
        "<clickhouse>\n<profiles><default/>"
        f"<others>{limits}<constraints>{constraints}</constraints></others></profiles>\n"
        "<quotas><default/></quotas>\n<users>\n"
        "<default><password></password><networks><ip>127.0.0.1</ip></networks>"
        f"<profile>default</profile><quota>default</quota>{_grants([_OWNER, _BACKUPS])}</default>\n"
        f"{definers}\n</users>\n</clickhouse>\n"
    )


def _bounds() -> str:
    """What the engine takes and keeps: else it goes by the machine's memory, not by our limit."""
    memory = _memory()
    bounds = {"max_server_memory_usage": memory * 4 // 5} | {
        f"{cache}_cache_size": min(memory // 32, most)
        for cache, most in (
            ("mark", 5 * 1024 * _MIB),
            ("index_mark", 5 * 1024 * _MIB),
            ("primary_index", 5 * 1024 * _MIB),
            ("query_condition", 100 * _MIB),
            ("compiled_expression", 128 * _MIB),
        )
    }
    return "".join(f"<{name}>{value}</{name}>\n" for name, value in bounds.items())


def _backups(directory: Path) -> str:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        # The engine would not start without the directory: a backup will say that it is missing.
        return ""
    return (
        f"<storage_configuration><disks><{BACKUP_DISK}><type>local</type>"
        f"<path>{escape(str(directory))}/</path></{BACKUP_DISK}></disks></storage_configuration>\n"
        f"<backups><allowed_disk>{BACKUP_DISK}</allowed_disk></backups>\n"
    )


def _grants(statements: Iterable[str]) -> str:
    return f"<grants>{''.join(f'<query>{escape(each)}</query>' for each in statements)}</grants>"


def _memory() -> int:
    """Bytes that this process may take: of the machine, its control group and its own limits."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft, _ = resource.getrlimit(limit)
        if soft != resource.RLIM_INFINITY:
            found.append(soft)
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            given = Path(file).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if given.isdigit():
            found.append(int(given))
    return min(found)


def _replace(path: str, text: str) -> None:
    """Write a file whole, for its owner only."""
    descriptor, temporary = tempfile.mkstemp(prefix=".engine.", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
