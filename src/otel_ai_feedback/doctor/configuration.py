"""Are the settings ones that do what they say? That they are valid was checked by reading them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from otel_ai_feedback.config import FILE_NAME, PREFIX, unread
from otel_ai_feedback.doctor.finding import Finding, failure, ok, warning
from otel_ai_feedback.doctor.visit import Visit
from otel_ai_feedback.formats import percent

_DISABLED: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
_LENGTH_LIMITS: Final = (
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
)
_COUNT_LIMITS: Final = ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT")
# The longest value of ours: `hmac-sha256:` and 32 digits.
_HASH_LENGTH: Final = 44
# What our attributes take beside those of an instrumentation.
_OWN_ATTRIBUTES: Final = 16


def check(visit: Visit) -> Iterator[Finding]:
    """Settings, the switches of OpenTelemetry that overrule them, and limits that cut."""
    yield _known()
    yield _switched_on()
    yield _limits()
    yield _sampler()


def _known() -> Finding:
    meant = unread()
    given = [name for name in sorted(os.environ) if name.startswith(PREFIX) and name not in meant]
    file = Path.cwd() / FILE_NAME
    seen = f"{len(given)} from the environment" + (f", more from {file}" if file.is_file() else "")
    if not meant:
        return ok("settings.valid", f"all settings are valid ({seen})")
    return warning(
        "settings.valid",
        f"unknown setting {', '.join(meant)}",
        "; ".join(
            f"rename {name} to {close}" if close else f"unset {name}: it is unknown"
            for name, close in meant.items()
        ),
    )


def _switched_on() -> Finding:
    if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return failure(
            "settings.switched_on",
            "OTEL_SDK_DISABLED is true, which switches all of OpenTelemetry off",
            "unset OTEL_SDK_DISABLED",
        )
    off = {name.strip() for name in os.environ.get(_DISABLED, "").split(",")}
    if off & {"ai_feedback", "*"}:
        return failure(
            "settings.switched_on",
            f"{_DISABLED} is {os.environ[_DISABLED]!r}, which keeps capture from being loaded",
            f"remove ai_feedback (and *) from {_DISABLED}",
        )
    return ok("settings.switched_on", "nothing switches OpenTelemetry or capture off")


def _limits() -> Finding:
    for name, least, what, lost in (
        *((name, _HASH_LENGTH, "characters", "hashes are cut") for name in _LENGTH_LIMITS),
        *(
            (name, _OWN_ATTRIBUTES, "attributes", "they push each other out")
            for name in _COUNT_LIMITS
        ),
    ):
        given = os.environ.get(name, "").strip()
        if not (given.isascii() and given.isdigit()):
            continue
        if int(given) < least:
            return failure(
                "settings.limits",
                f"{name} is {given}: under {least} {what} {lost}",
                f"unset {name}, or set it to {least} or more",
            )
        if what == "characters":
            return warning(
                "settings.limits",
                f"{name} is {given}: answers and prompts that are longer are cut by the SDK, and "
                "have no hash then",
                f"unset {name}, or set it above the length of your longest answer as JSON",
            )
    return ok("settings.limits", "no limit of the SDK cuts what is recorded")


def _sampler() -> Finding:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.sampling import Decision, ParentBased, TraceIdRatioBased

    chosen = TracerProvider().sampler
    sampler = getattr(chosen, "_root", chosen) if isinstance(chosen, ParentBased) else chosen
    said = chosen.get_description()
    ratio = sampler.rate if isinstance(sampler, TraceIdRatioBased) else None
    drops = getattr(sampler, "_decision", None) is Decision.DROP
    if drops or ratio == 0:
        return failure(
            "settings.sampler",
            f"the sampler drops everything ({said}), so no output is ever seen",
            "unset OTEL_TRACES_SAMPLER, or set it to parentbased_traceidratio with a share in "
            "OTEL_TRACES_SAMPLER_ARG",
        )
    if ratio is not None and ratio < 1:
        return ok(
            "settings.sampler",
            f"{percent(ratio)} of requests are sampled; rates are weighted accordingly",
        )
    return ok("settings.sampler", "the configured sampler drops no requests")
