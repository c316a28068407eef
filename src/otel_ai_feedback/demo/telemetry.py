"""The chat service's OpenTelemetry set-up, as an application would have it, on the demo's clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

import otel_ai_feedback
from otel_ai_feedback import attributes as names
from otel_ai_feedback.config import Settings
from otel_ai_feedback.demo.clock import DemoClock
from otel_ai_feedback.demo.identifiers import SeededIds

# A minute of the demo is weeks of traffic: the queues hold all of it, should the store be slow.
_QUEUE: Final = 1 << 17
_BATCH: Final = 512


class Witness(SpanProcessor):
    """Notes which outputs and actions left the service, to compare the store with."""

    def __init__(self) -> None:
        self._outputs: list[str] = []
        self._actions: list[str] = []

    def on_end(self, span: ReadableSpan) -> None:
        """Note the span if it is one of ours."""
        attributes, context = span.attributes or {}, span.context
        action_id = attributes.get(names.ACTION_ID)
        if action_id is not None:
            self._actions.append(str(action_id))
        elif names.OUTPUT_TIME in attributes and context is not None:
            self._outputs.append(f"{context.trace_id:032x}-{context.span_id:016x}")

    def take_outputs(self) -> list[str]:
        """Output ids since the last call."""
        taken, self._outputs = self._outputs, []
        return taken

    def take_actions(self) -> list[str]:
        """Action ids since the last call."""
        taken, self._actions = self._actions, []
        return taken


@dataclass(frozen=True)
class Telemetry:
    """What the chat service is given.

    Attributes:
        tracer_provider: For its own spans.
        witness: What has left it.
    """

    tracer_provider: TracerProvider
    witness: Witness
    _logger_provider: LoggerProvider

    def flush(self) -> None:
        """Return when everything until now has been sent; events follow from spans."""
        self.tracer_provider.force_flush()
        self._logger_provider.force_flush()


@contextmanager
def telemetry(
    settings: Settings,
    otlp_url: str,
    resource: Mapping[str, str | bool],
    clock: DemoClock,
    ids: SeededIds,
    *,
    live: bool,
) -> Iterator[Telemetry]:
    """Switch capture on while the context is open.

    Args:
        settings: For capture.
        otlp_url: OTLP/HTTP receiver, without a slash at the end.
        resource: Attributes of the chat service.
        clock: Source of all times.
        ids: Source of all trace and span ids.
        live: Whether the ``openai`` client is called, and so is instrumented.
    """
    described = Resource.create(dict(resource))
    token = settings.otlp_token
    headers = {"authorization": f"Bearer {token}"} if token else None
    witness = Witness()
    tracer_provider = TracerProvider(
        sampler=ALWAYS_ON, resource=described, id_generator=ids, shutdown_on_exit=False
    )
    tracer_provider.add_span_processor(witness)
    tracer_provider.add_span_processor(
        BatchSpanProcessor(
            OTLPSpanExporter(f"{otlp_url}/v1/traces", headers=headers),
            max_queue_size=_QUEUE,
            max_export_batch_size=_BATCH,
        )
    )
    logger_provider = LoggerProvider(resource=described, shutdown_on_exit=False)
    logger_provider.add_log_record_processor(
        BatchLogRecordProcessor(
            OTLPLogExporter(f"{otlp_url}/v1/logs", headers=headers),
            max_queue_size=_QUEUE,
            max_export_batch_size=_BATCH,
        )
    )
    with ExitStack() as stack:
        # Spans first: capture's events follow from them.
        stack.callback(logger_provider.shutdown)
        stack.callback(tracer_provider.shutdown)
        stack.enter_context(clock.drives_sdk())
        otel_ai_feedback.instrument(
            tracer_provider,
            logger_provider,
            # Its people and answers are invented: all texts may be read in review.
            replace(settings, review_text="sample", review_text_rate=1.0),
            clock.time_ns,
        )
        stack.callback(otel_ai_feedback.uninstrument)
        if live:
            instrumentor = OpenAIInstrumentor()
            instrumentor.instrument(
                tracer_provider=tracer_provider,
                logger_provider=logger_provider,
                meter_provider=NoOpMeterProvider(),
            )
            stack.callback(instrumentor.uninstrument)
        yield Telemetry(tracer_provider, witness, logger_provider)
