"""From the exporter to the store and its views: a probe goes through, and comes out again."""

import dataclasses
import socket
import time
from concurrent import futures
from datetime import datetime, timedelta, timezone

import grpc
import httpx
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from otel_ai_feedback import store
from otel_ai_feedback.doctor.clocks import skew
from otel_ai_feedback.doctor.stored import room
from otel_ai_feedback.store import erasure, heartbeats, statements
from otel_ai_feedback.store.heartbeats import Heartbeat

from .conftest import answering, nobody
from .test_service import failed

CHAIN = ("settings", "key", "output", "exporter", "store", "clock", "chain")
PROTOBUF = {"Content-Type": "application/x-protobuf"}


def rows(client, table):
    return client.query(f"select count() from {table}").result_rows[0][0]


@pytest.fixture
def running_jobs(clean):
    """A store whose jobs have run a moment ago."""
    heartbeats.write(clean, [Heartbeat("jobs", accepted=1)])
    return clean


@pytest.mark.slow
def test_a_probe_goes_through_and_leaves_nothing(ask, sends_to_serve, running_jobs):
    found = ask(*CHAIN)
    assert failed(found) == set(), found
    for check in ("sent", "arrived", "events", "derived", "removed"):
        assert found[f"chain.{check}"].state == "ok", found[f"chain.{check}"]
    for table in erasure.tables():
        assert rows(running_jobs, table) == 0, table


def test_a_probe_that_stays_counts_nowhere(ask, sends_to_serve, running_jobs, monkeypatch):
    monkeypatch.setattr(erasure, "erase", lambda *_, **__: {})
    found = ask(*CHAIN)["chain.removed"]
    assert found.state == "warning"
    assert "no view counts it" in found.seen
    assert "otel-ai-feedback erase --subject-key hmac-sha256:" in found.fix
    assert rows(running_jobs, "output_state") > 0
    assert rows(running_jobs, "action_state") > 0
    for view in ("output_spans", "outputs", "actions", "signal_counts", "turn_pairs"):
        assert rows(running_jobs, view) == 0, view


def test_nothing_is_sent_when_it_is_not_wanted(ask, sends_to_serve, running_jobs):
    found = ask(*CHAIN, send_probe=False)
    assert failed(found) == set()
    assert found["chain.arrived"].state == "not applicable"
    assert rows(running_jobs, "otel_traces") == 0
    assert rows(running_jobs, "otel_logs") == 0


def test_no_endpoint_is_that_of_serve(ask, settings, server):
    own = dataclasses.replace(settings, listen=server.url.removeprefix("http://"))
    found = ask("exporter", only=own)["exporter.traces"]
    assert found.state == "warning"
    assert found.fix.endswith(f"export OTEL_EXPORTER_OTLP_ENDPOINT={server.url}")


def test_a_port_that_is_closed(ask, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    found = ask("output", "exporter", "chain")
    assert found["exporter.traces"].state == "failure"
    assert "connection refused" in found["exporter.traces"].seen
    assert "OTEL_EXPORTER_OTLP_TIMEOUT=3" in found["exporter.traces"].seen
    assert "otel-ai-feedback serve" in found["exporter.traces"].fix
    assert found["chain.arrived"].state == "not applicable"


def test_grpc_to_a_port_of_http(ask, sends_to_serve, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    found = ask("exporter")["exporter.traces"]
    assert found.state == "failure"
    assert "speaks http/protobuf" in found.seen
    assert "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in found.fix
    assert "4317" in found.fix


class _Traces(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):  # noqa: N802
        return ExportTraceServiceResponse()


@pytest.fixture
def grpc_receiver():
    receiver = grpc.server(futures.ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(_Traces(), receiver)
    port = receiver.add_insecure_port("127.0.0.1:0")
    receiver.start()
    yield f"http://127.0.0.1:{port}"
    receiver.stop(None)


def test_http_to_a_port_of_grpc(ask, monkeypatch, grpc_receiver):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", grpc_receiver)
    found = ask("exporter")["exporter.traces"]
    assert found.state == "failure"
    assert "set OTEL_EXPORTER_OTLP_PROTOCOL=grpc" in found.fix
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    assert ask("exporter")["exporter.traces"].state == "ok"


def test_an_address_with_the_path_of_nothing(ask, server, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{server.url}/traces")
    found = ask("exporter")["exporter.traces"]
    assert found.state == "failure"
    assert "/v1/traces in OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" in found.fix


def test_a_token_that_is_missing(ask, monkeypatch):
    with answering(lambda *_: (401, [], b"")) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        assert "OTEL_EXPORTER_OTLP_HEADERS" in ask("exporter")["exporter.traces"].fix


def test_events_that_go_elsewhere_than_spans(ask, server, monkeypatch):
    assert "exporter.apart" not in ask("exporter")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{server.url}/v1/traces")
    elsewhere = server.url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", f"{elsewhere}/v1/logs")
    found = ask("exporter")["exporter.apart"]
    assert found.state == "warning"
    assert f"logger_provider= whose exporter sends to {server.url}" in found.fix


def test_spans_that_go_nowhere(ask, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    monkeypatch.setenv("OTEL_LOGS_EXPORTER", "none")
    found = ask("exporter")
    assert "OTEL_TRACES_EXPORTER=otlp" in found["exporter.traces"].fix
    assert "OTEL_LOGS_EXPORTER=otlp" in found["exporter.logs"].fix


def collector(server, change, is_serve=False):
    """In the place of a Collector: hands on what ``change`` leaves of the spans."""

    def respond(method, path, headers, body):
        if path == "/healthz":
            return (200, [], b"ok\n") if is_serve else (404, [], b"")
        if method == "POST" and body:
            if path == "/v1/traces":
                request = ExportTraceServiceRequest.FromString(body)
                change(request)
                body = request.SerializeToString()
            httpx.post(f"{server.url}{path}", content=body, headers=PROTOBUF, timeout=60)
        return 200, [("Content-Type", "application/x-protobuf")], b""

    return answering(respond)


def spans(request):
    return [scoped for one in request.resource_spans for scoped in one.scope_spans]


def drop_everything(request):
    request.Clear()


def drop_actions(request):
    for scoped in spans(request):
        kept = [span for span in scoped.spans if not span.name.startswith("ai_feedback ")]
        del scoped.spans[:]
        scoped.spans.extend(kept)


def strip_attributes(request):
    for scoped in spans(request):
        for span in scoped.spans:
            kept = [a for a in span.attributes if not a.key.startswith("ai_feedback.output")]
            del span.attributes[:]
            span.attributes.extend(kept)


def cut_links(request):
    for scoped in spans(request):
        for span in scoped.spans:
            del span.links[:]


@pytest.mark.parametrize(
    ("change", "seen", "fix"),
    [
        (drop_everything, "is not in chdb://", "the Collector at http://127.0.0.1"),
        (drop_actions, "that of the action did not", "`filter`, `probabilistic_sampler`"),
        (strip_attributes, "ai_feedback.output.hash was taken off", "`attributes`, `redaction`"),
        (cut_links, "has lost its link", "links must pass"),
    ],
)
def test_a_collector_that_loses_something(
    ask, server, running_jobs, monkeypatch, change, seen, fix
):
    with collector(server, change) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        found = ask(*CHAIN, wait_seconds=1.0)
    assert found["chain.sent"].state == "ok"
    assert found["chain.arrived"].state == "failure"
    assert seen in found["chain.arrived"].seen
    assert fix in found["chain.arrived"].fix
    if change is not drop_everything:
        assert found["chain.removed"].state == "ok"
    assert rows(running_jobs, "otel_traces") == 0


def test_a_serve_that_keeps_another_store(ask, server, running_jobs, monkeypatch):
    with collector(server, drop_everything, is_serve=True) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        found = ask(*CHAIN, wait_seconds=1.0)["chain.arrived"]
    assert found.state == "failure"
    assert f"the serve at {url} keeps another store" in found.fix


def test_a_wrong_password(ask, settings, address):
    wrong = address.replace("local:", "local:x") + "/ai_feedback"
    found = ask("store", "clock", only=dataclasses.replace(settings, store=wrong))
    assert found["store.reachable"].state == "failure"
    assert "correct user and password" in found["store.reachable"].fix
    assert wrong.split(":")[2].split("@")[0] not in found["store.reachable"].seen
    assert found["clock.store"].state == "not applicable"


def test_a_store_that_is_not_there(ask, settings, tmp_path):
    for address in (f"chdb://{tmp_path}/none", "http://127.0.0.1:9/ai_feedback"):
        found = ask("store", only=dataclasses.replace(settings, store=address))
        assert failed(found) == {"store.reachable"}
        assert "start" in found["store.reachable"].fix
    assert not (tmp_path / "none").exists()


def test_a_directory_that_cannot_be_written(ask, settings, seen_by_all):
    (seen_by_all / "store").mkdir(mode=0o555)
    own = dataclasses.replace(settings, store=f"chdb://{seen_by_all}/store")
    with nobody():
        found = ask("store", only=own)["store.reachable"]
    assert found.state == "failure"
    assert f"chown -R USER {seen_by_all}/store" in found.fix


def test_a_store_of_an_older_version(ask, monkeypatch):
    later = statements.Statement("store/migrations/0001_later", "-- Nothing.\nalter table settings")
    monkeypatch.setattr(statements, "migrations", lambda: (later,))
    found = ask("store", "chain")
    assert found["store.schema"].state == "failure"
    assert later.name in found["store.schema"].seen
    assert "otel-ai-feedback migrate" in found["store.schema"].fix
    assert found["chain.arrived"].state == "not applicable"


def test_a_store_of_a_newer_version(ask, running_jobs):
    name = {"name": "9999_from_the_future"}
    running_jobs.command("insert into migrations values ({name:String}, '', now64(3))", name)
    try:
        assert "upgrade" in ask("store")["store.schema"].fix
    finally:
        running_jobs.command(
            "alter table migrations delete where name = {name:String}",
            name,
            settings={"mutations_sync": 1},
        )


def test_views_that_are_missing_or_old(ask, settings, running_jobs):
    running_jobs.command("drop view signal_rates")
    running_jobs.command("create or replace view outages as select 1 as x")
    try:
        found = ask("store")["store.views"]
        assert found.state == "failure"
        assert "signal_rates, outages" in found.seen
        assert "otel-ai-feedback migrate" in found.fix
    finally:
        assert {"signal_rates", "outages"} <= set(store.migrate(running_jobs, settings))


@pytest.mark.parametrize(
    ("beat", "seen"),
    [
        (None, "never ran"),
        (Heartbeat("jobs", refused=3), "keep failing"),
        (Heartbeat("jobs", accepted=1), "2\u202fh ago"),
    ],
)
def test_jobs_that_do_not_run(ask, clean, beat, seen):
    if beat is not None:
        heartbeats.write(clean, [beat], datetime.now(timezone.utc) - timedelta(hours=2))
    found = ask("store")["store.jobs"]
    assert found.state == "failure"
    assert seen in found.seen
    assert "serve" in found.fix


def test_alerts_of_the_loop_are_said(ask, running_jobs):
    heartbeats.write(
        running_jobs, [Heartbeat("receiver", accepted=1, refused=50, refusals={"413": 50})]
    )
    found = ask("store")["store.health.receiver-refusing"]
    assert found.state == "warning"
    assert "413" in found.seen
    assert "docs/runbooks/receiver-refusing.md" in found.fix


def test_model_calls_without_tags_are_said_by_language(ask, running_jobs):
    running_jobs.command(
        """
        insert into otel_traces
            (Timestamp, TraceId, SpanId, ServiceName, ResourceAttributes, SpanAttributes)
        select
            now64(9, 'UTC'), lower(hex(MD5(toString(number)))), lower(hex(number + 1)),
            ['shop', 'shop', 'bank'][number + 1],
            map('telemetry.sdk.language', ['nodejs', 'nodejs', 'java'][number + 1]),
            map('gen_ai.operation.name', 'chat')
        from numbers(3)
        """
    )
    found = ask("store")
    shop, bank = found["store.telemetry.shop"], found["store.telemetry.bank"]
    assert (shop.state, bank.state) == ("warning", "warning")
    assert "2 model calls without our tags" in shop.seen
    assert "npm install @otel-ai-feedback/node" in shop.fix
    assert "1 model call without our tags" in bank.seen
    assert "docs/other-languages.md" in bank.fix


def test_actions_that_match_no_answer_are_said(ask, running_jobs):
    running_jobs.command(
        """
        insert into otel_traces (Timestamp, TraceId, SpanId, ServiceName, SpanAttributes)
        select
            now64(9, 'UTC'), lower(hex(MD5(toString(number)))), lower(hex(number + 1)), 'shop',
            if(
                number = 0,
                map('ai_feedback.output.time', toString(toUnixTimestamp(now()))),
                map('ai_feedback.action.name', 'copy', 'ai_feedback.action.id', 'a1')
            )
        from numbers(2)
        """
    )
    found = ask("store")["store.telemetry.shop"]
    assert found.state == "warning"
    assert "1 of 1 user action matched no answer." in found.seen
    assert "OTEL_AI_FEEDBACK_KEY" in found.fix


def test_rows_that_go_too_early(ask, running_jobs):
    running_jobs.command(
        "alter table otel_traces modify ttl toDateTime(Timestamp) + toIntervalDay(3)"
    )
    try:
        found = ask("store")["store.retention"]
        assert found.state == "failure"
        assert "OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS to 8" in found.fix
    finally:
        running_jobs.command("alter table otel_traces remove ttl")


def test_a_retention_that_was_not_applied(ask, settings, running_jobs):
    wanted = dataclasses.replace(settings, retention_raw_days=90)
    assert ask("store", only=wanted)["store.retention"].state == "warning"


def test_a_disk_that_is_nearly_full():
    gib = 1 << 30
    assert room("d", "/", 50 * gib, 100 * gib).state == "ok"
    assert room("d", "/", 4 * gib, 100 * gib).state == "warning"
    full = room("d", "/", gib // 20, 100 * gib)
    assert full.state == "failure"
    assert "OTEL_AI_FEEDBACK_RETENTION_RAW_DAYS" in full.fix


def test_a_clock_that_is_wrong(ask, sends_to_serve, running_jobs):
    found = ask("exporter", "store", "clock", clock=lambda: time.time() - 3600)
    for check in ("clock.store", "clock.endpoint"):
        assert found[check].state == "failure"
        assert "60\u202fmin ahead of" in found[check].seen
        assert "NTP" in found[check].fix


def test_a_clock_is_right_within_what_can_be_known():
    assert skew("c", "it", 9.0, 5.0).state == "ok"
    assert skew("c", "it", -20.0, 1.0).state == "warning"
    assert "behind" in skew("c", "it", -20.0, 1.0).seen
