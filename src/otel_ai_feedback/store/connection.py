"""Opening a store: the embedded engine's directory, the process that has it open, or a server."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from otel_ai_feedback.config import without_password
from otel_ai_feedback.store import engine_config, server_file
from otel_ai_feedback.store.errors import StoreError

DATABASE: Final = "ai_feedback"
LOCAL_USER: Final = "local"

# How long to wait for a process that has the directory but has not yet said where it listens.
_ANNOUNCEMENT_SECONDS: Final = 10.0

# Who may open the directory. The engine has a lock of its own, but it can only be asked for by
# opening the engine or by taking that lock, and then two that start together turn each other away.
_LOCK_FILE: Final = "open.lock"

# The locks this process holds, until it ends: the engine is one a process.
_held: dict[str, int] = {}
_opening = threading.Lock()


def connect(store: str, *, read_only: bool = False) -> Client:
    """Open a store.

    An embedded store that another process has open is reached through that process, with the same
    kind of client. Each call gives a client of its own; a client serves one thread at a time.

    Args:
        store: ``chdb:///dir``, or ``http(s)://user:password@host:port/database``. Without a
            database in the address it is ``ai_feedback``; it is created when it is missing.
        read_only: Refuse everything that writes tables, reads addresses or changes settings. What
            another person has written goes through :func:`.gate.Gate.check_statement` first.

    Returns:
        A client whose database is the store's. ``DateTime`` values come back as naive UTC.

    Raises:
        StoreError: The store cannot be opened; the message says why and what to do.
    """
    parts = urlsplit(store)
    if parts.scheme == "chdb":
        directory = os.path.realpath(parts.path)
        client = _connect_directory(directory, create=not read_only)
    elif parts.scheme in ("http", "https"):
        client = _connect_server(store, create=not read_only)
    else:
        raise StoreError(f"{parts.scheme}: a store starts with chdb:///, http:// or https://")
    if read_only:
        _restrict(client)
    return client


def _connect_directory(directory: str, *, create: bool) -> Client:
    if create:
        try:
            Path(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(_not_writable(directory, error)) from error
    elif not Path(directory).is_dir():
        raise StoreError(f"{directory} does not exist; `otel-ai-feedback migrate` makes a store")
    waited_until = time.monotonic() + _ANNOUNCEMENT_SECONDS
    while (client := _open(directory)) is None:
        server = server_file.read(directory)
        if server is not None:
            try:
                return _connect_running(server)
            except ClickHouseError as error:
                # Its number may have gone to another process after a crash: ask again.
                refusal = (
                    f"{directory} is open in process {server.pid}, which does not answer at "
                    f"{server.url} ({_first_line(error)}); stop it, or wait until it is up"
                )
        else:
            refusal = (
                f"{directory} is open in another process that does not say where it listens; only "
                "one process can open an embedded store: stop that one, or let it be "
                "`otel-ai-feedback serve`, through which other commands then go"
            )
        if time.monotonic() > waited_until:
            raise StoreError(refusal)
        time.sleep(0.05)
    return _in_database(client, DATABASE, create=True)


def _open(directory: str) -> Client | None:
    """Open the engine here, or ``None`` where another process has the directory."""
    with _opening:
        lock = _held.get(directory)
        if lock is None and (lock := _lock(directory)) is None:
            return None
        try:
            engine_config.write(directory, DATABASE)
            client = clickhouse_connect.get_client(
                interface="chdb", path=engine_config.address(directory)
            )
        except OSError as error:
            if directory not in _held:
                os.close(lock)
            raise StoreError(_not_writable(directory, error)) from error
        except (ImportError, ClickHouseError) as error:
            if directory not in _held:
                os.close(lock)
            raise StoreError(f"{directory}: {_why_not_opened(error)}") from error
        _held[directory] = lock
        return client


def _lock(directory: str) -> int | None:
    try:
        descriptor = os.open(os.path.join(directory, _LOCK_FILE), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(_not_writable(directory, error)) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _not_writable(directory: str, error: OSError) -> str:
    return (
        f"{directory} cannot be written ({error.strerror}); make room or give this user the right "
        "to write there, or name another directory with --store chdb:///dir"
    )


def _why_not_opened(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "it needs the embedded engine: pip install 'otel-ai-feedback[serve]'"
    if "already initialized with path" in str(error):
        return "this process has another embedded store open, and the engine holds only one"
    return f"the engine could not be opened ({_first_line(error)})"


def _connect_running(server: server_file.ServerFile) -> Client:
    parts = urlsplit(server.url)
    return clickhouse_connect.get_client(
        host=parts.hostname,
        port=parts.port or 80,
        interface="http",
        username=LOCAL_USER,
        password=server.token,
        database=DATABASE,
        autogenerate_session_id=False,
    )


def _connect_server(store: str, *, create: bool) -> Client:
    parts = urlsplit(store)
    options: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port or (8443 if parts.scheme == "https" else 8123),
        "interface": parts.scheme,
        "username": unquote(parts.username) if parts.username else None,
        "password": unquote(parts.password or ""),
        # Without sessions, several clients can share a server without waiting for each other.
        "autogenerate_session_id": False,
    }
    database = unquote(parts.path.strip("/")) or DATABASE
    try:
        return _in_database(clickhouse_connect.get_client(**options), database, create=create)
    except ClickHouseError as error:
        raise StoreError(f"{without_password(store)}: {_first_line(error)}") from error


def _in_database(client: Client, database: str, *, create: bool) -> Client:
    # A user without the right to create can use what is there.
    if create and not _has_database(client, database):
        client.command(f"create database if not exists {_identifier(database)}")
    client.database = database
    return client


def _has_database(client: Client, name: str) -> bool:
    asked = "select name from system.databases where name = {name:String}"
    return bool(client.query(asked, parameters={"name": name}).result_rows)


def _restrict(client: Client) -> None:
    if client.uri.startswith("chdb:"):
        # A handle of its own, and the embedded engine takes back no setting once this one is on.
        client.command("set readonly = 1")
    else:
        client.set_client_setting("readonly", "1")


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
