"""Settings: where they come from, what they may be, and every mistake in them at once.

Precedence: command line, environment (``OTEL_AI_FEEDBACK_*``), ``otel-ai-feedback.toml`` in the
working directory, default. The file uses the lower-case names without the prefix::

    store = "http://loop:secret@clickhouse:8123/ai_feedback"
    hash = "plain"
"""

from __future__ import annotations

import ipaddress
import math
import os
import re
import sys
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args
from urllib.parse import urlsplit

from otel_ai_feedback.attributes import CHANNELS, Channel

PREFIX: Final = "OTEL_AI_FEEDBACK_"
FILE_NAME: Final = "otel-ai-feedback.toml"
MIN_KEY_LENGTH: Final = 16
PLAIN_HASH_MIN_LENGTH: Final = 64
IN_MEMORY: Final = "memory"
FREEZE_LAG_DAYS: Final = 8

REVIEW_TEXT_RATE: Final = 0.05
OUTPUT_URL_IDS: Final = ("response_id", "trace_id", "span_id", "conversation_id", "output_id")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_THIS_MACHINE: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))

HashMode = Literal["keyed", "plain"]
ReviewTextMode = Literal["as-is", "lot", "off"]
OptOutHeader = Literal["sec-gpc", "dnt"]
HEALTH_ALARMS: Final = (
    "pipeline-silent",
    "feedback-silent",
    "link-rate-low",
    "sampling-unknown",
    "outputs-lost",
    "receiver-refusing",
    "jobs-late",
    "rules-not-evaluated",
    "watchdog-failing",
    "draw-missing",
    "nobody-reviewed",
    "review-debt",
    "labels-too-few",
    "triage-overdue",
    "notifications-failing",
)
"""What the loop raises an alarm about itself for, as in the view ``loop_alarms``."""

REVIEW_TEXT_MODES: Final[tuple[str, ...]] = get_args(ReviewTextMode)
OPT_OUT_HEADERS: Final[tuple[str, ...]] = get_args(OptOutHeader)
SEGMENTS: Final = ("model", "prompt_version", "release")


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
    """All settings of one process, already validated.

    Attributes:
        state_dir: Directory of the shared key file and the default store.
        store: ``chdb:///dir`` (embedded) or ``http(s)://user:password@host:port/database``.
        key: Secret that keys hashes and signs handles; ``None`` means the shared key file.
        hash: ``keyed`` (HMAC-SHA256) or ``plain`` (SHA-256, comparable across languages).
        hash_min_length: Texts with fewer code points than this get no hash.
        timezone: IANA name of the zone in which a day is a day.
        feature: Name of the LLM feature, when the whole process serves one; else derived.
        channel: How users get the answers, when the whole process serves one channel.
        listen: ``host:port`` on which ``serve`` listens.
        registry: Where a process finds outputs to link actions to: ``memory`` is its own,
            ``redis://...`` or ``rediss://...`` is shared with others.
        review_text: What text may leave for reviewers to read: ``as-is`` what instrumentations
            record, ``lot`` that of a random lot of outputs, ``off`` none.
        review_text_rate: Share of the outputs in the lot, above 0 and up to 1.
        observe: ``package.module:function`` that is given a user and says whether to observe them;
            ``None`` observes everybody.
        opt_out_headers: Request headers, lower case, by which a browser opts out.
        users: File of the users of the ClickHouse endpoint of ``serve``; ``None`` when there are
            none but this machine's own.
        allowed_origins: Origins whose pages may send beacons to ``serve``.
        trusted_proxies: How many proxies in front of ``serve`` add to ``X-Forwarded-For``.
        cluster: Name of the ClickHouse cluster whose nodes hold the store; ``None`` for one server.
        retention_raw_days: After how many days raw spans and logs are deleted; 0 is never, ``None``
            leaves the tables as they are.
        retention_derived_months: The same of outputs and actions, in months.
        people: File of the people who may sign in to the pages; ``None`` when there is none.
        person_header: Request header in which a proxy says who somebody is; ``None`` for none.
        person_proxies: Networks of the proxies that are believed; this machine by default.
        review_minutes_per_week: How long people have promised to read, all together; 0 promises
            nothing.
        output_url: Address of an output in the user's own log, with ids in braces, or ``None``.
        environments: Environments whose outputs are drawn for review; none means ``production``
            where there is one, else all.
        triage: The file that says who owns which alarm; ``None`` means ``triage.yaml`` in the
            working directory where there is one.
        triage_secret: What Grafana signs its notifications with, or sends as a token.
        url: Address by which people reach ``serve``, for links; ``None`` means that of ``listen``.
        health_thresholds: Thresholds of the loop's own alarms that are not the default, by name.
        watchdog_url: Address that ``serve`` requests every minute while the loop runs; it keeps a
            dead-man's switch from telling somebody that it does not.
        alert_thresholds: Thresholds of alert rules by their name, instead of the rules' own.
        segments: By which of ``SEGMENTS`` each group is watched for drift, beside the whole.
    """

    state_dir: Path
    store: str
    key: str | None
    hash: HashMode
    hash_min_length: int
    timezone: str
    feature: str | None
    channel: Channel
    listen: str
    registry: str
    review_text: ReviewTextMode
    review_text_rate: float
    observe: str | None
    opt_out_headers: frozenset[OptOutHeader]
    users: Path | None
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: int = 0
    cluster: str | None = None
    retention_raw_days: int | None = None
    retention_derived_months: int | None = None
    environments: tuple[str, ...] = ()
    review_minutes_per_week: int = 60
    people: Path | None = None
    person_header: str | None = None
    person_proxies: tuple[Network, ...] = _THIS_MACHINE
    triage: Path | None = None
    triage_secret: str | None = None
    url: str | None = None
    health_thresholds: Mapping[str, float] = field(default_factory=dict)
    watchdog_url: str | None = None
    alert_thresholds: Mapping[str, float] = field(default_factory=dict)
    segments: tuple[str, ...] = ("model", "prompt_version")
    output_url: str | None = None


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _path(value: str) -> Path:
    return Path(_text(value)).expanduser()


def _key(value: str) -> str:
    if len(value) < MIN_KEY_LENGTH:
        raise ValueError(
            f"has {len(value)} characters; give at least {MIN_KEY_LENGTH}, "
            "for example the output of `openssl rand -hex 32`"
        )
    return value


def _hash(value: str) -> HashMode:
    if value not in ("keyed", "plain"):
        raise ValueError("must be 'keyed' or 'plain'")
    return cast(HashMode, value)


def _length(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number of characters, 0 or more")
    return int(value)


def _whole_number(value: str, unit: str) -> int:
    # ClickHouse counts days in 16 bits
    if not (value.isascii() and value.isdigit() and int(value) <= 36_500):
        raise ValueError(f"must be a whole number of {unit}, or 0 for ever")
    return int(value)


def _raw_days(value: str) -> int:
    days = _whole_number(value, "days")
    if 0 < days < FREEZE_LAG_DAYS:
        raise ValueError(
            f"is shorter than the {FREEZE_LAG_DAYS} days after which a week of outputs is frozen "
            f"and its texts are kept for review; give at least {FREEZE_LAG_DAYS}, or 0 for ever"
        )
    return days


def _cluster(value: str) -> str:
    if not (value.isascii() and value.replace("_", "").replace("-", "").isalnum()):
        raise ValueError(
            "must be a name of letters, digits, - and _, as in the server's remote_servers"
        )
    return value


def _months(value: str) -> int:
    return _whole_number(value, "months")


def _timezone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not an IANA time zone; use a name such as 'Europe/Berlin'") from None
    return value


def _store(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "chdb":
        if parts.netloc or not parts.path.strip("/"):
            raise ValueError("must name a directory, as in 'chdb:///var/lib/otel-ai-feedback'")
    elif parts.scheme in ("http", "https"):
        if not parts.hostname:
            raise ValueError("must name a host, as in 'http://user:password@host:8123/ai_feedback'")
        if "/" in parts.path.strip("/"):
            raise ValueError("must end in one database name, as in '/ai_feedback'")
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("has a port that is not a number from 0 to 65535") from None
    else:
        raise ValueError(
            "must start with chdb:///, http:// or https://, "
            "as in 'chdb:///var/lib/otel-ai-feedback'"
        )
    return value


def _channel(value: str) -> Channel:
    if value not in CHANNELS:
        raise ValueError("must be 'text' or 'voice'")
    return cast(Channel, value)


def _listen(value: str) -> str:
    host, colon, port = value.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError("must be host:port, as in '127.0.0.1:4318'")
    return value


def _registry(value: str) -> str:
    if value == IN_MEMORY:
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("redis", "rediss"):
        raise ValueError("must be 'memory', or start with redis:// or rediss://")
    if not parts.hostname:
        raise ValueError("must name a host, as in 'redis://user:password@host:6379/0'")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("has a port that is not a number from 0 to 65535") from None
    database = parts.path.strip("/")
    if database and not (database.isascii() and database.isdigit()):
        raise ValueError("must end in the number of a database, as in '/0'")
    return value


def _review_text(value: str) -> ReviewTextMode:
    if value not in REVIEW_TEXT_MODES:
        raise ValueError("must be 'as-is', 'lot' or 'off'")
    return cast(ReviewTextMode, value)


def _rate(value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= 1:
        raise ValueError("must be a number above 0 and up to 1, as in '0.05'")
    return rate


def _function(value: str) -> str:
    module, colon, function = value.partition(":")
    if not (colon and all(name.isidentifier() for name in [*module.split("."), function])):
        raise ValueError("must be module:function, as in 'shop.privacy:may_observe'")
    return value


def _opt_out_headers(value: str) -> frozenset[OptOutHeader]:
    names = frozenset(name.strip().lower() for name in value.split(",")) - {""}
    if not names <= set(OPT_OUT_HEADERS):
        raise ValueError("must be 'sec-gpc', 'dnt', both with a comma between, or empty")
    return cast(frozenset[OptOutHeader], names)


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(origin.strip() for origin in value.split(",") if origin.strip())
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and not (parts.scheme and parts.netloc and origin.endswith(parts.netloc)):
            raise ValueError(
                "must be '*' or origins without a path, as in 'https://app.example.com', "
                "with commas between them"
            )
    return origins


def _environments(value: str) -> tuple[str, ...]:
    names = tuple(sorted({name.strip() for name in value.split(",")} - {""}))
    if not names:
        raise ValueError("must name one or more environments, as in 'production,canary'")
    return names


def _header(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", value):
        raise ValueError("must be the name of a header, as in 'X-Forwarded-User'")
    return value


def _output_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http or https address, as in 'https://logs/?id={response_id}'")
    fields = re.findall(r"\{([^{}]*)\}", value)
    rest = re.sub(r"\{[^{}]*\}", "", value)
    if not fields or not set(fields) <= set(OUTPUT_URL_IDS) or "{" in rest or "}" in rest:
        known = ", ".join(f"{{{name}}}" for name in OUTPUT_URL_IDS)
        raise ValueError(f"must name an id of the output in braces, one of {known}")
    if "{" in parts.netloc:
        raise ValueError("must have its ids behind the name of the host")
    return value


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in value.split(","))
    except ValueError:
        raise ValueError(
            "must be addresses or networks with commas between them, as in '10.0.0.5,10.1.0.0/16'"
        ) from None


def _health_thresholds(value: str) -> dict[str, float]:
    found = {}
    for part in filter(None, map(str.strip, value.split(","))):
        name, _, number = map(str.strip, part.partition("="))
        if name not in HEALTH_ALARMS:
            raise ValueError(f"has no alarm {name!r}; known are {', '.join(HEALTH_ALARMS)}")
        try:
            found[name] = float(number)
        except ValueError:
            found[name] = math.nan
        if not 0 <= found[name] < math.inf:
            raise ValueError(f"must give {name} a number of 0 or more, as in '{name}=0.5'")
    return found


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address, as in 'https://hc-ping.com/your-uuid'")
    return value


def _url(value: str) -> str:
    try:
        return _address(value).rstrip("/")
    except ValueError:
        raise ValueError("must be an address, as in 'https://feedback.example.com'") from None


def _alert_thresholds(value: str) -> dict[str, float]:
    chosen = {}
    for part in filter(None, (part.strip() for part in value.split(","))):
        name, _, number = part.partition("=")
        try:
            chosen[name.strip()] = float(number)
        except ValueError:
            number = "nan"
        if not math.isfinite(float(number)):
            raise ValueError(
                "must be rules and numbers, as in 'link-rate-low=0.9,quality-fell=3'"
            ) from None
    return chosen


def _segments(value: str) -> tuple[str, ...]:
    names = tuple(sorted({name.strip() for name in value.split(",")} - {""}))
    if names == ("none",):
        return ()
    if not names or not set(names) <= set(SEGMENTS):
        raise ValueError(
            f"must be some of {', '.join(SEGMENTS)} with commas between them, as in "
            "'model,prompt_version', or 'none'"
        )
    return names


def _minutes(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= 10_080):
        raise ValueError("must be a whole number of minutes, 0 to 10080 (all of the week)")
    return int(value)


def _proxies(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number of proxies, 0 or more")
    return int(value)


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "state_dir": _path,
    "store": _store,
    "key": _key,
    "hash": _hash,
    "hash_min_length": _length,
    "timezone": _timezone,
    "feature": _text,
    "channel": _channel,
    "listen": _listen,
    "registry": _registry,
    "review_text": _review_text,
    "review_text_rate": _rate,
    "observe": _function,
    "opt_out_headers": _opt_out_headers,
    "users": _path,
    "allowed_origins": _origins,
    "trusted_proxies": _proxies,
    "environments": _environments,
    "review_minutes_per_week": _minutes,
    "people": _path,
    "person_header": _header,
    "person_proxies": _networks,
    "health_thresholds": _health_thresholds,
    "watchdog_url": _address,
    "alert_thresholds": _alert_thresholds,
    "segments": _segments,
    "output_url": _output_url,
    "cluster": _cluster,
    "retention_raw_days": _raw_days,
    "retention_derived_months": _months,
    "triage": _path,
    "triage_secret": _key,
    "url": _url,
}
_SECRET: Final = frozenset({"key", "store", "registry", "triage_secret", "watchdog_url"})


def without_password(store: str) -> str:
    """Address of a store as it may be shown and logged: without user and password."""
    parts = urlsplit(store)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


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
            if setting in _PARSERS:
                raw[setting] = (value, name)
            # An unknown variable may belong to a newer version elsewhere on the host: not an error.
    for name, option in (options or {}).items():
        if name not in _PARSERS:
            mistakes.append(f"unknown option {name!r}; known are {', '.join(_PARSERS)}")
        elif option is not None:
            raw[name] = (str(option), f"option {name}")
    for name, given in (overrides or {}).items():
        if given is not None:
            raw[name] = (given, "--" + name.replace("_", "-"))

    values: dict[str, Any] = {}
    for name, (text, origin) in raw.items():
        try:
            values[name] = _PARSERS[name](text)
        except ValueError as error:
            shown = "its value" if name in _SECRET else repr(text)
            mistakes.append(f"{origin}: {shown} {error}")
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
    values.setdefault("listen", "127.0.0.1:4318")
    values.setdefault("registry", IN_MEMORY)
    values.setdefault("review_text", "as-is")
    values.setdefault("review_text_rate", REVIEW_TEXT_RATE)
    values.setdefault("observe", None)
    values.setdefault("opt_out_headers", frozenset())
    values.setdefault("users", None)
    values.setdefault("cluster", None)
    values.setdefault("retention_raw_days", None)
    values.setdefault("retention_derived_months", None)
    return Settings(**values)


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
        if name not in _PARSERS:
            known = ", ".join(_PARSERS)
            mistakes.append(f"{path}: unknown setting {name!r}; known are {known}")
        elif isinstance(value, bool) or not isinstance(value, (str, int, float)):
            mistakes.append(f"{path}: {name} must be a string or a number, not {value!r}")
        else:
            found[name] = (str(value), f"{path}: {name}")
    return found


def toml(text: str) -> dict[str, Any]:
    """Parse a TOML document.

    Raises:
        ValueError: It is none; the message says where.
        ImportError: Python 3.10 without ``tomli``.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError:
            raise ImportError("reading it on Python 3.10 needs `pip install tomli`") from None
    table: dict[str, Any] = tomllib.loads(text)
    return table
