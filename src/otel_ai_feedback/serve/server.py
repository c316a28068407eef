"""One ``serve``: the engine, the receiver, the pages and the jobs, started and stopped together."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from clickhouse_connect.driver.client import Client

from otel_ai_feedback import pages, store
from otel_ai_feedback.capture.linking.keys import load_key
from otel_ai_feedback.compare import page as compare_page
from otel_ai_feedback.compare.verdict import Floor
from otel_ai_feedback.config import Settings, unread
from otel_ai_feedback.grafana import charts
from otel_ai_feedback.review import draw, draw_text
from otel_ai_feedback.review import pages as review_pages
from otel_ai_feedback.review.queue import Desk
from otel_ai_feedback.serve import alerting, app, beacons, text_lookup, weekly_report
from otel_ai_feedback.serve.broken_parts import CHECK_EVERY_SECONDS as PARTS_EVERY_SECONDS
from otel_ai_feedback.serve.broken_parts import BrokenParts
from otel_ai_feedback.serve.clickhouse.endpoint import ClickHouse
from otel_ai_feedback.serve.clickhouse.overdue import CHECK_EVERY_SECONDS, Overdue
from otel_ai_feedback.serve.clickhouse.users import Users, owner, read
from otel_ai_feedback.serve.engine import ClientInsert, EngineInsert
from otel_ai_feedback.serve.heartbeat import WRITE_EVERY_SECONDS, Heartbeats
from otel_ai_feedback.serve.hosts import is_loopback
from otel_ai_feedback.serve.limits import Admission, Limits
from otel_ai_feedback.serve.listening import free, listen, serving, url_of
from otel_ai_feedback.serve.merging import merge_more_at_once
from otel_ai_feedback.serve.otlp import logs, traces
from otel_ai_feedback.serve.otlp.receiver import LOGS, TRACES, MetricsSink, Receiver
from otel_ai_feedback.serve.periodic import Periodic
from otel_ai_feedback.serve.watchdog import PING_EVERY_SECONDS, Watchdog
from otel_ai_feedback.serve.writer import Writer
from otel_ai_feedback.store import facts, jobs, kept, server_file
from otel_ai_feedback.triage import pages as triage_pages
from otel_ai_feedback.triage.incidents import Incidents

_logger = logging.getLogger(__name__)

JOBS_EVERY_SECONDS = 60.0
# What has just arrived is in lists of outputs this soon, and in rates when the jobs next run.
FACTS_EVERY_SECONDS = 10.0
# A day closes once a day; how soon after that it is sampled does not matter within the hour.
DRAW_EVERY_SECONDS = 3600.0
HEALTH_EVERY_SECONDS = 60.0
# A run over a large store may take minutes.
_LATE_SECONDS = 600.0
_PAGE_CLIENTS = 3


@dataclass(frozen=True)
class Server:
    """A running ``serve``.

    Attributes:
        url: Address of the pages and of the OTLP receiver, without a slash at the end.
        grpc: ``host:port`` of the OTLP receiver over gRPC, where there is one.
        settings: The settings it was started with.
        begin: Starts the periodic work of a server that was started without; to be called once.
    """

    url: str
    grpc: str | None
    settings: Settings
    begin: Callable[[], None]
    _jobs: _Jobs

    def run_jobs(self, as_of: datetime | None = None) -> dict[str, int]:
        """Run the store's jobs now instead of at their next turn.

        Args:
            as_of: The moment to which the jobs look; now by default.

        Returns:
            What each job wrote.
        """
        return self._jobs(as_of)


class _Jobs:
    """The store's jobs over a client of their own, one run at a time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()

    def __call__(self, as_of: datetime | None = None) -> dict[str, int]:
        with self._lock:
            gained = jobs.run(self._client, as_of)
            kept.refresh(self._client, as_of)
            return gained

    def catch_up(self) -> None:
        """Take what has just arrived into the facts, unless a run of the jobs does so anyway."""
        if self._lock.acquire(blocking=False):
            try:
                facts.catch_up(self._client)
            finally:
                self._lock.release()


@contextmanager
def running(
    settings: Settings,
    *,
    port: int | None = None,
    grpc_port: int | None = None,
    limits: Limits | None = None,
    jobs_every: float | None = JOBS_EVERY_SECONDS,
    ping_every: float = PING_EVERY_SECONDS,
    begun: bool = True,
    restart: Callable[[], None] | None = None,
) -> Iterator[Server]:
    """Serve from threads of this process for the length of a ``with`` block.

    Args:
        settings: The validated settings.
        port: Port instead of that of ``settings.listen``; 0 lets the system choose. Then gRPC is
            off without ``grpc_port``.
        grpc_port: Port on the same host for OTLP over gRPC, instead of ``settings.grpc_listen``.
        limits: Bounds of the receiver.
        jobs_every: Seconds between two runs of the store's jobs; with ``None`` they run only when
            ``Server.run_jobs`` is called, and nothing is sampled.
        ping_every: Seconds between two pings of ``settings.watchdog_url``.
        begun: Whether periodic work (jobs, rules, reports) starts at once, and not with
            ``Server.begin``: while weeks of data are brought in, no rule must look at half of it.
        restart: Ends this process and begins it again, when a statement cannot be ended otherwise.

    Raises:
        ConfigError: The file of users, that of people or the triage file is wrong.
        ListenError: The address is taken or not allowed.
        store.StoreError: The store cannot be opened or migrated.
    """
    known = read(settings.users) if settings.users else []
    who = alerting.owners(settings)
    readers = weekly_report.addresses(settings, who)
    limits = limits or Limits()
    admission = Admission(limits)
    host, _, configured = settings.listen.rpartition(":")
    host = host.strip("[]")
    with ExitStack() as stack:
        listener = listen(host, int(configured) if port is None else port)
        stack.callback(listener.close)
        url = url_of(host, listener.getsockname()[1])
        grpc = settings.grpc_listen if port is None else None
        if grpc_port is not None:
            grpc = f"[{host}]:{grpc_port}" if ":" in host else f"{host}:{grpc_port}"
        if grpc is not None:
            grpc = free(grpc)

        def client(*, read_only: bool = False) -> Client:
            opened = store.connect(settings.store, read_only=read_only)
            stack.callback(opened.close)
            return opened

        first = client()
        engine = _engine(settings.store)
        if engine and not first.uri.startswith("chdb:"):
            raise store.StoreError(
                f"{engine} is already served by another process at {_announced(engine)}; "
                "use that one, or stop it first"
            )
        store.migrate(first, settings)
        if engine:
            merge_more_at_once(first)
        token = secrets.token_urlsafe(32)
        shell = pages.Pages(
            settings.timezone,
            url,
            rooms={
                **compare_page.ROOM,
                "review": review_pages.PACKAGE,
                "triage": triage_pages.PACKAGE,
                **charts.ROOM,
            },
            tabs={**compare_page.TABS, "review": "/review", "triage": "/triage", **charts.TABS},
            output_links={
                "Send to review": "/review/send?output_id=",
                **(alerting.OUTPUT_LINKS if who else {}),
            },
        )
        people = pages.People(
            settings,
            shell,
            secret=load_key(settings.key, settings.state_dir).secret,
            # Anyone who has other names for it is not on this machine.
            only_this_machine=is_loopback(host) and not settings.hosts,
            sessions=pages.SessionTable(client()),
            url=url,
            owners=list(who.people) if who else [],
        )
        questions = pages.Questions([client(read_only=True) for _ in range(_PAGE_CLIENTS)])
        heartbeats = Heartbeats()
        alerts = alerting.prepare(settings, who, client, shell, people, questions, url)
        overdue = Overdue(engine, restart) if engine else None
        bounds = (limits, admission, settings.otlp_token)
        spans = _writer(stack, settings, engine, "otel_traces", traces.COLUMNS)
        with suppress(OSError):
            settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        application = app.build(
            host=host,
            names=settings.hosts,
            url=settings.url,
            state_dir=settings.state_dir,
            otlp={
                "traces": Receiver(TRACES, spans, *bounds),
                "logs": Receiver(
                    LOGS, _writer(stack, settings, engine, "otel_logs", logs.COLUMNS), *bounds
                ),
                "metrics": MetricsSink(*bounds),
            },
            grpc=grpc,
            limits=limits,
            admission=admission,
            people=people,
            pages=[
                *pages.routes(questions, shell),
                *pages.SignIn(people, shell, settings.trusted_proxies).routes(),
                *compare_page.routes(questions, shell, Floor(*settings.effect_floor)),
                *review_pages.routes(
                    Desk(client()), questions, shell, people, text_lookup.read, settings.output_url
                ),
                *charts.routes(questions, shell),
                *triage_pages.routes(Incidents(client(), who), questions, shell, people, who),
                *alerts.routes,
            ],
            beacons=stack.enter_context(beacons.taking(settings, spans)),
            clickhouse=(
                ClickHouse(engine, Users(owner(token), *known), limits, admission, overdue)
                if overdue and engine
                else None
            ),
            heartbeats=heartbeats,
        )
        run_jobs = _Jobs(client())
        stack.enter_context(serving(application, listener, limits))
        if engine:
            server_file.write(engine, url, token)
            stack.callback(server_file.remove, engine)
        beating, drawing = client(), client()
        weekly = weekly_report.report(client(), readers, settings, url) if readers else None
        if overdue:
            stack.enter_context(Periodic(overdue.check, CHECK_EVERY_SECONDS, "overdue"))
            parts = BrokenParts(client())
            stack.enter_context(Periodic(parts.check, PARTS_EVERY_SECONDS, "parts"))
        stack.callback(heartbeats.write, beating)
        shell.announce("settings", _unread())
        turns = stack.enter_context(ExitStack())

        def repeat(name: str, seconds: float, call: Callable[[], object]) -> None:
            turns.enter_context(Periodic(heartbeats.of(name, call), seconds, name))

        def begin() -> None:
            if jobs_every is not None:
                repeat("jobs", jobs_every, run_jobs)
                turns.enter_context(Periodic(run_jobs.catch_up, FACTS_EVERY_SECONDS, "facts"))
                repeat("draw", DRAW_EVERY_SECONDS, lambda: _draw(drawing))
            if settings.watchdog_url:
                # The turns of triage, and the rules that it owns; none without a triage file.
                within = {name: max(_LATE_SECONDS, 3 * every) for name, every, _ in alerts.turns}
                if jobs_every is not None:
                    within["jobs"] = max(_LATE_SECONDS, 3 * jobs_every)
                    within["draw"] = 3 * DRAW_EVERY_SECONDS
                watchdog = Watchdog(settings.watchdog_url, heartbeats, within)
                repeat("watchdog", ping_every, watchdog)
            alerts.start(turns, heartbeats)
            if weekly:
                repeat("report", weekly_report.EVERY_SECONDS, weekly)
            health = pages.Health(questions, shell)
            turns.enter_context(Periodic(health.announce, HEALTH_EVERY_SECONDS, "health"))
            turns.enter_context(
                Periodic(lambda: heartbeats.write(beating), WRITE_EVERY_SECONDS, "beats")
            )

        if begun:
            begin()
        yield Server(url, grpc, settings, begin, run_jobs)


def _unread() -> list[pages.Notice]:
    """A line for each variable that is misspelt, as the server runs without what was meant."""
    return [
        pages.Notice(
            f"Unknown setting {name}" + (f"; did you mean {meant}?" if meant else "."),
            "/health",
            "System health",
        )
        for name, meant in unread().items()
    ]


def _draw(client: Client) -> None:
    """Sample the days that have closed, and say when nobody can read what was sampled."""
    if draw.freeze(client) and (lacking := draw_text.lacking_text(client)):
        _logger.warning("%s", lacking)


def _engine(address: str) -> str | None:
    """Directory of the embedded engine; none when the store is a server."""
    parts = urlsplit(address)
    # The engine compares the paths of its connections letter by letter.
    return os.path.realpath(parts.path) if parts.scheme == "chdb" else None


def _announced(engine: str) -> str:
    server = server_file.read(engine)
    return f"{server.url} (pid {server.pid})" if server else "an unknown address"


def _writer(
    stack: ExitStack, settings: Settings, engine: str | None, table: str, columns: Sequence[str]
) -> Writer:
    insert = (
        EngineInsert(engine, f"{store.DATABASE}.{table}", columns)
        if engine
        else ClientInsert(store.connect(settings.store), table, columns)
    )
    stack.callback(insert.close)
    writer = Writer(insert, table)
    stack.callback(writer.close)
    return writer
