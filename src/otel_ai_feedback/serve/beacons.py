"""Beacons for pages whose service cannot take them itself, such as one not written in Python.

The endpoint is the one of the middleware, and the actions are spans like those of any service. A
beacon is answered with 204 when its actions are in the store, else with 503, and the page keeps it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from anyio import CapacityLimiter
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from starlette.types import Receive, Scope, Send

from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.web import asgi
from otel_ai_feedback.capture.web.beacon import Beacon
from otel_ai_feedback.capture.web.endpoint import Endpoint, HttpAnswer
from otel_ai_feedback.capture.web.recorder import record_all
from otel_ai_feedback.config import Settings
from otel_ai_feedback.serve.in_thread import in_thread
from otel_ai_feedback.serve.otlp import traces
from otel_ai_feedback.serve.writer import Writer

# No longer than a page waits; what is stored after all is the same action when it comes again.
_STORED_SECONDS: Final = 10.0
# Beacons in work at once: what they wait for is one insert, which they share.
_STORING: Final = 32


class Beacons:
    """ASGI application of everything under the endpoint's prefix.

    Args:
        endpoint: What knows the answers.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._storing = CapacityLimiter(_STORING)

    @property
    def prefix(self) -> str:
        """Path under which it answers."""
        return self._endpoint.prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def run(take: Callable[[], HttpAnswer]) -> HttpAnswer:
            return await in_thread(take, self._storing)

        below = self._endpoint.path_below(scope["path"]) or "/"
        await asgi.answer(self._endpoint, below, scope, receive, send, run)


@contextmanager
def taking(settings: Settings, writer: Writer) -> Iterator[Beacons]:
    """Take beacons for the length of a ``with`` block.

    The service and environment of the actions are those of ``OTEL_SERVICE_NAME`` and
    ``OTEL_RESOURCE_ATTRIBUTES`` of this process; where they name no service, the views file an
    action under the service of its output.

    Args:
        settings: The key with which handles are signed, and who may send.
        writer: Writer of ``otel_traces``.
    """
    capture = Capture(settings, time.time_ns, None, GUARD)
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    ended = _Ended()
    provider.add_span_processor(ended)

    def record(beacon: Beacon) -> bool:
        return capture.active and _store(
            ended.within(lambda: record_all(capture, provider, beacon)), writer
        )

    try:
        yield Beacons(
            Endpoint(
                record,
                capture.opt_out.of_request,
                time.time_ns,
                own_reasons=lambda: settings.reasons,
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


def _store(spans: list[ReadableSpan], writer: Writer) -> bool:
    """Write spans as the receiver writes those of others, and wait until the store has them."""
    if not spans:
        return True
    rows = traces.rows(encode_spans(spans).SerializeToString())
    try:
        writer.submit(rows.block, rows.accepted).result(_STORED_SECONDS)
    except Exception:
        GUARD.failed("writing actions to the store")
        return False
    return True


class _Ended(SpanProcessor):
    """Gives the spans that ended on a thread to the code that made them there."""

    def __init__(self) -> None:
        self._here = threading.local()

    def within(self, make: Callable[[], None]) -> list[ReadableSpan]:
        """The spans that end while something is called."""
        spans: list[ReadableSpan] = []
        self._here.spans = spans
        try:
            make()
        finally:
            self._here.spans = None
        return spans

    def on_end(self, span: ReadableSpan) -> None:
        """Keep a span for its maker."""
        spans: list[ReadableSpan] | None = getattr(self._here, "spans", None)
        if spans is not None:
            spans.append(span)
