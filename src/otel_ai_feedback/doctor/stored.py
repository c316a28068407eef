"""Can the store be reached, is its schema current, do its jobs run, and has it room?"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from otel_ai_feedback._version import __version__
from otel_ai_feedback.config import without_password
from otel_ai_feedback.doctor.finding import (
    Finding,
    failure,
    not_applicable,
    ok,
    warning,
)
from otel_ai_feedback.doctor.visit import Visit
from otel_ai_feedback.formats import duration, number, plural
from otel_ai_feedback.setting_values import FREEZE_LAG_DAYS

_SETTING: Final = "OTEL_AI_FEEDBACK_STORE (or --store)"
LATE_SECONDS: Final = 900
"""After how long a part of ``serve`` is late, as the alerts ``jobs-late`` and others have it."""
_LITTLE: Final = 1 << 30
_TOO_LITTLE: Final = 100 << 20
_TTL: Final = re.compile(r" TTL .*?toIntervalDay\((\d+)\)")
_MIGRATE: Final = "run `otel-ai-feedback migrate` (or start this version of `serve`, which does so)"


_DAY_HOURS: Final = 24


def check(visit: Visit) -> Iterator[Finding]:
    """The store, and whatever of it can be seen with the right to read."""
    reached = _reach(visit)
    yield reached
    if visit.client is None:
        return
    yield from _schema(visit)
    yield from _room(visit)
    yield from _retention(visit)
    if visit.schema_is_current:
        yield from _turns(visit)
        yield from _telemetry(visit)
        yield from _health(visit)


def rows(client: Any, name: str, **parameters: Any) -> list[dict[str, Any]]:
    """What a statement of this room answers."""
    from otel_ai_feedback.store.ask import ask

    return ask(client, f"doctor/{name}", **parameters)


def directory_of(store: str) -> Path | None:
    """Directory of an embedded store; ``None`` when the store is a server."""
    parts = urlsplit(store)
    return Path(os.path.realpath(parts.path)) if parts.scheme == "chdb" else None


def _reach(visit: Visit) -> Finding:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store
    from otel_ai_feedback.store import server_file

    name, address = "store.reachable", without_password(visit.settings.store)
    directory = directory_of(visit.settings.store)
    if directory is not None and not os.path.isdir(directory):
        return failure(
            name,
            f"there is no store in {directory}, or none that this user may see",
            f"start `otel-ai-feedback serve`, which makes one, or name another in {_SETTING}",
        )
    server = None if directory is None else server_file.read(directory)
    if directory is not None and server is None and not _may_write(directory):
        return failure(
            name,
            f"this user cannot write {directory}, and the embedded engine must",
            f"run `chown -R USER {directory}` for the user of serve, or name another directory in "
            f"{_SETTING}",
        )
    try:
        client = store.connect(visit.settings.store, read_only=True)
        client.query("select 1")
    except (store.StoreError, ClickHouseError) as error:
        return failure(name, str(error)[:400], _remedy(str(error)))
    visit.client = client
    if server is not None and not client.uri.startswith("chdb:"):
        return ok(name, f"{address}, through the serve that has it open ({server.url})")
    return ok(name, address)


def _may_write(directory: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(directory, os.W_OK | os.X_OK, effective_ids=effective)


def _remedy(said: str) -> str:
    if "516" in said or "uthentication" in said or "AUTHENTICATION" in said or "401" in said:
        return f"correct user and password in {_SETTING}: http://USER:PASSWORD@host:8123/database"
    if "UNKNOWN_DATABASE" in said or "does not exist" in said:
        return f"create the database with {_MIGRATE[4:]}, or correct its name in {_SETTING}"
    if "NOT_ENOUGH_PRIVILEGES" in said or "Not enough privileges" in said or "497" in said:
        return f"grant that user the right to read the database, or name another user in {_SETTING}"
    if "open in" in said:
        return "stop the process that has it open, unless it is `otel-ai-feedback serve`"
    if "cannot be written" in said:
        return "free some space, or give this user write access"
    return f"start the ClickHouse server, and check host and port in {_SETTING}"


def _schema(visit: Visit) -> Iterator[Finding]:
    from otel_ai_feedback.store import schema_status

    found = schema_status.of(visit.client)
    visit.schema_is_current = found.is_current
    if found.unknown:
        yield failure(
            "store.schema",
            f"it was migrated by a newer version ({', '.join(found.unknown)})",
            "upgrade this otel-ai-feedback to that version",
        )
    elif found.changed:
        yield failure(
            "store.schema",
            f"{', '.join(found.changed)} had another text when it was applied",
            "install a released version of otel-ai-feedback",
        )
    elif found.pending:
        yield failure(
            "store.schema",
            f"{len(found.pending)} migrations were not applied, from {found.pending[0]} on",
            _MIGRATE,
        )
    else:
        yield ok(
            "store.schema",
            f"last migrated by {found.migrated_by or 'an unknown version'}, read and written by "
            f"{__version__}; every migration of this version was applied",
        )
    if not found.pending and (found.missing or found.outdated):
        listed = [*found.missing, *found.outdated]
        shown = ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if listed[5:] else "")
        yield failure("store.views", f"missing or of another version: {shown}", _MIGRATE)
    elif not found.pending:
        yield ok("store.views", "every table and view is of this version")


def _room(visit: Visit) -> Iterator[Finding]:
    directory = directory_of(visit.settings.store)
    if directory is not None:
        usage = shutil.disk_usage(directory)
        yield room("store.disk", str(directory), usage.free, usage.total)
        return
    try:
        disks = rows(visit.client, "disks")
    except Exception as error:
        yield not_applicable("store.disk", f"this user may not ask for disks ({_short(error)})")
        return
    for disk in disks:
        yield room("store.disk", f"disk {disk['name']}", disk["free_space"], disk["total_space"])


def room(name: str, what: str, free: int, total: int) -> Finding:
    """Whether a disk has room.

    Args:
        name: Name of the check.
        what: The disk, in words.
        free: Bytes that are free.
        total: Bytes there are.
    """
    seen = f"{number(free / 2**30)} of {number(total / 2**30)} GiB are free on {what}"
    fix = (
        "free some space, or delete old spans: OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS and "
        "`otel-ai-feedback migrate` (docs/sizing.md says what a day takes)"
    )
    if free < _TOO_LITTLE:
        return failure(name, seen, fix)
    if free < _LITTLE or free < total / 20:
        return warning(name, seen, fix)
    return ok(name, seen)


def _retention(visit: Visit) -> Iterator[Finding]:
    name, wanted = "store.retention", visit.settings.retention_raw_days
    found = {
        row["name"]: int(match[1]) if (match := _TTL.search(row["engine_full"])) else None
        for row in rows(visit.client, "raw_engines")
        if not row["engine_full"].startswith("Distributed")
    }
    if not found:
        return
    short = {table: days for table, days in found.items() if days and days < FREEZE_LAG_DAYS}
    if short:
        listed = ", ".join(f"{table} after {days} days" for table, days in short.items())
        yield failure(
            name,
            f"rows are deleted before their week is counted: {listed}",
            f"set OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS to {FREEZE_LAG_DAYS} or more and "
            "run `otel-ai-feedback migrate` (and set the Collector's `ttl` to the same)",
        )
    elif wanted is not None and any((days or 0) != wanted for days in found.values()):
        yield warning(
            name,
            f"OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS is {wanted}, and the tables do not have it",
            _MIGRATE,
        )
    else:
        kept = {days for days in found.values() if days}
        yield ok(
            name,
            f"raw spans are kept for {min(kept)} days" if kept else "raw spans are kept forever",
        )


def _telemetry(visit: Visit) -> Iterator[Finding]:
    """What services sent within a day that is of no use, in the words of the pages."""
    from otel_ai_feedback.pages.arrivals import arrivals
    from otel_ai_feedback.store.ask import ask

    name = "store.telemetry"
    found = arrivals(ask(visit.client, "pages/arrivals", hours=_DAY_HOURS))
    wrong = [arrival for arrival in found if arrival.gaps]
    if not wrong:
        yield ok(name, f"{plural(len(found), 'service')} sent nothing unusable in the last day")
    for arrival in wrong:
        yield warning(
            f"{name}.{arrival.service}",
            f"{arrival.service}, last day: {' '.join(seen for seen, _ in arrival.gaps)}",
            " ".join(remedy for _, remedy in arrival.gaps),
        )


def _turns(visit: Visit) -> Iterator[Finding]:
    turns = {row["part"]: row["seconds"] for row in rows(visit.client, "turns")}
    start = "start `otel-ai-feedback serve` for this store, and keep it running"
    log = "check the log of serve: it says why jobs fail"
    still = "rates, re-asks and drift are not updated"
    if "jobs" not in turns:
        yield failure("store.jobs", f"the jobs of the store never ran: {still}", start)
    elif turns["jobs"] is None:
        yield failure("store.jobs", f"the background jobs keep failing: {still}", log)
    elif turns["jobs"] > LATE_SECONDS:
        yield failure(
            "store.jobs",
            f"the jobs of the store last succeeded {duration(turns['jobs'])} ago: {still}",
            f"{start}; if it runs, {log}",
        )
    else:
        yield ok("store.jobs", f"the jobs last succeeded {duration(turns['jobs'])} ago")


def _health(visit: Visit) -> Iterator[Finding]:
    firing = rows(visit.client, "firing_alarms")
    # What is checked here by itself is not said twice.
    others = [row for row in firing if row["alarm"] not in ("jobs-late", "rules-not-evaluated")]
    if not others:
        yield ok("store.health", "all health checks pass")
    for row in others:
        group = "/".join(filter(None, (row["service"], row["environment"], row["feature"])))
        yield warning(
            f"store.health.{row['alarm']}",
            f"{row['alarm']}{f' of {group}' if group else ''}: {row['detail'] or 'fires'}",
            f"follow docs/runbooks/{row['alarm']}.md says",
        )


def _short(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160]
