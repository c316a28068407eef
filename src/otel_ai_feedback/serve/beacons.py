"""Beacons for pages whose service cannot take them itself, such as one not written in Python.

The endpoint is the one of the middleware, and the actions are spans like those of any service:
they go through an OpenTelemetry SDK whose exporter writes into this server's own store.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from starlette.types import Receive, Scope, Send

from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.web import asgi
from otel_ai_feedback.capture.web.beacon import Beacon
from otel_ai_feedback.capture.web.endpoint import Endpoint
from otel_ai_feedback.capture.web.recorder import submit
from otel_ai_feedback.config import Settings
from otel_ai_feedback.serve.otlp import traces
from otel_ai_feedback.serve.writer import Writer

_INSERT_SECONDS: Final = 30.0
_EXPORT_MILLISECONDS: Final = 500


class Beacons:
    """ASGI application of everything under the endpoint's prefix.

    Args:
        endpoint: What knows the answers.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    @property
    def prefix(self) -> str:
        """Path under which it answers."""
        return self._endpoint.prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        below = self._endpoint.path_below(scope["path"]) or "/"
        await asgi.answer(self._endpoint, below, scope, receive, send)


@contextmanager
def taking(settings: Settings, writer: Writer) -> Iterator[Beacons]:
    """Take beacons for the length of a ``with`` block; on leaving, what was taken is written.

    The service and environment of the actions are those of ``OTEL_SERVICE_NAME`` and
    ``OTEL_RESOURCE_ATTRIBUTES`` of this process; where they name no service, the views file an
    action under the service of its output.

    Args:
        settings: The key with which handles are signed, and who may send.
        writer: Writer of ``otel_traces``.
    """
    capture = Capture(settings, time.time_ns, None, GUARD)
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    exporter = _StoreExporter(writer)
    provider.add_span_processor(
        BatchSpanProcessor(exporter, schedule_delay_millis=_EXPORT_MILLISECONDS)
    )
    record = partial(_record, capture, provider)
    try:
        yield Beacons(
            Endpoint(
                record,
                capture.opt_out.of_request,
                time.time_ns,
                allowed_origins=settings.allowed_origins,
                trusted_proxies=settings.trusted_proxies,
            )
        )
    finally:
        capture.shutdown()
        provider.shutdown()


def _resource() -> Resource:
    resource = Resource.create()
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return resource.merge(Resource({SERVICE_NAME: ""}))
    return resource


def _record(capture: Capture, provider: TracerProvider, beacon: Beacon, size: int) -> bool:
    return capture.active and submit(capture, provider, beacon, size)


class _StoreExporter(SpanExporter):
    """Writes spans as the receiver writes those of others."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write spans and wait until the store has them."""
        rows = traces.rows(encode_spans(spans).SerializeToString())
        try:
            self._writer.submit(rows.block, rows.accepted).result(_INSERT_SECONDS)
        except Exception:
            GUARD.failed("writing actions to the store")
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS
