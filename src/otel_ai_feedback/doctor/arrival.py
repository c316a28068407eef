"""Sends the probe through the chain, looks for it in the store, and takes it out again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any, Final

from otel_ai_feedback.config import without_password
from otel_ai_feedback.doctor import wire
from otel_ai_feedback.doctor.finding import (
    Finding,
    failure,
    not_applicable,
    ok,
    warning,
)
from otel_ai_feedback.doctor.otlp_target import Endpoint
from otel_ai_feedback.doctor.sent_probe import Probe
from otel_ai_feedback.doctor.stored import directory_of, rows
from otel_ai_feedback.doctor.visit import Visit
from otel_ai_feedback.formats import duration

_HOUR_MS: Final = 3_600_000
_POLL_SECONDS: Final = 0.5
# How much longer to wait for the rest once the first span is there.
_REST_SECONDS: Final = 6.0


def check(visit: Visit) -> Iterator[Finding]:
    """Send, find, remove."""
    why = _why_not(visit)
    if why:
        yield not_applicable("chain.arrived", why)
        return
    assert visit.probe is not None
    assert visit.traces is not None
    refused = _send(visit.probe, visit.traces, visit.timeout)
    if refused:
        yield failure(
            "chain.sent",
            f"the exporter could not deliver the probe: {refused}",
            f"check the log of what listens at {visit.traces.shown}",
        )
        return
    yield ok("chain.sent", f"the probe was accepted at {visit.traces.shown}")
    found = _wait(visit, visit.probe)
    yield from _arrived(visit, visit.probe, found)
    if any(found.values()):
        yield from _derived(visit, visit.probe, found)
        yield from _remove(visit, visit.probe, found)


def _why_not(visit: Visit) -> str:
    if not visit.send_probe:
        return "no probe was requested (--no-probe)"
    if visit.probe is None:
        return "there is no probe, as no output got a hash"
    if visit.traces is None or not visit.traces_accepted:
        return "spans are not accepted by the exporter's endpoint"
    if visit.client is None:
        return "the store was not reached, so the probe could not be looked up there"
    if not visit.schema_is_current:
        return "the schema is not that of this version"
    return ""


class _Said(logging.Handler):
    """Keeps what the exporter logs: the only way in which it says why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(record.getMessage())


def _send(probe: Probe, endpoint: Endpoint, timeout: float) -> str:
    """Export the spans; why it failed, or nothing."""
    from opentelemetry.sdk.trace.export import SpanExportResult

    said = _Said()
    logger = logging.getLogger("opentelemetry.exporter")
    logger.addHandler(said)
    exporter = endpoint.exporter(timeout)
    try:
        result = exporter.export([probe.output, probe.action])
    finally:
        exporter.shutdown()
        logger.removeHandler(said)
    if result is SpanExportResult.SUCCESS:
        return ""
    return said.lines[-1][:300] if said.lines else "it gave no reason"


def _wait(visit: Visit, probe: Probe) -> dict[str, Any]:
    """What of the probe is in the raw tables, once all of it is or the time is over."""
    until = time.monotonic() + visit.wait_seconds
    while True:
        found = _raw(visit, probe)
        complete = found["outputs"] and found["actions"] and found["events"] >= probe.has_details
        if complete or time.monotonic() > until:
            return found
        if found["outputs"] or found["actions"]:
            until = min(until, time.monotonic() + _REST_SECONDS)
        time.sleep(_POLL_SECONDS)


def _raw(visit: Visit, probe: Probe) -> dict[str, Any]:
    at = (probe.output.start_time or 0) // 1_000_000
    within = {"from_ms": at - _HOUR_MS, "to_ms": at + _HOUR_MS}
    spans = rows(
        visit.client,
        "probe_spans",
        trace_id=probe.trace_id,
        span_id=probe.span_id,
        action_trace_id=probe.action_trace_id,
        subject=probe.subject,
        **within,
    )[0]
    events = rows(visit.client, "probe_events", trace_id=probe.trace_id, **within)[0]
    return {**spans, **events}


def _arrived(visit: Visit, probe: Probe, found: dict[str, Any]) -> Iterator[Finding]:
    name = "chain.arrived"
    store = without_password(visit.settings.store)
    assert visit.traces is not None
    if not found["outputs"] and not found["actions"]:
        yield failure(
            name,
            f"{visit.traces.shown} accepted the probe, and {duration(visit.wait_seconds)} later it "
            f"is not in {store}",
            _where_lost(visit, visit.traces),
        )
        return
    if not found["outputs"] or not found["actions"]:
        lost, there = ("output", "action") if not found["outputs"] else ("action", "output")
        yield failure(
            name,
            f"the span of the {there} arrived, and that of the {lost} did not",
            "look for a `filter`, `probabilistic_sampler` or `tail_sampling` processor in the "
            f"Collector's pipeline of traces that drops the {lost}'s span, and let spans with "
            "ai_feedback.* attributes pass",
        )
    elif found["output_hash"] != probe.output_hash:
        yield failure(
            name,
            "the spans arrived, and ai_feedback.output.hash was taken off or changed on the way",
            "look for an `attributes`, `redaction` or `transform` processor in the Collector that "
            "deletes ai_feedback.* attributes, and let them pass",
        )
    elif not found["linked"]:
        yield failure(
            name,
            "the spans arrived, and the action has lost its link",
            "look for what rewrites spans in the Collector: links must pass",
        )
    else:
        yield ok(name, f"output and action are in {store}")
    if probe.has_details and found["outputs"] and not found["events"]:
        yield warning(
            "chain.events",
            "the log events about the output did not arrive: handles given after an answer was "
            "exported do not count",
            "add a pipeline of `logs` with the same receiver and exporter to the Collector",
        )
    elif probe.has_details and found["events"]:
        yield ok("chain.events", "the events about the output arrived")


def _where_lost(visit: Visit, endpoint: Endpoint) -> str:
    """What is between the endpoint and the store, and so where to look."""
    if endpoint.protocol != "grpc":
        try:
            healthy = wire.request(f"{endpoint.origin}/healthz", timeout=visit.timeout)
        except wire.NoAnswerError:
            healthy = None
        if healthy is not None and healthy.status == 200 and healthy.text == "ok\n":
            store = without_password(visit.settings.store)
            return (
                f"the serve at {endpoint.origin} keeps another store: start it with --store {store}"
                ", or give the doctor its store with --store"
            )
    return (
        f"the Collector at {endpoint.origin} drops the spans or sends them elsewhere: look for "
        "`filter` and sampling processors in its pipeline of traces, for an exporter `clickhouse` "
        "whose endpoint and database are those of the store, and for errors of that exporter in "
        "its log"
        + (
            ""
            if directory_of(visit.settings.store) is None
            else "; into an embedded store it writes through serve's ClickHouse interface"
        )
    )


def _derived(visit: Visit, probe: Probe, found: dict[str, Any]) -> Iterator[Finding]:
    if not (found["outputs"] and found["actions"] and found["output_hash"]):
        return
    started = datetime.fromtimestamp((probe.output.start_time or 0) / 1e9, timezone.utc)
    states = rows(visit.client, "probe_states", trace_id=probe.trace_id, day=started.date())[0]
    if not states["outputs"] or not states["actions"]:
        yield failure(
            "chain.derived",
            "the raw spans are there, and the views that make an output and an action of them "
            "did not run",
            "insert through the table `otel_traces` of the store's own database, not a copy of it; "
            "then run `otel-ai-feedback migrate`",
        )
    elif states["shown"]:
        yield warning(
            "chain.derived",
            "the mark ai_feedback.probe was taken off on the way, so views would count the probe",
            "let ai_feedback.* attributes pass the Collector; the probe is removed below",
        )
    else:
        late = max(states["delay_ms"] or 0, 0) / 1000
        yield ok(
            "chain.derived",
            f"it is an output and an action now, {duration(late)} after it ended, and no view "
            "counts it",
        )


def _remove(visit: Visit, probe: Probe, found: dict[str, Any]) -> Iterator[Finding]:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store
    from otel_ai_feedback.store import erasure

    name = "chain.removed"
    by_hand = f"otel-ai-feedback erase --subject-key {probe.subject}"
    counted = (
        "it is marked, and no view counts it"
        if found["marked"]
        else "it has lost its mark and counts"
    )
    try:
        writer = store.connect(visit.settings.store)
        try:
            erasure.erase(writer, probe.subject, cluster=visit.settings.cluster)
        finally:
            writer.close()
        left = _raw(visit, probe)
    except (store.StoreError, ClickHouseError) as error:
        yield warning(
            name,
            f"the probe could not be removed ({str(error).splitlines()[0][:200]}); {counted}",
            f"run `{by_hand}` with a user of the store who may delete",
        )
        return
    remaining = left["outputs"] + left["actions"] + left["events"]
    if remaining:
        yield warning(
            name,
            f"{remaining} rows of the probe are still there; {counted}",
            f"run `{by_hand}`; what has lost ai_feedback.subject on the way is found by its trace "
            f"{probe.trace_id}",
        )
    else:
        yield ok(name, "the probe was removed again")
