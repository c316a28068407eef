"""Does each instrumentation that is installed let capture see the text it hashes?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from otel_ai_feedback.doctor import packages
from otel_ai_feedback.doctor.finding import Finding, failure, not_applicable, ok, warning
from otel_ai_feedback.doctor.visit import Visit

_HOOK: Final = "OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK"
_CAPTURE: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_UTIL: Final = "opentelemetry-util-genai"
_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})

Question = Callable[[Mapping[str, str]], str | None]


def _is(name: str, values: frozenset[str]) -> bool:
    return os.environ.get(name, "").strip().lower() in values


_RECORDING: Final = frozenset({"true", "span_only", "event_only", "span_and_event"})


def _openai_v2(versions: Mapping[str, str]) -> str | None:
    """Before util-genai 1.0 it has no hook: text comes as log events, when it is asked for."""
    has_hook = _UTIL in versions and not versions[_UTIL].startswith("0.")
    if has_hook or _is(_CAPTURE, _RECORDING):
        return None
    return f"set {_CAPTURE}=true"


def _openinference(_: Mapping[str, str]) -> str | None:
    if _is("OPENINFERENCE_HIDE_OUTPUTS", _TRUE):
        return "unset OPENINFERENCE_HIDE_OUTPUTS"
    return None


def _openllmetry(_: Mapping[str, str]) -> str | None:
    if _is("TRACELOOP_TRACE_CONTENT", _FALSE):
        return "unset TRACELOOP_TRACE_CONTENT"
    return None


def _haystack(_: Mapping[str, str]) -> str | None:
    if not _is("HAYSTACK_CONTENT_TRACING_ENABLED", _TRUE):
        return "set HAYSTACK_CONTENT_TRACING_ENABLED=true"
    return None


def _google_adk(versions: Mapping[str, str]) -> str | None:
    """Its second version follows the common variable, its first has one of its own."""
    if _is(_CAPTURE, _RECORDING):
        return None
    if versions.get("google-adk", "").startswith("1."):
        name = "ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS"
        return f"unset {name}" if _is(name, _FALSE) else None
    return f"set {_CAPTURE}=SPAN_ONLY"


def _langsmith(_: Mapping[str, str]) -> str | None:
    return "unset LANGSMITH_HIDE_OUTPUTS" if _is("LANGSMITH_HIDE_OUTPUTS", _TRUE) else None


# What hides the text from capture, as the remedy, by the variables that each of them reads. Those
# that are not here have no switch, or one in code that cannot be seen from outside.
_QUESTIONS: Final[Mapping[str, Question]] = {
    packages.OPENAI_V2: _openai_v2,
    packages.OPENINFERENCE: _openinference,
    packages.OPENLLMETRY: _openllmetry,
    packages.HAYSTACK: _haystack,
    packages.GOOGLE_ADK: _google_adk,
    packages.LANGSMITH: _langsmith,
}


def check(visit: Visit) -> Iterator[Finding]:
    """Content by instrumentation; text that is off there leaves outputs without a hash."""
    installed = packages.installed(visit.path)
    found = packages.instrumentations(list(installed))
    if not found:
        yield not_applicable("content.seen", "there is no instrumentation to check")
        return
    versions = {name: distribution.version for name, distribution in installed.items()}
    hidden = {
        name: remedy
        for name in found
        if name in _QUESTIONS and (remedy := _QUESTIONS[name](versions)) is not None
    }
    if hidden:
        yield failure(
            "content.seen",
            f"{', '.join(hidden)} records spans without text, so their outputs have no hash",
            "; ".join(f"{name}: {remedy}" for name, remedy in hidden.items())
            + ". To keep the text from leaving then, set OTEL_AI_FEEDBACK_REVIEW_TEXT=off",
        )
    else:
        yield ok("content.seen", f"text is visible in {', '.join(found)}")
    if packages.GENAI in found or packages.OPENAI_V2 in found:
        yield _hook(visit)


def _hook(visit: Visit) -> Finding:
    chosen = os.environ.get(_HOOK, "").strip()
    if chosen in ("", "ai_feedback"):
        return ok("content.hook", "the completion hook is capture's: content capture may stay off")
    installed = packages.installed(visit.path)
    known = {
        entry.name
        for distribution in installed.values()
        for entry in distribution.entry_points
        if entry.group == "opentelemetry_genai_completion_hook"
    }
    if chosen not in known:
        return warning(
            "content.hook",
            f"{_HOOK} is {chosen!r}, and no installed package has a hook of that name",
            f"unset {_HOOK}, so that capture sets its own, or install what brings {chosen!r}",
        )
    return ok("content.hook", f"the completion hook {chosen!r} is called beside capture's own")
