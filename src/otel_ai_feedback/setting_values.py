"""What each setting may be: from its text to its value, or what is wrong with it.

One file, although it is long: a setting takes a few lines here, and every one is looked for here.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args
from urllib.parse import urlsplit

from otel_ai_feedback.attributes import CHANNELS, Channel

MIN_KEY_LENGTH: Final = 16
PLAIN_HASH_MIN_LENGTH: Final = 64
IN_MEMORY: Final = "memory"
FREEZE_LAG_DAYS: Final = 8

REVIEW_TEXT_RATE: Final = 0.05
_REASON: Final = re.compile("[a-z][a-z0-9_]{0,31}")
# Each is a value of an attribute: a list that people choose from, no free text.
_MOST_REASONS: Final = 30
OUTPUT_URL_IDS: Final = ("response_id", "trace_id", "span_id", "conversation_id", "output_id")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

HashMode = Literal["keyed", "plain"]
ReviewTextMode = Literal["as-is", "sample", "off"]
OptOutHeader = Literal["sec-gpc", "dnt"]
Role = Literal["viewer", "reviewer", "responder", "admin"]
HEALTH_ALARMS: Final = (
    "pipeline-silent",
    "feedback-silent",
    "link-rate-low",
    "sampling-unknown",
    "outputs-lost",
    "actions-lost",
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
"""What the loop raises an alert about itself for, as in the view ``loop_alarms``."""

REVIEW_TEXT_MODES: Final[tuple[str, ...]] = get_args(ReviewTextMode)
OPT_OUT_HEADERS: Final[tuple[str, ...]] = get_args(OptOutHeader)
ROLES: Final[tuple[Role, ...]] = get_args(Role)
"""What people may do on the pages of ``serve``."""
EXCLUDED_BY: Final = ("service", "environment", "feature", "subject", "user_agent")
SEGMENTS: Final = ("model", "prompt_version", "release")


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
        raise ValueError(f"must be a whole number of {unit}, or 0 forever")
    return int(value)


def _raw_days(value: str) -> int:
    days = _whole_number(value, "days")
    if 0 < days < FREEZE_LAG_DAYS:
        raise ValueError(
            f"is shorter than the {FREEZE_LAG_DAYS} days after which a week of outputs is frozen "
            f"and its texts are kept for review; give at least {FREEZE_LAG_DAYS}, or 0 forever"
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
    # Not on top: no service that imports capture needs it, and it takes longer than all else here.
    import zoneinfo

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


def _grpc_listen(value: str) -> str | None:
    if value == "none":
        return None
    try:
        return _listen(value)
    except ValueError:
        raise ValueError("must be host:port, as in '127.0.0.1:4317', or 'none'") from None


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
        raise ValueError("must be 'as-is', 'sample' or 'off'")
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
        raise ValueError("must be 'sec-gpc', 'dnt', both separated by a comma, or empty")
    return cast(frozenset[OptOutHeader], names)


def _reasons(value: str) -> frozenset[str]:
    codes = frozenset(code.strip() for code in value.split(",")) - {""}
    if len(codes) > _MOST_REASONS or not all(_REASON.fullmatch(code) for code in codes):
        raise ValueError(
            f"must be up to {_MOST_REASONS} codes of lower-case letters, digits and _, at most 32 "
            "characters each, as in 'made_up_source,wrong_tone'"
        )
    return codes


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


def _exclude(value: str) -> tuple[str, ...]:
    entries = [entry.strip().partition("=") for entry in value.split(",") if entry.strip()]
    wrong = [field for field, _, pattern in entries if field not in EXCLUDED_BY or not pattern]
    if wrong or not entries:
        raise ValueError(
            f"must be entries FIELD=PATTERN with one of {', '.join(EXCLUDED_BY)}, as in "
            "'environment=loadtest,feature=eval-*'"
        )
    return tuple("=".join((field, pattern.strip())) for field, _, pattern in entries)


def _hosts(value: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in value.split(",") if name.strip())
    if not names or not all(re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:]+", name) for name in names):
        raise ValueError(
            "must be host names without scheme and port, separated by commas, as in "
            "'feedback.example.com,otel-ai-feedback'"
        )
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
            "must be addresses or networks separated by commas, as in '10.0.0.5,10.1.0.0/16'"
        ) from None


def _named_numbers(value: str) -> list[tuple[str, float]]:
    """Names and numbers, from ``name=number`` with commas between; nan for what is none."""
    found = []
    for part in filter(None, map(str.strip, value.split(","))):
        name, _, number = map(str.strip, part.partition("="))
        try:
            found.append((name, float(number)))
        except ValueError:
            found.append((name, math.nan))
    return found


def _health_thresholds(value: str) -> dict[str, float]:
    found = _named_numbers(value)
    for name, number in found:
        if name not in HEALTH_ALARMS:
            raise ValueError(f"has no alert {name!r}; known are {', '.join(HEALTH_ALARMS)}")
        if not 0 <= number < math.inf:
            raise ValueError(f"must give {name} a number of 0 or more, as in '{name}=0.5'")
    return dict(found)


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
    # Which rules there are is for the room of the rules to say.
    found = _named_numbers(value)
    if not all(math.isfinite(number) for _, number in found):
        raise ValueError("must be rules and numbers, as in 'link-rate-low=0.9,quality-fell=3'")
    return dict(found)


def _segments(value: str) -> tuple[str, ...]:
    names = tuple(sorted({name.strip() for name in value.split(",")} - {""}))
    if names == ("none",):
        return ()
    if not names or not set(names) <= set(SEGMENTS):
        raise ValueError(
            f"must be some of {', '.join(SEGMENTS)} separated by commas, as in "
            "'model,prompt_version', or 'none'"
        )
    return names


def _effect_floor(value: str) -> tuple[float, float]:
    try:
        points, percent = (float(number) / 100 for number in value.split(","))
    except ValueError:
        points = percent = math.nan
    if not (0 <= points < 1 and 0 <= percent < 1):
        raise ValueError(
            "must be points and percent of the rate, each from 0 to 99, with a comma "
            "between them, as in '1,10'"
        )
    return points, percent


def _people(value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
    if not names:
        raise ValueError("must name people of the triage file, as in 'ana,bo'")
    return names


def _roles(value: str) -> dict[str, frozenset[Role]]:
    found: dict[str, frozenset[Role]] = {}
    for part in filter(None, map(str.strip, value.split(","))):
        group, equals, names = part.rpartition("=")
        roles = frozenset(name.strip() for name in names.split("+"))
        if not (equals and group.strip() and roles <= set(ROLES)):
            raise ValueError(
                f"must give groups some of {', '.join(ROLES)}, as in "
                "'reviewers=reviewer,on-call=responder+reviewer,*=viewer'"
            )
        known = found.get(group.strip(), frozenset())
        found[group.strip()] = known | cast(frozenset[Role], roles)
    return found


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError(
            "must be the https address of the provider, as in 'https://accounts.google.com'"
        )
    return value


def _minutes(value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) <= 10_080):
        raise ValueError("must be a whole number of minutes, 0 to 10080 (all of the week)")
    return int(value)


def _proxies(value: str) -> int:
    if not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number of proxies, 0 or more")
    return int(value)


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "state_dir": _path,
    "store": _store,
    "key": _key,
    "hash": _hash,
    "hash_min_length": _length,
    "timezone": _timezone,
    "feature": _text,
    "channel": _channel,
    "listen": _listen,
    "grpc_listen": _grpc_listen,
    "hosts": _hosts,
    "otlp_token": _key,
    "registry": _registry,
    "review_text": _review_text,
    "review_text_rate": _rate,
    "observe": _function,
    "opt_out_headers": _opt_out_headers,
    "reasons": _reasons,
    "users": _path,
    "allowed_origins": _origins,
    "trusted_proxies": _proxies,
    "environments": _environments,
    "exclude": _exclude,
    "review_minutes_per_week": _minutes,
    "report_to": _people,
    "people": _path,
    "person_header": _header,
    "person_proxies": _networks,
    "oidc_issuer": _issuer,
    "oidc_client_id": _text,
    "oidc_client_secret": _text,
    "oidc_scopes": _text,
    "oidc_name": _text,
    "oidc_groups": _text,
    "roles": _roles,
    "health_thresholds": _health_thresholds,
    "watchdog_url": _address,
    "alert_thresholds": _alert_thresholds,
    "segments": _segments,
    "effect_floor": _effect_floor,
    "output_url": _output_url,
    "cluster": _cluster,
    "retention_raw_days": _raw_days,
    "retention_derived_months": _months,
    "triage": _path,
    "signals": _path,
    "evaluators": _path,
    "triage_secret": _key,
    "url": _url,
}
"""How the text of each setting is read; each raises ``ValueError`` with the remedy."""
