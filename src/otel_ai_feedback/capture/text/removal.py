"""Taking the text out of spans and log records before they leave.

What carries text is what the conventions say. On a span it is taken out before the span ends, so
that no exporter sees it, whatever the order of the processors.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Event, Span
from opentelemetry.trace import SpanKind, Status, StatusCode

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.sources import MARKERS, SOURCES

_NAMES: Final = frozenset(
    name for source in SOURCES for name in source.text_attributes if not name.endswith(".")
) | {
    # The older names of whole prompts and completions, and a judge's reasons, which quote them.
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.evaluation.explanation",
    # What was looked for and found, and what tools and agents are told to be.
    "gen_ai.retrieval.query.text",
    "gen_ai.retrieval.documents",
    "gen_ai.memory.query.text",
    "gen_ai.memory.records",
    "gen_ai.tool.definitions",
    "gen_ai.tool.description",
    "gen_ai.agent.description",
}
_PREFIXES: Final = (
    *{name for source in SOURCES for name in source.text_attributes if name.endswith(".")},
    "spring.ai.tool.call.",
    "llm.tools.",
)
# Addresses, of which the query may quote what is looked for; the rest of them stays.
_ADDRESSES: Final = ("url.full", "http.url", "http.target", "url.query")
# What the name and version of a prompt template are called, beneath what once were prompts.
_NOT_TEXT: Final = frozenset({"gen_ai.prompt.name", "gen_ai.prompt.version"})

# Events that are a message as a whole; of these only what cannot be text is kept.
_MESSAGES: Final = ("gen_ai.choice", "gen_ai.content.prompt", "gen_ai.content.completion")
_OF_MESSAGES: Final = frozenset(
    {"event.name", "finish_reason", "gen_ai.provider.name", "gen_ai.system", "id", "index", "role"}
)
# What a provider or a validator says went wrong quotes what it was given. The error's type stays.
_OF_ERRORS: Final = frozenset({"exception.message", "exception.stacktrace", "error.message"})


def is_text(name: str) -> bool:
    """Whether an attribute carries prompts, answers, or arguments and results of tools."""
    return name in _NAMES or (name.startswith(_PREFIXES) and name not in _NOT_TEXT)


def remove_text(span: Span, guard: Guard, quotes: bool = False) -> None:
    """Take the text out of a span that is about to end, or count and say that it cannot be done.

    Args:
        span: The span.
        guard: Counters and log.
        quotes: Whether its errors may quote what a model was given.
    """
    try:
        remove_from_span(span, quotes)
    except Exception as error:
        not_removed(f"a {type(span).__qualname__}", type(error).__name__, guard)


def not_removed(what: str, why: str, guard: Guard) -> None:
    """Account for text that leaves although it should not.

    Args:
        what: What it is the text of.
        why: Why it could not be taken out.
        guard: Counters and log.
    """
    guard.refused(
        "text_not_removed",
        f"OTEL_AI_FEEDBACK_REVIEW_TEXT cannot be kept: the text of {what} leaves as it was "
        f"recorded ({why}); switch off content capture in the instrumentation",
    )


def remove_from_span(span: Span, quotes: bool = False) -> None:
    """Take the text out of a span that is about to end.

    Of an LLM span, any other that carries text, and those around a model call, error messages are
    taken out as well.

    Args:
        span: The span.
        quotes: Whether its errors may quote what a model was given.

    Raises:
        Exception: If it cannot be done, as the span is not made like those of the SDK.
    """
    held = _held(span._attributes)
    texts = [name for name in list(held) if is_text(name)]
    of_model = quotes or bool(texts) or not MARKERS.isdisjoint(held)
    if of_model:
        texts += _OF_ERRORS
        if span.status.status_code is StatusCode.ERROR and span.status.description:
            span.set_status(Status(StatusCode.ERROR))
    _take_out(held, texts)
    if of_model or span.kind is SpanKind.CLIENT:
        _shorten_addresses(held)
    events: Any = span._events._dq  # type: ignore[attr-defined]
    for at, event in enumerate(span.events):
        texts = _texts_of_event(event.name, event.attributes, of_model)
        if texts:
            # Another in its place: the worker may still have to read this one.
            kept = BoundedAttributes(attributes=event.attributes, immutable=False)
            _take_out(_held(kept), texts)
            events[at] = Event(event.name, kept, event.timestamp)


def remove_from_record(record: Any, event: str) -> None:
    """Take the text out of a log record.

    Args:
        record: The record.
        event: Name of its event, or nothing.

    Raises:
        Exception: As for spans.
    """
    texts = _texts_of_event(event, record.attributes, event.startswith("gen_ai."))
    if texts:
        _take_out(_held(record.attributes), texts)
    body = record.body
    if _is_message(event):
        record.body = (
            {name: body[name] for name in body if name in _OF_MESSAGES}
            if isinstance(body, Mapping)
            # Exporters of old SDKs lose the batch over a record without any.
            else ""
        )
    elif isinstance(body, Mapping):
        record.body = {name: body[name] for name in body if not is_text(str(name))}


def _shorten_addresses(held: dict[str, Any]) -> None:
    """Leave addresses without their query: a search asks by it, as do models' own files."""
    for name in _ADDRESSES:
        address = held.get(name)
        if isinstance(address, str):
            held[name] = "" if name == "url.query" else address.partition("?")[0]


def _is_message(event: str) -> bool:
    return event in _MESSAGES or (event.startswith("gen_ai.") and event.endswith(".message"))


def _texts_of_event(event: str, attributes: Mapping[str, Any] | None, of_model: bool) -> list[str]:
    """Attributes of a span event or log record that carry text."""
    names = list(attributes or ())
    if _is_message(event):
        return [name for name in names if name not in _OF_MESSAGES]
    return [name for name in names if is_text(name) or (of_model and name in _OF_ERRORS)]


def _held(attributes: Any) -> dict[str, Any]:
    """The dict beneath the SDK's mapping, in which each miss costs an exception."""
    held: dict[str, Any] = getattr(attributes, "_dict", attributes)
    return held


def _take_out(held: dict[str, Any], names: Collection[str]) -> None:
    for name in names:
        held.pop(name, None)
