"""The OTLP receiver: from a request to acknowledged rows; over HTTP it answers so.

=======================================================  =======================================
case                                                     answer
=======================================================  =======================================
undecodable Protobuf, JSON or gzip                       400
body that does not arrive in time                        408
no or a wrong token, where one is set                    401
body, as sent or decompressed, over the limit            413
unknown Content-Type or Content-Encoding                 415
other method than POST                                   405
another path                                             404 that names the right one
overload, disk full, any failure of the insert           503 with Retry-After
more requests at once than one client may have           429 with Retry-After
some spans or log records invalid                        200 with ``partial_success``
=======================================================  =======================================
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from anyio import CapacityLimiter
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTracePartialSuccess,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from otel_ai_feedback.serve.body import Body, TooLargeError, TooSlowError, UndecodableError, gunzip
from otel_ai_feedback.serve.free_memory import give_back
from otel_ai_feedback.serve.in_thread import in_thread
from otel_ai_feedback.serve.limits import Admission, Limits, OverloadedError, QuotaExceededError
from otel_ai_feedback.serve.otlp import answers, json_encoding, logs, traces
from otel_ai_feedback.serve.otlp.answers import Encoding
from otel_ai_feedback.serve.otlp.rows import Rows
from otel_ai_feedback.serve.writer import Writer

_logger = logging.getLogger(__name__)

# Decoding holds the interpreter's lock, so more threads would only take turns.
_DECODERS: Final = 2
# Larger bodies are decoded one at a time beside them, so that one that unpacks to much, or holds
# much, costs no small one more than its turn.
_SMALL_BYTES: Final = 1024 * 1024
# What Python makes of JSON takes many times its size, and cannot be counted before.
_JSON_BYTES: Final = 8 * 1024 * 1024
_JSON_OBJECTS: Final = 400_000
_JSON_TOO_LARGE: Final = (
    f"JSON is taken up to {_JSON_BYTES} bytes and {_JSON_OBJECTS} objects; send smaller batches, "
    "or Protobuf"
)
_SHOWN_REJECTIONS: Final = 5


Take = Callable[[int], None]
Read = Callable[[Take], Awaitable[tuple[bytes, bool]]]


@dataclass(frozen=True)
class Signal:
    """One kind of telemetry.

    Attributes:
        request: Class of the request message.
        rows: Turns the encoded request into rows.
        response: Makes the response from the number of refused rows and the reason.
    """

    request: Callable[[], Message]
    rows: Callable[[bytes], Rows]
    response: Callable[[int, str], Message]


def _trace_response(rejected: int, why: str) -> Message:
    if not rejected:
        return ExportTraceServiceResponse()
    return ExportTraceServiceResponse(
        partial_success=ExportTracePartialSuccess(rejected_spans=rejected, error_message=why)
    )


def _logs_response(rejected: int, why: str) -> Message:
    if not rejected:
        return ExportLogsServiceResponse()
    return ExportLogsServiceResponse(
        partial_success=ExportLogsPartialSuccess(rejected_log_records=rejected, error_message=why)
    )


TRACES: Final = Signal(ExportTraceServiceRequest, traces.rows, _trace_response)
LOGS: Final = Signal(ExportLogsServiceRequest, logs.rows, _logs_response)


class RefusedError(Exception):
    """The request gets an answer other than 200.

    Args:
        status: Of the answer.
        why: What its sender should know.
        headers: More headers of the answer.
    """

    def __init__(self, status: int, why: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.why = why
        self.headers = headers or {}


class Endpoint:
    """What takes one kind of telemetry, over HTTP or gRPC: who may send, and within which bounds.

    Args:
        limits: The bounds of one request.
        admission: The bounds of all requests together.
        token: What senders must know; ``None`` lets everyone send.
    """

    def __init__(self, limits: Limits, admission: Admission, token: str | None = None) -> None:
        self._limits = limits
        self._admission = admission
        self._token = None if token is None else token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request over HTTP."""
        request = Request(scope, receive)
        body = Body(request, self._limits)
        encoding = encoding_of(request)
        try:
            response = await self._answer(request, body, encoding)
        except RefusedError as refused:
            await body.drain()
            response = answers.refusal(
                refused.status, refused.why, encoding or answers.JSON, refused.headers
            )
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    def authorize(self, authorization: str) -> None:
        """Check the header of that name.

        Raises:
            RefusedError: It has not the token, and one is set.
        """
        if self._token is not None and not hmac.compare_digest(_bearer(authorization), self._token):
            raise RefusedError(
                401,
                "a token is required: set OTEL_EXPORTER_OTLP_HEADERS to "
                "'authorization=Bearer%20' and the server's OTEL_AI_FEEDBACK_OTLP_TOKEN",
                {"WWW-Authenticate": "Bearer"},
            )

    @contextmanager
    def admitted(self, client: str) -> Iterator[None]:
        """Hold a place for one request of ``client``, and word what refuses it.

        Raises:
            RefusedError: There is none, or what it sent cannot be taken.
        """
        retry = {"Retry-After": str(self._limits.retry_after_seconds)}
        try:
            with self._admission.request(client):
                yield
        except QuotaExceededError as error:
            raise RefusedError(429, str(error), retry) from None
        except OverloadedError as error:
            raise RefusedError(503, str(error), retry) from None
        except MemoryError:
            raise RefusedError(503, "not enough memory for this request now", retry) from None
        except TooLargeError as error:
            raise RefusedError(413, str(error)) from None
        except TooSlowError as error:
            raise RefusedError(408, str(error), {"Connection": "close"}) from None
        except UndecodableError as error:
            raise RefusedError(400, str(error)) from None

    async def take(self, read: Read, encoding: Encoding) -> Message:
        """Take what is sent; the answer says that it is stored.

        Args:
            read: Reads it, and says whether it is gzip; called with what accounts for its bytes.
            encoding: Of what is sent.
        """
        raise NotImplementedError

    async def _answer(self, request: Request, body: Body, encoding: Encoding | None) -> Response:
        if request.method != "POST":
            raise RefusedError(405, f"use POST, not {request.method}", {"Allow": "POST"})
        self.authorize(request.headers.get("authorization", ""))
        if encoding is None:
            given = request.headers.get("content-type", "")
            raise RefusedError(
                415, f"Content-Type {given!r} is not {answers.PROTOBUF} or {answers.JSON}"
            )
        compression = request.headers.get("content-encoding", "identity").strip().lower()
        if compression not in ("gzip", "identity", ""):
            raise RefusedError(415, f"Content-Encoding {compression!r} is not gzip or identity")

        async def read(take: Take) -> tuple[bytes, bool]:
            return await body.read(take), compression == "gzip"

        with self.admitted(request.client.host if request.client else ""):
            return answers.message(await self.take(read, encoding), encoding)


class Receiver(Endpoint):
    """Takes spans or log records, and answers when they are stored.

    Args:
        signal: What it receives.
        writer: Where the rows go.
        limits: The bounds of one request.
        admission: The bounds of all requests together.
        token: What senders must know; ``None`` lets everyone send.
    """

    def __init__(
        self,
        signal: Signal,
        writer: Writer,
        limits: Limits,
        admission: Admission,
        token: str | None = None,
    ) -> None:
        super().__init__(limits, admission, token)
        self._signal = signal
        self._writer = writer
        self._decoders = CapacityLimiter(_DECODERS)
        self._large = CapacityLimiter(1)

    async def take(self, read: Read, encoding: Encoding) -> Message:
        """Store what is sent; the answer has what was invalid in it."""
        with self._admission.memory() as take:
            data, gzip = await read(take)
            size = len(data)
            with self._writer.coming():
                rows = await self._decoded(data, encoding, gzip, take)
                del data
                take(len(rows.block) - size)
                stored = self._submit(rows)
            await self._wait(stored)
        why = "; ".join(rows.rejected[:_SHOWN_REJECTIONS])
        if len(rows.rejected) > _SHOWN_REJECTIONS:
            why += f"; and {len(rows.rejected) - _SHOWN_REJECTIONS} more"
        return self._signal.response(len(rows.rejected), why)

    async def _decoded(self, data: bytes, encoding: Encoding, gzip: bool, take: Take) -> Rows:
        """The rows of a body, small ones beside large ones."""
        if len(data) <= _SMALL_BYTES:
            try:
                return await self._in_turn(
                    self._decoders,
                    partial(self._decode, data, encoding, gzip, _SMALL_BYTES),
                    0,
                    take,
                )
            except TooLargeError:
                # It unpacks to more than it looks.
                if not gzip:
                    raise
        decode = partial(self._decode, data, encoding, gzip, self._most(encoding))
        # What it may become is admitted before it is unpacked.
        unpacked = self._most(encoding) if gzip else 0
        try:
            return await self._in_turn(self._large, decode, unpacked, take)
        finally:
            await in_thread(give_back)

    def _most(self, encoding: Encoding) -> int:
        most = self._limits.body_bytes
        return min(most, _JSON_BYTES) if encoding == answers.JSON else most

    async def _in_turn(
        self,
        turns: CapacityLimiter,
        decode: Callable[[], Rows],
        size: int,
        take: Take,
    ) -> Rows:
        async with turns:
            take(size)
            try:
                return await in_thread(decode)
            finally:
                take(-size)

    def _decode(self, data: bytes, encoding: Encoding, gzip: bool, limit: int) -> Rows:
        as_json = encoding == answers.JSON
        if gzip:
            try:
                data = gunzip(data, limit)
            except TooLargeError as error:
                raise TooLargeError(_JSON_TOO_LARGE if as_json else str(error)) from None
        if as_json:
            if len(data) > _JSON_BYTES or data.count(b"{") > _JSON_OBJECTS:
                raise TooLargeError(_JSON_TOO_LARGE)
            message = self._signal.request()
            json_encoding.parse(data, message)
            data = message.SerializeToString()
        try:
            return self._signal.rows(data)
        except DecodeError as error:
            raise UndecodableError(f"the body is not valid OTLP Protobuf: {error}") from None

    def _submit(self, rows: Rows) -> Future[None] | None:
        return self._writer.submit(rows.block, rows.accepted) if rows.accepted else None

    async def _wait(self, stored: Future[None] | None) -> None:
        if stored is None:
            return
        # Waited for, not awaited: a handler cancelled at shutdown must not cancel what the writer
        # holds, and an exception raised from it would hold the rows.
        done = asyncio.wrap_future(stored)
        await asyncio.wait({done})
        error = done.exception()
        if error is not None:
            # Whatever the engine minds (disk full, too many parts, memory), it is not the data:
            # they have been checked. 503 makes the client keep them and try again.
            raise OverloadedError(f"the store cannot take data now: {_first_line(error)}")


class MetricsSink(Endpoint):
    """Takes metrics and forgets them.

    Auto-instrumentation sends metrics unless told otherwise. Refusing them would put an error into
    the log of every instrumented service each minute, and nothing here reads them.
    """

    async def take(self, read: Read, encoding: Encoding) -> Message:
        """Read what is sent, and no more."""
        with self._admission.memory() as take:
            await read(take)
        return ExportMetricsServiceResponse()


def encoding_of(request: Request) -> Encoding | None:
    """The encoding of OTLP that a request says it is in; ``None`` for anything else."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return given if given in (answers.PROTOBUF, answers.JSON) else None


def _bearer(authorization: str) -> bytes:
    scheme, _, token = authorization.partition(" ")
    return token.strip().encode("latin-1", "replace") if scheme.lower() == "bearer" else b""


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:300]
