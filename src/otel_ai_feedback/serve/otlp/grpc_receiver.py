"""The OTLP/gRPC receiver: the same work as over HTTP, within the same bounds.

It lives in the event loop of the HTTP server, so both count what is in work together. Messages are
read only when their sender has shown the token and has a place, and gzip is unpacked by the
receiver, which bounds it: the library would unpack whatever comes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final, NoReturn, Protocol

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from grpc import aio

from otel_ai_feedback.serve.body import TooSlowError
from otel_ai_feedback.serve.heartbeat import Heartbeats
from otel_ai_feedback.serve.limits import Limits
from otel_ai_feedback.serve.otlp import answers
from otel_ai_feedback.serve.otlp.receiver import Endpoint, RefusedError

_SERVICES: Final = {
    "traces": "opentelemetry.proto.collector.trace.v1.TraceService",
    "logs": "opentelemetry.proto.collector.logs.v1.LogsService",
    "metrics": "opentelemetry.proto.collector.metrics.v1.MetricsService",
}
_GZIP: Final = b"\x1f\x8b"
_STOP_SECONDS: Final = 10
_CODES: Final[Mapping[int, grpc.StatusCode]] = {code.value[0]: code for code in grpc.StatusCode}
# Where senders look for how long to wait: gRPC's own place, and that of Python's exporter.
_DETAILS: Final = "grpc-status-details-bin"
_RETRY: Final = "google.rpc.retryinfo-bin"

Messages = AsyncIterator[bytes]


class Context(Protocol):
    """What the library hands to a method about one request."""

    def invocation_metadata(self) -> Iterable[tuple[str, str | bytes]]:
        """Its headers."""

    def peer(self) -> str:
        """Who sent it."""

    async def abort(
        self, code: grpc.StatusCode, details: str, trailing_metadata: tuple[tuple[str, bytes], ...]
    ) -> NoReturn:
        """End it."""


@asynccontextmanager
async def serving(
    address: str, endpoints: Mapping[str, Endpoint], limits: Limits, heartbeats: Heartbeats
) -> AsyncIterator[None]:
    """Answer gRPC for the length of a block; on leaving, what is in work is answered first.

    Args:
        address: ``host:port`` on which to listen.
        endpoints: What takes ``traces``, ``logs`` and ``metrics``.
        limits: The bounds of one request.
        heartbeats: Counts what is taken and refused.
    """
    server = aio.server(
        options=[
            ("grpc.so_reuseport", 0),
            ("grpc.max_receive_message_length", limits.body_bytes),
            ("grpc.max_metadata_size", limits.head_bytes),
            ("grpc.max_concurrent_streams", limits.requests_per_client),
            ("grpc.per_message_decompression", 0),
            ("grpc.compression_enabled_algorithms_bitset", 0b101),  # none and gzip
        ]
    )
    for signal, endpoint in endpoints.items():
        export = grpc.stream_unary_rpc_method_handler(_export(endpoint, limits, heartbeats))
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(_SERVICES[signal], {"Export": export})]
        )
    server.add_insecure_port(address)
    await server.start()
    try:
        yield
    finally:
        await server.stop(_STOP_SECONDS)


def _export(
    endpoint: Endpoint, limits: Limits, heartbeats: Heartbeats
) -> Callable[[Messages, Context], Awaitable[bytes]]:
    """The method ``Export`` of one service."""

    async def export(messages: Messages, context: Context) -> bytes:
        given = dict(context.invocation_metadata())

        async def read(take: Callable[[int], None]) -> tuple[bytes, bool]:
            try:
                data = await asyncio.wait_for(anext(messages, b""), limits.body_seconds)
            except asyncio.TimeoutError:
                raise TooSlowError("the message did not arrive in time") from None
            take(len(data))
            # OTLP begins with the tag of its first field, which is another byte.
            return data, data.startswith(_GZIP)

        try:
            endpoint.authorize(str(given.get("authorization", "")))
            with endpoint.admitted(_host(context.peer())):
                answer = await endpoint.take(read, answers.PROTOBUF)
        except RefusedError as refused:
            heartbeats.refused("receiver", str(refused.status))
            await _refuse(context, refused)
        heartbeats.accepted("receiver")
        return answer.SerializeToString()

    return export


async def _refuse(context: Context, refused: RefusedError) -> NoReturn:
    code = answers.CODES[refused.status]
    status = Status(code=code, message=refused.why)
    details = []
    if seconds := refused.headers.get("Retry-After"):
        retry = RetryInfo(retry_delay=Duration(seconds=int(seconds)))
        status.details.add().Pack(retry)
        details.append((_RETRY, retry.SerializeToString()))
    details.append((_DETAILS, status.SerializeToString()))
    await context.abort(_CODES[code], refused.why, tuple(details))


def _host(peer: str) -> str:
    """The address of a peer, as in ``ipv4:127.0.0.1:44592`` or ``ipv6:%5B::1%5D:44592``."""
    return peer.partition(":")[2].rpartition(":")[0]
