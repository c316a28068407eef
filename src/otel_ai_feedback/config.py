"""Settings: where they come from, and every mistake in them at once.

Precedence: command line, environment (``OTEL_AI_FEEDBACK_*``), ``otel-ai-feedback.toml`` in the
working directory, default. The file uses the lower-case names without the prefix::

    store = "http://loop:secret@clickhouse:8123/ai_feedback"
    hash = "plain"
"""

from __future__ import annotations

import difflib
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from otel_ai_feedback import signals
from otel_ai_feedback.attributes import Channel
from otel_ai_feedback.setting_values import (
    IN_MEMORY,
    PARSERS,
    PLAIN_HASH_MIN_LENGTH,
    REVIEW_TEXT_RATE,
    HashMode,
    Network,
    OptOutHeader,
    ReviewTextMode,
    Role,
)
from otel_ai_feedback.signals import Signal
from otel_ai_feedback.toml_files import listed, toml

if TYPE_CHECKING:
    from otel_ai_feedback.evaluators import Evaluator

PREFIX: Final = "OTEL_AI_FEEDBACK_"
FILE_NAME: Final = "otel-ai-feedback.toml"
SIGNALS_FILE_NAME: Final = "signals.toml"
EVALUATORS_FILE_NAME: Final = "evaluators.toml"
_THIS_MACHINE: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
SECRET: Final = frozenset(
    {
        "key",
        "store",
        "registry",
        "triage_secret",
        "watchdog_url",
        "otlp_token",
        "oidc_client_secret",
    }
)
"""Settings that are secrets, or addresses with a secret in them."""


class ConfigError(ValueError):
    """One or more settings are wrong; the message lists all of them, each with its remedy."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


def default_state_dir() -> Path:
    """Where this host keeps the shared key file and the default store."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local/state")
    return Path(base) / "otel-ai-feedback"


@dataclass(frozen=True)
class Settings:
    """All settings of one process, already validated; docs/settings.md is made from this.

    Its ``repr`` contains no secret.

    Attributes:
        state_dir: Directory of the shared key file and of the default store. Default:
            ``~/.local/state/otel-ai-feedback`` (or under ``XDG_STATE_HOME``).
        store: ``chdb:///dir`` is the embedded engine in that directory;
            ``http://user:password@host:8123/ai_feedback`` or ``https://...`` is a ClickHouse
            server. Default: ``chdb:///`` and ``store`` in the state directory.
        key: Secret for hashes and handles, at least 16 characters; set it when a service runs on
            more than one host. Default: a key file in the state directory, created on first use,
            readable by its owner only.
        hash: ``plain`` makes unkeyed SHA-256 hashes that other languages can compute too; the hash
            of a short text can be guessed.
        hash_min_length: Texts with fewer characters get no hash. Default: ``0``, with ``plain``
            ``64``.
        timezone: Time zone for daily totals, an IANA name; kept in the store by ``migrate``.
        feature: Name of the LLM feature when the whole process serves one. Default: agent name,
            else route, else service.
        channel: ``voice`` for spoken conversations: asking again then counts for 45 seconds instead
            of 300.
        listen: ``host:port`` on which ``serve`` listens.
        grpc_listen: ``host:port`` on which ``serve`` takes OTLP over gRPC, or ``none``. Default:
            port 4317 beside a ``LISTEN`` with port 4318, else ``none``.
        hosts: Host names of ``serve``, without port, separated by commas
            (``feedback.example.com,otel-ai-feedback``); requests for another host get 403, against
            DNS rebinding (docs/threat-model.md#a-page-in-a-persons-browser). Names of this machine
            are always allowed. With it, people must sign in (docs/sign-in.md) on loopback too.
            Default: any; on loopback those of this machine.
        otlp_token: What senders of telemetry to ``serve`` must send as a bearer token
            (``OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20...``), at least 16 characters; a
            secret. Default: none: anyone who reaches the port can send.
        review_text: Which text may leave the service for reviewers: ``as-is`` what your
            instrumentation records, ``sample`` that of a random sample of outputs, ``off`` none;
            see docs/privacy.md.
        review_text_rate: With ``sample``, the share of outputs that keep their text, above 0 and
            up to 1.
        observe: ``module:function`` of your service that is called with a user, as given to
            ``conversation(subject=...)``, and returns whether to observe them. Default: observe
            everyone.
        opt_out_headers: Request headers by which a browser opts out, when their value is 1:
            ``sec-gpc``, ``dnt``, or ``sec-gpc,dnt``. Default: none.
        reasons: Codes that pages may give as a reason (``data-ai-reason``, docs/browser.md), in
            addition to those of docs/attributes.md: ``made_up_source,wrong_tone``. Default: none.
        users: TOML file of the users of ``serve``'s ClickHouse interface
            (docs/serve.md#the-clickhouse-interface): a Collector that writes, a Grafana that reads.
            Default: none.
        registry: Where a worker looks up the output of an action: ``memory`` has those that it made
            itself; ``redis://user:password@host:6379/0`` or ``rediss://...`` (TLS) has those of all
            workers, and needs the extra ``redis``; see docs/linking.md.
        allowed_origins: Origins whose pages may send beacons (docs/beacon.md) to ``serve``,
            separated by commas (``https://app.example.com,https://www.example.com``); ``*`` allows
            all. Default: only its own.
        trusted_proxies: How many proxies in front of ``serve`` add to ``X-Forwarded-For``; without
            it all clients behind a proxy share one limit.
        people: TOML file of the people who may sign in (docs/sign-in.md) to the pages: a token and
            roles for each. Default: none.
        person_header: Request header in which a proxy that signs people in names the person
            (docs/sign-in.md#a-proxy), such as ``X-Forwarded-User``. Default: none.
        person_proxies: Addresses or networks of the proxies whose header is trusted, separated by
            commas (``10.0.0.5,10.1.0.0/16``); it is ignored from any other address. Default: this
            machine.
        oidc_issuer: Address of the OpenID Connect provider that signs people in
            (docs/sign-in.md#openid-connect), such as ``https://accounts.google.com``; needs the
            extra ``oidc`` and the setting ``URL``. Default: none.
        oidc_client_id: Client id of this server at the provider.
        oidc_client_secret: Client secret of this server at the provider; a secret. Default: none,
            for a public client.
        oidc_scopes: Scopes to request; some providers return groups only for the scope ``groups``.
        oidc_name: Claim with the person's name; ``email`` counts only when the provider says that
            it is verified.
        oidc_groups: Claim with the person's groups.
        roles: Roles of people who are not in the file ``PEOPLE``, by group of the provider,
            separated by commas, with ``*`` for everyone who can sign in
            (``reviewers=reviewer,on-call=responder+reviewer,*=viewer``); see
            docs/sign-in.md#roles. Default: nothing; with ``PERSON_HEADER``
            ``*=viewer+reviewer+responder``.
        output_url: Address of an answer in your own log, for reviewers (docs/review.md) where the
            store has no text: ``https://logs.example.com/?id={response_id}``; also ``{trace_id}``,
            ``{span_id}``, ``{conversation_id}``, ``{output_id}``. Default: none.
        cluster: Name of the ClickHouse cluster (its ``remote_servers``) on whose nodes ``migrate``
            makes replicated and distributed tables; see docs/operations.md#a-cluster. Default:
            none: one server.
        retention_raw_days: After how many days the store deletes raw spans and logs, with any text
            in them; at least 8, 0 for never; applied by ``migrate``. Default: unchanged.
        retention_derived_months: After how many months the store deletes the details of single
            outputs and actions; counts by hour stay; 0 for never; applied by ``migrate``. Default:
            unchanged.
        exclude: What is left out of all rates, in addition to known bots and tests
            (docs/traffic.md): ``environment=loadtest,feature=eval-*``, also ``service``,
            ``subject`` and ``user_agent``; kept in the store by ``migrate``. Default: nothing more.
        environments: Environments whose outputs are sampled for review (docs/review.md), separated
            by commas (``production,canary``); kept in the store by ``migrate``. Default:
            ``production`` when there is one, else all.
        review_minutes_per_week: Planned review time (docs/review.md#review-time) of all reviewers
            together; decides how many features are sampled at a time; 0 plans none; kept in the
            store by ``migrate``.
        report_to: People of the triage file (docs/triage.md) to whom ``serve`` sends the weekly
            report (docs/review.md#the-weekly-report) on Monday at 8, separated by commas. Default:
            no one.
        triage: File with the owners of alerts, see docs/triage.md. Default:
            ``triage.yaml`` in the working directory, if there is one.
        signals: File with signals of your own, see docs/signals.md. Default: ``signals.toml``
            in the working directory, if there is one.
        evaluators: The file that says what the names of evaluations mean, see docs/evaluations.md.
            Default: ``evaluators.toml`` in the working directory, if there is one.
        url: Address by which people reach ``serve``, with its path where it is under one
            (docs/operations.md#under-a-path); for links and for signing in. Default: ``http://``
            and the address of ``LISTEN``.
        triage_secret: Secret with which Grafana signs its notifications, or its bearer token, at
            least 16 characters. Default: none: Grafana's notifications are refused.
        health_thresholds: Thresholds of health checks (docs/health.md#the-checks) that differ from
            the default, separated by commas (``nobody-reviewed=14,link-rate-low=0.6``); kept in the
            store by ``migrate``. Default: none.
        watchdog_url: Address of a watchdog (docs/health.md#watchdog) that ``serve`` requests every
            minute while everything runs; a secret. Default: none.
        alert_thresholds: Thresholds of alert rules (docs/grafana.md#thresholds), separated by
            commas (``signal-drift=1.3,quality-fell=3``); used by ``check``, ``serve`` and
            ``grafana``. Default: each rule's own.
        segments: Which parts of a feature are watched for drift on their own
            (docs/drift.md#segments): some of ``model``, ``prompt_version``, ``release``, or
            ``none``; kept in the store by ``migrate``. Each part adds a series, and more than 20
            series raise the threshold.
        effect_floor: Smallest change of a rate that matters (docs/drift.md#what-matters), in points
            and in percent of the rate, whichever is larger; alerts and comparisons ignore smaller
            ones; kept in the store by ``migrate``. Default: ``1,10``.
    """

    state_dir: Path
    store: str = field(repr=False)
    key: str | None = field(repr=False)
    hash: HashMode
    hash_min_length: int
    timezone: str
    feature: str | None
    channel: Channel
    listen: str
    registry: str = field(repr=False)
    review_text: ReviewTextMode
    review_text_rate: float
    observe: str | None
    opt_out_headers: frozenset[OptOutHeader]
    reasons: frozenset[str]
    users: Path | None
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    cluster: str | None = None
    retention_raw_days: int | None = None
    retention_derived_months: int | None = None
    environments: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    review_minutes_per_week: int = 60
    report_to: tuple[str, ...] = ()
    people: Path | None = None
    person_header: str | None = None
    person_proxies: tuple[Network, ...] = _THIS_MACHINE
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_scopes: str = "openid email profile"
    oidc_name: str = "email"
    oidc_groups: str = "groups"
    roles: Mapping[str, frozenset[Role]] | None = None
    triage: Path | None = None
    signals: tuple[Signal, ...] = ()
    evaluators: tuple[Evaluator, ...] = ()
    triage_secret: str | None = field(default=None, repr=False)
    url: str | None = None
    health_thresholds: Mapping[str, float] = field(default_factory=dict)
    grpc_listen: str | None = None
    watchdog_url: str | None = field(default=None, repr=False)
    alert_thresholds: Mapping[str, float] = field(default_factory=dict)
    segments: tuple[str, ...] = ("model", "prompt_version")
    effect_floor: tuple[float, float] = (0.01, 0.1)
    output_url: str | None = None
    hosts: tuple[str, ...] = ()
    otlp_token: str | None = field(default=None, repr=False)


def without_password(store: str) -> str:
    """Address of a store as it may be shown and logged: without user and password."""
    parts = urlsplit(store)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _parse_evaluators(document: Mapping[str, Any]) -> tuple[Evaluator, ...]:
    # A service that only captures has no such file, and does not load what reads it.
    from otel_ai_feedback import evaluators

    return evaluators.parse(document)


def load(
    overrides: Mapping[str, str | None] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    options: Mapping[str, object] | None = None,
) -> Settings:
    """Read and validate every setting.

    Args:
        overrides: Settings from the command line by lower-case name; ``None`` values are ignored.
        environ: Environment to read; the process environment by default.
        directory: Where to look for ``otel-ai-feedback.toml``; the working directory by default.
        options: Settings given to the instrumentor, in code or by OpenTelemetry's declarative
            configuration; by lower-case name, ``None`` values are ignored.

    Raises:
        ConfigError: Naming each wrong setting, its value, where it came from and the remedy.
    """
    environ = os.environ if environ is None else environ
    mistakes: list[str] = []
    raw = _read_file((directory or Path.cwd()) / FILE_NAME, mistakes)
    for name, value in environ.items():
        if name.startswith(PREFIX):
            setting = name[len(PREFIX) :].lower()
            # Empty is unset, as OpenTelemetry has it.
            if setting in PARSERS and value.strip():
                raw[setting] = (value, name)
            # An unknown variable may belong to a newer version elsewhere on the host: not an error.
            # `unread` finds it.
    for name, option in (options or {}).items():
        if name not in PARSERS:
            mistakes.append(f"unknown option {name!r}; known are {', '.join(PARSERS)}")
        elif option is not None:
            raw[name] = (str(option), f"option {name}")
    for name, given in (overrides or {}).items():
        if given is not None:
            raw[name] = (given, "--" + name.replace("_", "-"))

    values: dict[str, Any] = {}
    for name, (text, origin) in raw.items():
        try:
            values[name] = PARSERS[name](text)
        except ValueError as error:
            shown = "its value" if name in SECRET else repr(text)
            mistakes.append(f"{origin}: {shown} {error}")
    here = directory or Path.cwd()
    values["signals"] = listed(
        "signals", signals.parse, values.get("signals"), here / SIGNALS_FILE_NAME, mistakes
    )
    values["evaluators"] = listed(
        "evaluators",
        _parse_evaluators,
        values.get("evaluators"),
        here / EVALUATORS_FILE_NAME,
        mistakes,
    )
    if mistakes:
        raise ConfigError(mistakes)

    state_dir = values.setdefault("state_dir", default_state_dir())
    values.setdefault("store", f"chdb://{Path(state_dir).absolute()}/store")
    values.setdefault("key", None)
    values.setdefault("hash", "keyed")
    values.setdefault("hash_min_length", PLAIN_HASH_MIN_LENGTH if values["hash"] == "plain" else 0)
    values.setdefault("timezone", "UTC")
    values.setdefault("feature", None)
    values.setdefault("channel", "text")
    host, _, port = values.setdefault("listen", "127.0.0.1:4318").rpartition(":")
    values.setdefault("grpc_listen", f"{host}:4317" if port == "4318" else None)
    values.setdefault("registry", IN_MEMORY)
    values.setdefault("review_text", "as-is")
    values.setdefault("review_text_rate", REVIEW_TEXT_RATE)
    values.setdefault("observe", None)
    values.setdefault("opt_out_headers", frozenset())
    values.setdefault("reasons", frozenset())
    values.setdefault("users", None)
    return Settings(**values)


def unread(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Variables of ours that are no settings, each with what was probably meant, or empty.

    Args:
        environ: The environment; that of the process by default.
    """
    found = {}
    for name in sorted(os.environ if environ is None else environ):
        setting = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and setting not in PARSERS:
            close = difflib.get_close_matches(setting, PARSERS, 1)
            found[name] = PREFIX + close[0].upper() if close else ""
    return found


def _read_file(path: Path, mistakes: list[str]) -> dict[str, tuple[str, str]]:
    """Settings found in the file, as text with their origin; mistakes are appended."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        mistakes.append(f"{path}: cannot be read ({error.strerror}); fix its permissions")
        return {}
    try:
        table = toml(content.decode())
    except (ValueError, ImportError) as error:
        mistakes.append(f"{path}: {error}")
        return {}
    found: dict[str, tuple[str, str]] = {}
    for name, value in table.items():
        if name not in PARSERS:
            close = difflib.get_close_matches(name, PARSERS, 1)
            remedy = f"did you mean {close[0]}?" if close else f"known are {', '.join(PARSERS)}"
            mistakes.append(f"{path}: unknown setting {name!r}; {remedy}")
        elif isinstance(value, bool) or not isinstance(value, (str, int, float)):
            mistakes.append(f"{path}: {name} must be a string or a number, not {value!r}")
        else:
            found[name] = (str(value), f"{path}: {name}")
    return found
