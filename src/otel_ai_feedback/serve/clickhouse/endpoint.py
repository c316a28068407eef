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
import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from functools import partial
from typing import Final

import anyio.to_thread
import chdb
from anyio import CapacityLimiter
from chdb.state.sqlitelike import Connection
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from otel_ai_feedback.serve.body import Body, TooLargeError, TooSlowError, UndecodableError
from otel_ai_feedback.serve.clickhouse import compression, framing, grants, handshake
from otel_ai_feedback.serve.clickhouse.access import Access
from otel_ai_feedback.serve.clickhouse.statement import DEFAULT_FORMAT, Insert, Query, parse
from otel_ai_feedback.serve.clickhouse.users import User, Users
from otel_ai_feedback.serve.hosts import is_loopback
from otel_ai_feedback.serve.insert import insert
from otel_ai_feedback.serve.limits import Admission, Limits, OverloadedError
from otel_ai_feedback.store import DATABASE, engine_config
from otel_ai_feedback.store.read_only import DeniedError

# Inserts have places of their own, so that slow questions do not hold up a Collector.
_READING: Final = 8
_WRITING: Final = 4
_CANCEL_AGAIN_SECONDS: Final = 0.2

# Parameters of the HTTP protocol itself, and settings that make no sense in this process.
# async_insert in particular would answer before the rows are stored.
_IGNORED: Final = frozenset(
    {
        "async_insert",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "compress",
        "database",
        "decompress",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
        "http_wait_end_of_query",
        "log_comment",
        "network_compression_method",
        "network_zstd_compression_level",
        "password",
        "query",
        "query_id",
        "quota_key",
        "readonly",
        "role",
        "send_progress_in_http_headers",
        "session_check",
        "session_id",
        "session_timeout",
        "user",
        "wait_end_of_query",
        "wait_for_async_insert",
    }
)
_SETTING_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ERROR: Final = re.compile(r"Code: (\d+)")
_ERROR_NAME: Final = re.compile(r"\(([A-Z][A-Z0-9_]*)\)\s*$")
_NO: Final = frozenset({"", "0", "false"})

# As ClickHouse's own HTTP handler maps them; memory and disk pass, so the client may try again.
_STATUSES: Final = {
    36: 400,
    46: 404,
    47: 400,
    60: 404,
    62: 400,
    81: 404,
    164: 403,
    241: 503,
    243: 503,
}

# A client that forgot its limit must not take the memory from the receiver beside it.
_MAX_RESULT_BYTES: Final = 1024 * 1024 * 1024


class _ClickHouseError(Exception):
    """An error in ClickHouse's own form."""

    def __init__(self, code: int, text: str, status: int) -> None:
        super().__init__(text)
        self.code = code
        self.status = status

    @classmethod
    def of(cls, code: int, name: str, message: str, status: int) -> _ClickHouseError:
        return cls(code, f"Code: {code}. DB::Exception: {message}. ({name})", status)


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
    """

    def __init__(self, path: str, users: Users, limits: Limits, admission: Admission) -> None:
        self._address = engine_config.address(path)
        self._users = users
        self._limits = limits
        self._admission = admission
        self._access = Access()
        self._reading = CapacityLimiter(_READING)
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
        except _ClickHouseError as error:
            await body.drain()
            response = _refusal(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request, body: Body) -> Response:
        user = self._authenticate(request)
        try:
            with self._admission.memory() as take:
                sent = await body.read(take)
                result = await self._result(request, user, sent)
        except OverloadedError as error:
            raise _ClickHouseError.of(
                202, "TOO_MANY_SIMULTANEOUS_QUERIES", str(error), 503
            ) from None
        except (TooLargeError, TooSlowError, UndecodableError, UnicodeDecodeError) as error:
            raise _ClickHouseError.of(36, "BAD_ARGUMENTS", str(error), 400) from None
        return _response(request, result)

    def _authenticate(self, request: Request) -> User:
        name, password = _credentials(request)
        user = self._users.authenticate(name, password)
        if user is None:
            raise _not_authenticated(f"{name}: Authentication failed")
        if user.role == "owner" and not is_loopback(request.client.host if request.client else ""):
            raise _not_authenticated(f"{name} is served on this machine only")
        return user

    async def _result(self, request: Request, user: User, sent: bytes) -> _Result:
        given = dict(request.query_params)
        sent = self._decoded(request, given, sent)
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            given |= _form(content_type, sent)
            sent = b""
        query = given.get("query", "").encode()
        if not sent.strip() and not query.strip():
            raise _ClickHouseError.of(62, "SYNTAX_ERROR", "Empty query", 400)
        if handshake.is_question(query + sent, given.get("client_protocol_version", "")):
            run = partial(self._hello)
            return _Result(await anyio.to_thread.run_sync(run, limiter=self._reading), "Native")
        call = _Call(
            statement=parse(query, sent, given.get("default_format") or DEFAULT_FORMAT),
            user=user,
            database=given.get("database") or DATABASE,
            parameters={k[6:]: v for k, v in given.items() if k.startswith("param_")},
            settings={
                key: value
                for key, value in given.items()
                if key not in _IGNORED and not key.startswith("param_")
            },
            read_only=request.method != "POST" or given.get("readonly", "0") not in _NO,
            mark=secrets.token_hex(16),
        )
        for key in call.settings:
            if not _SETTING_NAME.fullmatch(key):
                raise _ClickHouseError.of(115, "UNKNOWN_SETTING", f"Unknown setting {key!r}", 400)
        if isinstance(call.statement, Insert):
            # All of it is here. That the client has gone is no reason to leave out half.
            return await anyio.to_thread.run_sync(self._run, call, limiter=self._writing)
        return await self._while_wanted(request, call)

    def _decoded(self, request: Request, given: Mapping[str, str], sent: bytes) -> bytes:
        encoding = request.headers.get("content-encoding", "")
        sent = compression.decompress(sent, encoding, self._limits.body_bytes)
        if given.get("decompress", "0") not in _NO:
            sent = framing.unframe(sent, self._limits.body_bytes)
        return sent

    async def _while_wanted(self, request: Request, call: _Call) -> _Result:
        """Run a statement, and cancel it when the client goes away."""

        async def gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        run = anyio.to_thread.run_sync
        running = asyncio.ensure_future(run(self._run, call, limiter=self._reading))
        leaving = asyncio.ensure_future(gone())
        try:
            await asyncio.wait({running, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                return running.result()
            while not running.done():
                await run(self._cancel, call.mark, limiter=self._cancelling)
                # It may have waited for a place, and then there was nothing to cancel yet.
                await asyncio.wait({running}, timeout=_CANCEL_AGAIN_SECONDS)
            running.exception()
            raise ClientDisconnect
        finally:
            leaving.cancel()

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
        connection = chdb.connect(self._address)
        try:
            connection.query(f"use `{call.database.replace('`', '``')}`")
            settings = self._granted(connection, call)
            connection.query(f"set max_result_bytes = {_MAX_RESULT_BYTES}")
            connection.query(f"set log_comment = '{call.mark}'")
            for key, value in settings.items():
                connection.query(f"set {key} = {_quoted(value)}")
            if call.read_only or call.user.role == "reader":
                connection.query("set readonly = 1")
            return _execute(connection, call)
        except DeniedError as error:
            raise _ClickHouseError.of(497, "ACCESS_DENIED", f"{error}", 403) from None
        except RuntimeError as error:
            raise _engine_error(error) from None
        finally:
            connection.close()

    def _granted(self, connection: Connection, call: _Call) -> Mapping[str, str]:
        """The settings of a call that its user may make.

        Raises:
            DeniedError: The user may not make it.
        """
        user = call.user
        if user.role == "owner":
            if call.read_only and isinstance(call.statement, Query):
                self._access.check_read_only(connection, call.statement.sql)
            return call.settings
        if call.database != DATABASE:
            raise DeniedError(f"the database {call.database} is out of reach; use {DATABASE}")
        if isinstance(call.statement, Insert):
            grants.check_insert(user, call.statement)
        else:
            self._access.check(connection, call.statement.sql, grants.tables(user))
        return grants.settings(user, call.settings)


def _execute(connection: Connection, call: _Call) -> _Result:
    statement = call.statement
    if isinstance(statement, Insert):
        rows = insert(connection, statement.sql, statement.format, [statement.data])
        return _Result(b"", None, written_rows=rows)
    result = connection.query(
        statement.sql, statement.format or DEFAULT_FORMAT, params=dict(call.parameters)
    )
    return _Result(result.bytes() or b"", statement.format, read_rows=result.rows_read())


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


def _refusal(request: Request, error: _ClickHouseError) -> Response:
    headers = {"X-ClickHouse-Exception-Code": str(error.code)}
    if name := _ERROR_NAME.search(str(error)):
        headers["X-ClickHouse-Exception-Name"] = name[1]
    return PlainTextResponse(_framed(request)(f"{error}\n".encode()), error.status, headers)


def _framed(request: Request) -> Callable[[bytes], bytes]:
    """How the body of an answer is to be packed."""
    if request.query_params.get("compress", "0") in _NO:
        return bytes
    return framing.frames


def _credentials(request: Request) -> tuple[str, str]:
    """User and password from wherever a ClickHouse client may put them."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(encoded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return user, password
    if "x-clickhouse-user" in request.headers:
        return request.headers["x-clickhouse-user"], request.headers.get("x-clickhouse-key", "")
    return request.query_params.get("user", ""), request.query_params.get("password", "")


def _form(content_type: str, sent: bytes) -> dict[str, str]:
    """The fields of a multipart form, which clients use for long parameters."""
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n" + sent
    )
    fields: dict[str, str] = {}
    for part in message.walk():
        title = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)
        if isinstance(title, str) and isinstance(value, bytes):
            fields[title] = value.decode()
    return fields


def _not_authenticated(why: str) -> _ClickHouseError:
    return _ClickHouseError.of(516, "AUTHENTICATION_FAILED", why, 403)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _engine_error(error: RuntimeError) -> _ClickHouseError:
    text = str(error)
    found = _ERROR.search(text)
    code = int(found[1]) if found else 1001
    status = _STATUSES.get(code, 500)
    return _ClickHouseError(code, text[found.start() :] if found else text, status)
