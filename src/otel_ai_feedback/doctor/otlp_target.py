"""Where a service with this environment sends telemetry: address, protocol and exporter."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

Signal = Literal["traces", "logs"]
Protocol = Literal["http/protobuf", "grpc"]

GENERAL: Final = "OTEL_EXPORTER_OTLP_ENDPOINT"
PROTOCOL: Final = "OTEL_EXPORTER_OTLP_PROTOCOL"
PORTS: Final[Mapping[str, str]] = {"http/protobuf": "4318", "grpc": "4317"}


@dataclass(frozen=True)
class Endpoint:
    """Where one kind of telemetry goes.

    Attributes:
        signal: ``traces`` or ``logs``.
        protocol: How.
        url: The address that an exporter of this protocol is given.
        variable: The variable that set it; empty for the default, ``serve``.
        headers: What exporters send beside it; may hold a secret.
    """

    signal: Signal
    protocol: Protocol
    url: str
    variable: str
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url if "://" in self.url else f"http://{self.url}")
        standard = 443 if parts.scheme == "https" else 80
        fallback = int(PORTS["grpc"]) if self.protocol == "grpc" else standard
        return parts.hostname or "localhost", parts.port or fallback

    @property
    def shown(self) -> str:
        """The address without a password."""
        parts = urlsplit(self.url)
        return (
            self.url.replace(f"{parts.netloc.rpartition('@')[0]}@", "")
            if "@" in self.url
            else self.url
        )

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        host, port = self.place
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if self.url.startswith("https") else "http"
        return f"{scheme}://{shown}:{port}"

    def exporter(self, timeout: float) -> Any:
        """The exporter that a service would have for it."""
        name = "Span" if self.signal == "traces" else "Log"
        options: dict[str, Any] = {"endpoint": self.url, "timeout": timeout}
        if self.headers:
            options["headers"] = dict(self.headers)
        if self.protocol == "grpc":
            options["timeout"] = int(timeout)
            if not self.url.startswith("https"):
                options["insecure"] = True
            if name == "Span":
                from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
                    OTLPSpanExporter as GrpcSpanExporter,
                )

                return GrpcSpanExporter(**options)
            from opentelemetry.exporter.otlp.proto.grpc._log_exporter import (
                OTLPLogExporter as GrpcLogExporter,
            )

            return GrpcLogExporter(**options)
        if name == "Span":
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            return OTLPSpanExporter(**options)
        from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

        return OTLPLogExporter(**options)


def resolve(signal: Signal, listen: str) -> Endpoint | None:
    """Where a service with this environment would send to; ``None`` for nowhere.

    Args:
        signal: Of what.
        listen: Where ``serve`` listens, which it is when the environment does not say.
    """
    upper = signal.upper()
    exporters = os.environ.get(f"OTEL_{upper}_EXPORTER", "").strip()
    if exporters and "otlp" not in [name.strip() for name in exporters.split(",")]:
        return None
    chosen = os.environ.get(f"OTEL_EXPORTER_OTLP_{upper}_PROTOCOL") or os.environ.get(PROTOCOL)
    protocol: Protocol = "grpc" if (chosen or "").strip() == "grpc" else "http/protobuf"
    headers = _headers(upper)
    own = f"OTEL_EXPORTER_OTLP_{upper}_ENDPOINT"
    if os.environ.get(own, "").strip():
        return Endpoint(signal, protocol, os.environ[own].strip(), own, headers)
    general = os.environ.get(GENERAL, "").strip()
    base, variable = (general, GENERAL) if general else (f"http://{listen}", "")
    url = base if protocol == "grpc" else f"{base.rstrip('/')}/v1/{signal}"
    return Endpoint(signal, protocol, url, variable, headers)


def _headers(upper: str) -> dict[str, str]:
    from opentelemetry.util.re import parse_env_headers

    given = os.environ.get(f"OTEL_EXPORTER_OTLP_{upper}_HEADERS") or os.environ.get(
        "OTEL_EXPORTER_OTLP_HEADERS", ""
    )
    return dict(parse_env_headers(given, liberal=True))
