"""Where do spans and events go, is it up, and does it speak the protocol that is chosen?"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from otel_ai_feedback.doctor import wire
from otel_ai_feedback.doctor.finding import (
    Finding,
    failure,
    not_applicable,
    ok,
    warning,
)
from otel_ai_feedback.doctor.otlp_target import (
    GENERAL,
    PORTS,
    PROTOCOL,
    Endpoint,
    Protocol,
    resolve,
)
from otel_ai_feedback.doctor.visit import Visit

_TIMEOUT: Final = "OTEL_EXPORTER_OTLP_TIMEOUT"
_OTHER: Final[Mapping[str, Protocol]] = {"http/protobuf": "grpc", "grpc": "http/protobuf"}


def check(visit: Visit) -> Iterator[Finding]:
    """An empty export of spans, and one of events."""
    chosen = os.environ.get(PROTOCOL, "").strip()
    if chosen and chosen not in PORTS:
        yield failure(
            "exporter.protocol",
            f"{PROTOCOL} is {chosen!r}, which the exporters of this package do not speak",
            f"set {PROTOCOL} to http/protobuf or grpc",
        )
        return
    visit.traces = resolve("traces", visit.settings.listen)
    visit.logs = resolve("logs", visit.settings.listen)
    if visit.traces is None:
        yield failure(
            "exporter.traces",
            f"OTEL_TRACES_EXPORTER is {os.environ['OTEL_TRACES_EXPORTER']!r}: no span leaves over "
            "OTLP",
            "set OTEL_TRACES_EXPORTER=otlp, or send spans in code",
        )
    else:
        found = _empty_export(visit.traces, visit.timeout)
        visit.traces_accepted = found.state in ("ok", "warning")
        yield found
    if visit.logs is None:
        yield warning(
            "exporter.logs",
            "OTEL_LOGS_EXPORTER is not otlp: events about outputs do not leave, so re-asks and "
            "regenerations are not found, and handles that go out late are not counted",
            "set OTEL_LOGS_EXPORTER=otlp",
        )
    elif visit.traces is not None and not visit.traces_accepted:
        yield not_applicable("exporter.logs", "not tried, as spans are not accepted")
    else:
        yield _empty_export(visit.logs, visit.timeout)
    if visit.traces is not None and visit.logs is not None:
        yield from _apart(visit.traces, visit.logs)


def _apart(traces: Endpoint, logs: Endpoint) -> Iterator[Finding]:
    """A warning where the two go to different places, which may still lead to one store."""
    if traces.place[0] != logs.place[0]:
        yield warning(
            "exporter.apart",
            f"spans go to {traces.origin} and log events to {logs.origin}: events about outputs "
            "count only in the store that has the spans",
            "unless both lead to one store, pass instrument() a logger_provider= whose exporter "
            f"sends to {traces.origin}",
        )


def _empty_export(endpoint: Endpoint, timeout: float) -> Finding:
    name = f"exporter.{endpoint.signal}"
    said = _speak(endpoint, endpoint.protocol, timeout)
    where = f"{endpoint.shown} ({endpoint.protocol})"
    if said is None:
        if endpoint.variable:
            return ok(name, f"{where} accepted an empty export")
        return warning(
            name,
            f"{GENERAL} is not set in this environment; {where}, where serve listens, took an "
            "empty export",
            f"in the environment of the service: export {GENERAL}={endpoint.origin}",
        )
    variable = endpoint.variable or GENERAL
    other = _OTHER[endpoint.protocol]
    if said.trouble in ("not http", "not grpc", "status", "late") and (
        _speak(_as(endpoint, other), other, timeout) is None
    ):
        return failure(
            name,
            f"{endpoint.shown} speaks {other}, and {endpoint.protocol} is chosen",
            f"set {PROTOCOL}={other}, or name the port for {endpoint.protocol} in {variable} "
            f"(usually {PORTS[endpoint.protocol]})",
        )
    return failure(name, f"{where}: {said}{_exit(said)}", _remedy(endpoint, said, variable))


def _exit(said: _Refusal) -> str:
    """What an endpoint that does not answer means for a process that ends."""
    if said.trouble not in ("refused", "late", "unknown host") or os.environ.get(_TIMEOUT):
        return ""
    return (
        "; until it answers, the SDK's exporter may hold the exit of a process for half a minute "
        f"({_TIMEOUT}=3 makes that shorter)"
    )


def _as(endpoint: Endpoint, protocol: Protocol) -> Endpoint:
    """The same place in the other protocol."""
    url = endpoint.origin + ("" if protocol == "grpc" else f"/v1/{endpoint.signal}")
    return Endpoint(endpoint.signal, protocol, url, endpoint.variable, endpoint.headers)


@dataclass(frozen=True)
class _Refusal:
    trouble: str
    detail: str
    status: int = 0

    def __str__(self) -> str:
        return self.detail


def _speak(endpoint: Endpoint, protocol: Protocol, timeout: float) -> _Refusal | None:
    """Send an empty export; what is wrong, or ``None`` when it was taken."""
    return _grpc(endpoint, timeout) if protocol == "grpc" else _http(endpoint, timeout)


def _http(endpoint: Endpoint, timeout: float) -> _Refusal | None:
    if urlsplit(endpoint.url).scheme not in ("http", "https"):
        return _Refusal("address", "the address does not begin with http:// or https://")
    try:
        answer = wire.request(
            endpoint.url,
            method="POST",
            headers={"Content-Type": "application/x-protobuf", **endpoint.headers},
            body=b"",
            timeout=timeout,
            certificate=_certificate(endpoint.signal),
            redirects=False,
        )
    except wire.NoAnswerError as error:
        return _Refusal(error.trouble, str(error))
    if 200 <= answer.status < 300:
        return None
    return _Refusal("status", f"it answers {answer.status}", answer.status)


def _grpc(endpoint: Endpoint, timeout: float) -> _Refusal | None:
    import grpc
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2_grpc import LogsServiceStub
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import TraceServiceStub

    host, port = endpoint.place
    if not wire.is_open(host, port, timeout):
        return _Refusal("refused", "nothing listens there (connection refused)")
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if endpoint.url.startswith("https"):
        file = _certificate(endpoint.signal)
        roots = None
        if file:
            with open(file, "rb") as opened:
                roots = opened.read()
        channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(roots))
    else:
        channel = grpc.insecure_channel(target)
    metadata = tuple((name.lower(), value) for name, value in endpoint.headers.items())
    with channel:
        stub: Any = TraceServiceStub if endpoint.signal == "traces" else LogsServiceStub
        empty = (
            ExportTraceServiceRequest()
            if endpoint.signal == "traces"
            else ExportLogsServiceRequest()
        )
        try:
            stub(channel).Export(empty, timeout=timeout, metadata=metadata)
        except grpc.RpcError as error:
            code = error.code()
            if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
                return _Refusal("status", f"it answers {code.name}", 401)
            if code is grpc.StatusCode.UNIMPLEMENTED:
                return _Refusal("status", "it speaks gRPC, but does not accept OTLP", 404)
            return _Refusal("not grpc", f"no gRPC: {code.name}, {str(error.details())[:120]}")
    return None


def _remedy(endpoint: Endpoint, said: _Refusal, variable: str) -> str:
    if said.trouble == "refused":
        return (
            "start what should listen there (`otel-ai-feedback serve`, or your Collector), or "
            f"correct {variable}"
        )
    if said.trouble == "unknown host":
        return f"correct the name of the host in {variable}"
    if said.trouble == "tls":
        return (
            "name the certificate of its authority in OTEL_EXPORTER_OTLP_CERTIFICATE, or use "
            f"http:// in {variable} if it speaks no TLS"
        )
    if said.trouble == "address":
        return f"write {variable} as http://host:{PORTS[endpoint.protocol]}"
    if said.status in (401, 403):
        return (
            "give the token (of serve: OTEL_AI_FEEDBACK_OTLP_TOKEN) in OTEL_EXPORTER_OTLP_HEADERS, "
            "as in 'authorization=Bearer%20TOKEN'"
        )
    if said.status in (404, 405):
        return (
            f"{variable} must name an OTLP receiver: without a path in {GENERAL}, with "
            f"/v1/{endpoint.signal} in OTEL_EXPORTER_OTLP_{endpoint.signal.upper()}_ENDPOINT"
        )
    if said.status in (429, 503):
        return "it is overloaded or starting; check its log, and try again"
    return f"check the log of what listens there, and check {variable}"


def _certificate(signal: str) -> str | None:
    return (
        os.environ.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_CERTIFICATE")
        or os.environ.get("OTEL_EXPORTER_OTLP_CERTIFICATE")
        or None
    )
