"""What one run of the doctor is given, and what earlier checks leave for later ones."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from otel_ai_feedback.config import Settings
from otel_ai_feedback.doctor.otlp_target import Endpoint
from otel_ai_feedback.doctor.sent_probe import Probe


@dataclass(frozen=True)
class GrafanaAccess:
    """How to reach a Grafana.

    Attributes:
        url: Its address, without a slash at the end.
        token: A service account's token that may read; empty for anonymous access.
        prefix: What the uid of each dashboard and rule begins with.
        datasource_uid: The ClickHouse data source.
    """

    url: str
    token: str = field(repr=False, default="")
    prefix: str = "ai-feedback-"
    datasource_uid: str = "ai-feedback"


@dataclass
class Visit:
    """One run.

    Attributes:
        settings: The settings, already validated.
        page: Address of a page that shows answers, if one is to be looked at.
        grafana: The Grafana to look at, if one is.
        send_probe: Whether to send a marked probe through the chain.
        wait_seconds: How long to wait for the probe to arrive in the store.
        timeout: Seconds for one request.
        clock: Seconds since the epoch.
        path: Where to look for installed packages.
        client: A client of the store with the right to read, once it was reached.
        schema_is_current: Whether the store has all tables and views of this version.
        traces: Where spans go, once that is known.
        logs: Where log events go; ``None`` when they go nowhere.
        traces_accepted: Whether an empty export was accepted there.
        probe: The probe, once it was made.
    """

    settings: Settings
    page: str | None = None
    grafana: GrafanaAccess | None = None
    send_probe: bool = True
    wait_seconds: float = 30.0
    timeout: float = 5.0
    clock: Callable[[], float] = time.time
    path: Sequence[str] = field(default_factory=lambda: list(sys.path))
    client: Any = None
    schema_is_current: bool = False
    traces: Endpoint | None = None
    logs: Endpoint | None = None
    traces_accepted: bool = False
    probe: Probe | None = None
