"""What arrives and is of no use, in words: each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from otel_ai_feedback.formats import plural
from otel_ai_feedback.store.ask import Row
from otel_ai_feedback.tagging_remedies import how_to_tag

_MANY: Final = 0.5
# A few requests may have come without their events, or be under way.
_ENOUGH: Final = 3
_NO_CALLS: Final = (
    "Install one, such as pip install 'otel-ai-feedback[openai]', and switch it on before "
    "the first call: OpenAIInstrumentor().instrument(). Under opentelemetry-instrument, "
    "installing it is enough."
)
_NO_CALLS_NODE: Final = (
    "Switch the telemetry of the AI SDK on, or install one, such as npm install "
    "@traceloop/instrumentation-openai (docs/node.md)."
)


@dataclass(frozen=True)
class Arrival:
    """What a service sent within some hours.

    Attributes:
        service: Its name.
        seen: What arrived.
        gaps: What is missing or of no use: what was seen, and the remedy.
    """

    service: str
    seen: str
    gaps: Sequence[tuple[str, str]]


def arrivals(rows: Iterable[Row]) -> list[Arrival]:
    """The answer to the question ``pages/arrivals``, in words."""
    return [
        Arrival(
            row["service"] or "unnamed service",
            f"{plural(row['spans'], 'span')}, {plural(row['model_calls'], 'model call')}, "
            f"{plural(row['actions'], 'user action')}",
            list(_gaps(row)),
        )
        for row in rows
    ]


def _gaps(row: Row) -> Iterator[tuple[str, str]]:
    if not row["model_calls"]:
        yield (
            "No span of a model call: the LLM instrumentation is missing.",
            _NO_CALLS_NODE if row["language"] == "nodejs" else _NO_CALLS,
        )
    if row["untagged"]:
        yield (
            f"{plural(row['untagged'], 'model call')} without our tags.",
            how_to_tag(row["language"]),
        )
    if row["without_text"] >= max(_ENOUGH, _MANY * row["answers"]):
        yield (
            f"{plural(row['without_text'], 'answer')} whose text was not recorded.",
            "Copies and pastes cannot be recognised by text. docs/instrumentations.md says for "
            "each instrumentation how its text reaches capture.",
        )
    if row["answers"] >= _ENOUGH and not row["events"]:
        yield (
            "No events about answers: log records go elsewhere, or nowhere.",
            "Send logs here too: set OTEL_EXPORTER_OTLP_ENDPOINT instead of "
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT. Without them, asking again is not found.",
        )
    if row["answers"] and not row["actions"]:
        yield (
            "No user actions yet.",
            "Add the middleware and the script to the page, or call record_action() (docs/web.md). "
            "Asking again is found without either.",
        )
    if row["unlinked"]:
        yield (
            f"{row['unlinked']} of {plural(row['actions'], 'user action')} matched no answer.",
            "Give record_action() the handle that came with the answer; where services differ, "
            "they need the same OTEL_AI_FEEDBACK_KEY (docs/linking.md).",
        )
