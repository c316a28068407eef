"""Labels for other backends: the event ``gen_ai.evaluation.result`` of the GenAI conventions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback._version import __version__
from otel_ai_feedback.store.ask import ask

EVENT: Final = "gen_ai.evaluation.result"
NAME: Final = "human_review"
_SCORES: Final = {"good": 1.0, "bad": 0.0}
_BATCH: Final = 500


class EmitError(Exception):
    """The events were not taken; the message says what to do."""


@dataclass(frozen=True)
class Evaluation:
    """One label as an event about the span of its output.

    Attributes:
        service: ``service.name`` of the resource; empty where the store has no span of the output.
        trace_id: Of the output's span, 32 hexadecimal digits.
        span_id: Of the same, 16 digits.
        time: When the verdict was given, aware.
        attributes: Those of the event. ``log.record.uid`` is the id of the label: sent again it is
            the same, so that a receiver can drop what it has.
    """

    service: str
    trace_id: str
    span_id: str
    time: datetime
    attributes: dict[str, Any]


def evaluations(client: Client, since: datetime) -> list[Evaluation]:
    """Every label since a moment, oldest first.

    No note is among them: modes are names, notes are texts.

    Args:
        client: From ``store.connect``.
        since: Aware.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    return [_evaluation(row) for row in ask(client, "review/labels_to_emit", since=since)]


def send(found: Sequence[Evaluation]) -> int:
    """Send events to the OTLP endpoint that the standard variables name.

    ``OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`` or ``OTEL_EXPORTER_OTLP_ENDPOINT``, with their headers and
    certificates; ``http/protobuf``.

    Args:
        found: From :func:`evaluations`.

    Returns:
        How many were taken: all of them.

    Raises:
        EmitError: The endpoint did not take a batch; those before it are there, and sending all
            again is safe.
    """
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

    exporter = OTLPLogExporter()
    sent = 0
    try:
        for batch in _batches(found):
            if exporter.export(batch).name != "SUCCESS":
                raise EmitError(
                    f"the endpoint accepted {sent} of {len(found)} events, then refused (the log "
                    "says why); set OTEL_EXPORTER_OTLP_ENDPOINT, then send them all again: "
                    "each has its id in log.record.uid"
                )
            sent += len(batch)
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]
    return sent


def _evaluation(row: dict[str, Any]) -> Evaluation:
    attributes: dict[str, Any] = {
        "gen_ai.evaluation.name": NAME,
        "gen_ai.evaluation.score.label": row["verdict"],
        "log.record.uid": row["review_id"],
    }
    if row["verdict"] in _SCORES:
        attributes["gen_ai.evaluation.score.value"] = _SCORES[row["verdict"]]
    if row["modes"]:
        attributes["gen_ai.evaluation.explanation"] = "; ".join(row["modes"])
    if row["response_id"]:
        attributes["gen_ai.response.id"] = row["response_id"]
    trace_id, _, span_id = row["output_id"].partition("-")
    return Evaluation(
        service=row["service"],
        trace_id=trace_id,
        span_id=span_id,
        time=row["reviewed_at"].replace(tzinfo=timezone.utc),
        attributes=attributes,
    )


def _batches(found: Sequence[Evaluation]) -> Iterator[Sequence[Any]]:
    """The records, as the SDK makes them, of one service at a time."""
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
    from opentelemetry.sdk.resources import Resource

    of_service = defaultdict(list)
    for evaluation in found:
        of_service[evaluation.service].append(evaluation)
    for service, evaluations_of_it in of_service.items():
        made = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
        provider = LoggerProvider(
            Resource.create({"service.name": service} if service else {}),
            shutdown_on_exit=False,
        )
        provider.add_log_record_processor(SimpleLogRecordProcessor(made))
        logger = provider.get_logger("otel_ai_feedback", __version__)
        for begin in range(0, len(evaluations_of_it), _BATCH):
            for evaluation in evaluations_of_it[begin : begin + _BATCH]:
                logger.emit(_record(evaluation))
            yield made.get_finished_logs()
            made.clear()
        provider.shutdown()


def _record(evaluation: Evaluation) -> Any:
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.context import Context
    from opentelemetry.trace import (
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        set_span_in_context,
    )

    span = SpanContext(
        int(evaluation.trace_id, 16),
        int(evaluation.span_id, 16),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )
    at = round(evaluation.time.timestamp() * 1000) * 1_000_000
    return LogRecord(
        timestamp=at,
        observed_timestamp=at,
        context=set_span_in_context(NonRecordingSpan(span), Context()),
        severity_number=SeverityNumber.INFO,
        event_name=EVENT,
        attributes=evaluation.attributes,
    )
