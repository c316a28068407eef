"""LiteLLM's ``otel`` callback: GenAI messages, but operations named after its own functions."""

from __future__ import annotations

from typing import Final

from otel_ai_feedback.capture.sources.source import Recorded, Source

_REQUEST: Final = "llm.request.type"
_LLM_REQUESTS: Final = (
    "acompletion",
    "text_completion",
    "atext_completion",
    "responses",
    "aresponses",
    "anthropic_messages",
    "aanthropic_messages",
    "generate_content",
    "agenerate_content",
    "generate_content_stream",
    "agenerate_content_stream",
)


def _is_llm(span: Recorded) -> bool:
    return span.attributes.get(_REQUEST) in _LLM_REQUESTS


SOURCE: Final = Source(
    name="LiteLLM",
    markers=frozenset({_REQUEST}),
    is_llm=_is_llm,
    # The span beneath has the provider's request and response, under the provider's name.
    text_attributes=tuple(
        f"llm.{provider}.{part}"
        for provider in ("openai", "azure", "anthropic", "bedrock", "vertex_ai", "gemini", "groq")
        for part in ("messages", "input", "prompt", "choices", "content", "output")
    ),
)
