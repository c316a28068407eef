"""A thin ClickHouse HTTP endpoint over the embedded engine.

Only one process can open the engine's directory. This endpoint lets every other one (``query``,
``migrate``, a notebook) work beside a running ``serve`` with an ordinary ClickHouse client.

The one user's password is the token in ``server.json`` beside the data, readable by its owner
only. Every request has a connection of its own, so settings never leak from one to the next. With
``readonly`` among its parameters, and for every GET, the statement runs with ``readonly = 1``,
which also keeps it from reading files and addresses through table functions.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
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

from otel_ai_feedback.local import compression
from otel_ai_feedback.local.body import Body, TooLargeError, TooSlowError, UndecodableError
from otel_ai_feedback.local.hosts import is_loopback
from otel_ai_feedback.local.limits import Admission, Limits, OverloadedError
from otel_ai_feedback.local.statement import Insert, parse
from otel_ai_feedback.store import DATABASE, LOCAL_USER

_CONNECTIONS: Final = 8

# Parameters of the HTTP protocol itself, and settings that make no sense in this process.
# async_insert in particular would answer before the rows are stored.
_IGNORED: Final = frozenset(
    {
        "async_insert",
        "buffer_size",
        "cancel_http_readonly_queries_on_client_close",
        "client_protocol_version",
        "database",
        "default_format",
        "enable_http_compression",
        "http_headers_progress_interval_ms",
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
_CODE: Final = re.compile(r"Code: (\d+)")

# A client that forgot its limit must not take the memory from the receiver beside it.
_MAX_RESULT_BYTES: Final = 1024 * 1024 * 1024


class _ClickHouseError(Exception):
    """An error in ClickHouse's own form."""

    def __init__(self, code: int, name: str, message: str, status: int) -> None:
        super().__init__(f"Code: {code}. DB::Exception: {message}. ({name})")
        self.code = code
        self.status = status


@dataclass(frozen=True)
class _Call:
    """One statement with all it needs to run."""

    query: bytes
    data: bytes
    database: str
    parameters: Mapping[str, str]
    settings: Mapping[str, str]
    read_only: bool


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
        token: Password of the user ``local``.
        limits: The bounds of one request.
        admission: The bounds of all requests together.
    """

    def __init__(self, path: str, token: str, limits: Limits, admission: Admission) -> None:
        self._path = path
        self._token = token
        self._limits = limits
        self._admission = admission
        self._connections = CapacityLimiter(_CONNECTIONS)

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
            response = PlainTextResponse(
                f"{error}\n", error.status, {"X-ClickHouse-Exception-Code": str(error.code)}
            )
        await response(scope, receive, send)

    async def _answer(self, request: Request, body: Body) -> Response:
        if not is_loopback(request.client.host if request.client else ""):
            raise _denied("Only local clients are served")
        self._authenticate(request)
        try:
            with self._admission.memory() as take:
                sent = await body.read(take)
                call = self._call(request, sent)
                run = partial(self._run, call)
                result = await anyio.to_thread.run_sync(run, limiter=self._connections)
        except OverloadedError as error:
            raise _ClickHouseError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", str(error), 503) from None
        except (TooLargeError, TooSlowError, UndecodableError, UnicodeDecodeError) as error:
            raise _ClickHouseError(36, "BAD_ARGUMENTS", str(error), 400) from None
        return _response(request, result)

    def _authenticate(self, request: Request) -> None:
        user, password = _credentials(request)
        known = secrets.compare_digest(password.encode(), self._token.encode())
        if not known or user != LOCAL_USER:
            raise _denied(f"{user}: Authentication failed")

    def _call(self, request: Request, sent: bytes) -> _Call:
        given = dict(request.query_params)
        for unsupported in ("compress", "decompress"):
            if given.pop(unsupported, "0") not in ("0", "false", ""):
                raise _ClickHouseError(
                    48,
                    "NOT_IMPLEMENTED",
                    f"{unsupported}=1 (ClickHouse's own framing) is not supported here, "
                    "set the client's compression to none or gzip",
                    501,
                )
        encoding = request.headers.get("content-encoding", "")
        sent = compression.decompress(sent, encoding, self._limits.body_bytes)
        content_type = request.headers.get("content-type", "")
        if content_type.startswith("multipart/form-data"):
            given |= _form(content_type, sent)
            sent = b""
        read_only = request.method != "POST" or given.get("readonly", "0") not in ("0", "false")
        settings = {
            key: value
            for key, value in given.items()
            if key not in _IGNORED and not key.startswith("param_")
        }
        for key in settings:
            if not _SETTING_NAME.fullmatch(key):
                raise _ClickHouseError(115, "UNKNOWN_SETTING", f"Unknown setting {key!r}", 400)
        if not sent.strip() and not given.get("query", "").strip():
            raise _ClickHouseError(62, "SYNTAX_ERROR", "Empty query", 400)
        return _Call(
            query=given.get("query", "").encode(),
            data=sent,
            database=given.get("database") or DATABASE,
            parameters={k[6:]: v for k, v in given.items() if k.startswith("param_")},
            settings=settings,
            read_only=read_only,
        )

    def _run(self, call: _Call) -> _Result:
        connection = chdb.connect(self._path)
        try:
            connection.query(f"use `{call.database.replace('`', '``')}`")
            connection.query(f"set max_result_bytes = {_MAX_RESULT_BYTES}")
            for key, value in call.settings.items():
                connection.query(f"set {key} = {_quoted(value)}")
            if call.read_only:
                connection.query("set readonly = 1")
            return _execute(connection, call)
        except RuntimeError as error:
            raise _engine_error(error) from None
        finally:
            connection.close()


def _execute(connection: Connection, call: _Call) -> _Result:
    statement = parse(call.query, call.data)
    if isinstance(statement, Insert):
        with connection.send_insert(statement.sql, statement.format) as insert:
            insert.append(statement.data)
            return _Result(b"", None, written_rows=insert.finish().rows_written)
    result = connection.query(
        statement.sql, statement.format or "TabSeparated", params=dict(call.parameters)
    )
    return _Result(result.bytes() or b"", statement.format, read_rows=result.rows_read())


def _response(request: Request, result: _Result) -> Response:
    headers = {
        "X-ClickHouse-Query-Id": request.query_params.get("query_id", ""),
        "X-ClickHouse-Summary": json.dumps(
            {"read_rows": str(result.read_rows), "written_rows": str(result.written_rows)}
        ),
    }
    if result.format:
        headers["X-ClickHouse-Format"] = result.format
    return Response(result.data, headers=headers, media_type="text/plain; charset=utf-8")


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


def _denied(why: str) -> _ClickHouseError:
    return _ClickHouseError(516, "AUTHENTICATION_FAILED", why, 403)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _engine_error(error: RuntimeError) -> _ClickHouseError:
    text = str(error)
    found = _CODE.search(text)
    code = int(found[1]) if found else 1001
    status = {60: 404, 81: 404, 62: 400, 47: 400, 164: 403, 241: 503, 243: 503}.get(code, 500)
    exception = _ClickHouseError(code, "", "", status)
    exception.args = (text[found.start() :] if found else text,)
    return exception
