"""A ClickHouse HTTP endpoint over the embedded engine.

Only one process can open the engine's directory. This endpoint lets every other one (``query``,
``migrate``, a Collector, Grafana, a notebook) work beside a running ``serve`` with an ordinary
ClickHouse client.

The user ``local``, whose password is the token in ``server.json`` beside the data, does everything,
from this machine only. Other users come from a file and are held to their role (``users``,
``access``). Every request has a connection of its own, so settings never leak from one to the next,
and a statement whose client has gone is cancelled. An insert that is answered
with 200 is stored: ``async_insert`` is taken out.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import chdb
from anyio import CapacityLimiter
from chdb.state.sqlitelike import Connection
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from otel_ai_feedback.formats import duration
from otel_ai_feedback.serve.body import Body, TooLargeError, TooSlowError, UndecodableError
from otel_ai_feedback.serve.clickhouse import compression, framing, grants, handshake
from otel_ai_feedback.serve.clickhouse.errors import (
    ERROR_NAME,
    ClickHouseError,
    engine_error,
    not_authenticated,
)
from otel_ai_feedback.serve.clickhouse.overdue import Overdue
from otel_ai_feedback.serve.clickhouse.request import IGNORED, credentials, form
from otel_ai_feedback.serve.clickhouse.statement import DEFAULT_FORMAT, Insert, Query, parse
from otel_ai_feedback.serve.clickhouse.users import User, Users
from otel_ai_feedback.serve.free_memory import give_back
from otel_ai_feedback.serve.hosts import is_loopback
from otel_ai_feedback.serve.in_thread import in_thread
from otel_ai_feedback.serve.insert import insert
from otel_ai_feedback.serve.limits import Admission, Limits, OverloadedError
from otel_ai_feedback.store import DATABASE, engine_config
from otel_ai_feedback.store.engine_config import MOST_SECONDS
from otel_ai_feedback.store.gate import (
    VIEW,
    VIEW_SETTINGS,
    DeniedError,
    Gate,
    as_definer,
)

# Inserts have places of their own, so that slow questions do not hold up a Collector.
_READING: Final = 8
_WRITING: Final = 4
# And users who are not the owner have places of theirs, of which one of them has no more than half:
# whatever they ask, the receiver, the pages and the others go on.
_OTHERS: Final = 4
_OF_ONE: Final = 2
# How many bodies are unpacked at once; each is admitted at the most that it may become.
_UNPACKING: Final = 2
_CANCEL_AGAIN_SECONDS: Final = 0.2

_SETTING_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NO: Final = frozenset({"", "0", "false"})

# A client that forgot its limit must not take the memory from the receiver beside it.
_MAX_RESULT_BYTES: Final = 1024 * 1024 * 1024
# No question is longer; the engine parses no more of it by default.
_MAX_QUESTION_BYTES: Final = 256 * 1024
# Threads of the engine that work for others give way to those of the receiver and the pages, where
# the process may say so (CAP_SYS_NICE).
_NICE: Final = 10


@dataclass(frozen=True)
class _Call:
    """One statement with all it needs to run."""

    statement: Insert | Query
    user: User
    database: str
    parameters: Mapping[str, str]
    settings: Mapping[str, str]
    read_only: bool
    mark: str


@dataclass(frozen=True)
class _Result:
    data: bytes
    format: str | None
    read_rows: int = 0
    written_rows: int = 0


class ClickHouse:
    """ASGI application of the endpoint.

    Args:
        path: Directory of the engine, which this process has open.
        users: Who may use it.
        limits: The bounds of one request.
        admission: The bounds of all requests together.
        overdue: Watches over the statements of others.
    """

    def __init__(
        self, path: str, users: Users, limits: Limits, admission: Admission, overdue: Overdue
    ) -> None:
        self._address = engine_config.address(path)
        self._users = users
        self._limits = limits
        self._admission = admission
        self._overdue = overdue
        self._gate = Gate()
        self._reading = CapacityLimiter(_READING)
        self._others = CapacityLimiter(_OTHERS)
        self._of_one: dict[str, CapacityLimiter] = {}
        self._unpacking = CapacityLimiter(_UNPACKING)
        self._writing = CapacityLimiter(_WRITING)
        self._cancelling = CapacityLimiter(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        body = Body(request, self._limits)
        try:
            response = await self._answer(request, body)
        except ClientDisconnect:
            return
        except ClickHouseError as error:
            await body.drain()
            response = _refusal(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request, body: Body) -> Response:
        user = self._authenticate(request)
        try:
            with self._admission.memory() as take:
                sent = await body.read(take)
                sent = await self._decoded(request, user, sent, take)
                result = await self._result(request, user, sent)
        except MemoryError:
            raise ClickHouseError.of(
                241, "MEMORY_LIMIT_EXCEEDED", "not enough memory for this request now", 503
            ) from None
        except OverloadedError as error:
            raise ClickHouseError.of(
                202, "TOO_MANY_SIMULTANEOUS_QUERIES", str(error), 503
            ) from None
        except (TooLargeError, TooSlowError, UndecodableError, UnicodeDecodeError) as error:
            raise ClickHouseError.of(36, "BAD_ARGUMENTS", str(error), 400) from None
        return _response(request, result)

    def _authenticate(self, request: Request) -> User:
        name, password = credentials(request)
        user = self._users.authenticate(name, password)
        if user is None:
            raise not_authenticated(f"{name}: Authentication failed")
        if user.role == "owner" and not is_loopback(request.client.host if request.client else ""):
            raise not_authenticated(f"{name} is served on this machine only")
        if seconds := self._overdue.refused_seconds(name):
            raise ClickHouseError.of(
                201, "QUOTA_EXCEEDED",
                f"a statement of {name} ignored its limit; try again in {duration(seconds)}", 429,
            )  # fmt: skip
        return user

    async def _result(self, request: Request, user: User, sent: bytes) -> _Result:
        given = dict(request.query_params)
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            given |= form(content_type, sent)
            sent = b""
        query = given.get("query", "").encode()
        if not sent.strip() and not query.strip():
            raise ClickHouseError.of(62, "SYNTAX_ERROR", "Empty query", 400)
        if handshake.is_question(query + sent, given.get("client_protocol_version", "")):
            return _Result(await in_thread(self._hello, self._reading), "Native")
        call = _Call(
            statement=parse(query, sent, given.get("default_format") or DEFAULT_FORMAT),
            user=user,
            database=given.get("database") or DATABASE,
            parameters={k[6:]: v for k, v in given.items() if k.startswith("param_")},
            settings={
                key: value
                for key, value in given.items()
                if key not in IGNORED and not key.startswith("param_")
            },
            read_only=request.method != "POST" or given.get("readonly", "0") not in _NO,
            mark=secrets.token_hex(16),
        )
        for key in call.settings:
            if not _SETTING_NAME.fullmatch(key):
                raise ClickHouseError.of(115, "UNKNOWN_SETTING", f"Unknown setting {key!r}", 400)
        if isinstance(call.statement, Insert):
            # All of it is here. That the client has gone is no reason to leave out half.
            return await in_thread(partial(self._run, call), self._writing)
        return await self._while_wanted(request, call)

    async def _decoded(
        self, request: Request, user: User, sent: bytes, take: Callable[[int], None]
    ) -> bytes:
        """The body unpacked, admitted before it is."""
        limit = _MAX_QUESTION_BYTES if user.role == "reader" else self._limits.body_bytes
        encoding = request.headers.get("content-encoding", "").strip().lower()
        framed = request.query_params.get("decompress", "0") not in _NO
        if encoding in ("", "identity") and not framed:
            if len(sent) > limit:
                raise TooLargeError(f"the body is larger than {limit} bytes")
            return sent

        def unpack() -> bytes:
            data = compression.decompress(sent, encoding, limit)
            return framing.unframe(data, limit) if framed else data

        async with self._unpacking:
            take(limit)
            try:
                data = await in_thread(unpack)
            finally:
                take(-limit)
                if limit > _MAX_QUESTION_BYTES:
                    await in_thread(give_back)
            take(len(data))
        return data

    async def _while_wanted(self, request: Request, call: _Call) -> _Result:
        """Run a statement, and cancel it when the client goes away."""

        async def gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        running = asyncio.ensure_future(self._in_place(call))
        leaving = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
            while not running.done():
                await in_thread(partial(self._cancel, call.mark), self._cancelling)
                # It may have waited for a place, and then there was nothing to cancel yet.
                await asyncio.wait({running}, timeout=_CANCEL_AGAIN_SECONDS)
            running.exception()
            raise ClientDisconnect
        finally:
            leaving.cancel()
            # Its exception holds this frame.
            del running

    async def _in_place(self, call: _Call) -> _Result:
        """Run a statement when there is a place for its user."""
        run = partial(self._run, call)
        if call.user.role == "owner":
            return await in_thread(run, self._reading)
        # The names are those of the file of users, so there are few.
        async with self._of_one.setdefault(call.user.name, CapacityLimiter(_OF_ONE)):
            return await in_thread(run, self._others)

    def _hello(self) -> bytes:
        with chdb.connect(self._address) as connection:
            row = json.loads(connection.query(handshake.QUERY, "JSONCompactEachRow").bytes())
        return handshake.answer(*row)

    def _cancel(self, mark: str) -> None:
        with chdb.connect(self._address) as connection:
            connection.query(
                f"kill query where Settings['log_comment'] = '{mark}' async", "TabSeparated"
            )

    def _run(self, call: _Call) -> _Result:
        connection = self._connection()
        try:
            connection.query(f"use `{call.database.replace('`', '``')}`")
            settings = self._granted(call)
            connection.query(f"set max_result_bytes = {_MAX_RESULT_BYTES}")
            connection.query(f"set log_comment = '{call.mark}'")
            for key, value in settings.items():
                connection.query(f"set {key} = {_quoted(value)}")
            if call.read_only or call.user.role == "reader":
                connection.query("set readonly = 1")
            if isinstance(call.statement, Insert):
                return _insert(connection, call.statement)
            if call.user.role == "owner":
                return self._ask(connection, call, call.statement)
            limit = float(settings.get("max_execution_time", MOST_SECONDS))
            with self._overdue.running(call.user.name, limit):
                return self._ask(connection, call, call.statement)
        except DeniedError as error:
            raise ClickHouseError.of(497, "ACCESS_DENIED", f"{error}", 403) from None
        except RuntimeError as error:
            raise engine_error(error) from None
        finally:
            connection.close()

    def _connection(self) -> Connection:
        try:
            return chdb.connect(self._address)
        except RuntimeError as error:
            raise engine_error(error) from None

    def _granted(self, call: _Call) -> Mapping[str, str]:
        """The settings of a call that its user may make.

        Raises:
            DeniedError: The user may not make it.
        """
        user = call.user
        if user.role == "owner":
            return call.settings
        if call.database != DATABASE:
            raise DeniedError(f"the database {call.database} is not accessible; use {DATABASE}")
        settings = grants.settings(user, call.settings)
        if isinstance(call.statement, Insert):
            grants.check_insert(user, call.statement)
            return settings
        return {**settings, **VIEW_SETTINGS, "os_threads_nice_value_query": str(_NICE)}

    def _ask(self, connection: Connection, call: _Call, statement: Query) -> _Result:
        sql, parameters = statement.sql, dict(call.parameters)
        format_ = statement.format or DEFAULT_FORMAT

        def ask(text: str, in_format: str, given: Mapping[str, str]) -> bytes:
            escaped = {name: _escaped(value) for name, value in given.items()}
            return bytes(connection.query(text, in_format, params=escaped).bytes() or b"")

        def fill(text: str) -> str:
            return str(connection.query(f"explain syntax {text}", "TSVRaw", params=parameters))

        if call.user.role != "owner" or call.read_only:
            tables = grants.tables(call.user)
            judged = self._gate.judge(ask, sql, tables, fill if parameters else None)
            if tables.definer is not None and judged.select is not None:
                connection.query(as_definer(tables.definer, judged.select))
                sql, parameters = f"select * from {VIEW}", {}  # noqa: S608
        result = connection.query(sql, format_, params=parameters)
        return _Result(result.bytes() or b"", statement.format, read_rows=result.rows_read())


def _insert(connection: Connection, statement: Insert) -> _Result:
    rows = insert(connection, statement.sql, statement.format, [statement.data])
    return _Result(b"", None, written_rows=rows)


def _escaped(value: str) -> str:
    """A text as the value of a parameter of type String."""
    return value.translate(_ESCAPES)


_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f"}
)


def _response(request: Request, result: _Result) -> Response:
    summary = {"read_rows": str(result.read_rows), "written_rows": str(result.written_rows)}
    headers = {
        "X-ClickHouse-Query-Id": _plain(request.query_params.get("query_id", "")),
        "X-ClickHouse-Summary": json.dumps(summary),
    }
    if result.format:
        headers["X-ClickHouse-Format"] = _plain(result.format)
    data = _framed(request)(result.data)
    return Response(data, headers=headers, media_type="text/plain; charset=utf-8")


def _plain(text: str) -> str:
    """A client's own word, as a header can carry it; nothing where it cannot."""
    return text if text.isascii() and text.isprintable() else ""


def _refusal(request: Request, error: ClickHouseError) -> Response:
    headers = {"X-ClickHouse-Exception-Code": str(error.code)}
    if name := ERROR_NAME.search(str(error)):
        headers["X-ClickHouse-Exception-Name"] = name[1]
    return PlainTextResponse(_framed(request)(f"{error}\n".encode()), error.status, headers)


def _framed(request: Request) -> Callable[[bytes], bytes]:
    """How the body of an answer is to be packed."""
    if request.query_params.get("compress", "0") in _NO:
        return bytes
    return framing.frames


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
