"""Which packages make LLM spans, by name, and which clients they are for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Final


@dataclass(frozen=True)
class Instrumentation:
    """An instrumentation that capture knows.

    Attributes:
        name: What people call it; docs/instrumentations.md has it under this name.
        pattern: Its packages, by their normalised names.
    """

    name: str
    pattern: re.Pattern[str]


GENAI: Final = "OpenTelemetry GenAI"
OPENAI_V2: Final = "OpenTelemetry openai-v2"
OPENINFERENCE: Final = "OpenInference"
OPENLLMETRY: Final = "OpenLLMetry"
PYDANTIC_AI: Final = "pydantic-ai"
LOGFIRE: Final = "Logfire"
LITELLM: Final = "LiteLLM"
LANGSMITH: Final = "LangSmith"
LANGFUSE: Final = "Langfuse"
MLFLOW: Final = "MLflow"
STRANDS: Final = "Strands Agents"
GOOGLE_ADK: Final = "Google ADK"
AGENT_FRAMEWORK: Final = "Microsoft Agent Framework"
HAYSTACK: Final = "Haystack"

_LLMS: Final = (
    "openai|openai-agents|anthropic|alephalpha|bedrock|cohere|crewai|google-generativeai|groq|"
    "haystack|langchain|llamaindex|mistralai|ollama|replicate|sagemaker|together|transformers|"
    "vertexai|watsonx|writer"
)

KNOWN: Final = tuple(
    Instrumentation(name, re.compile(pattern))
    for name, pattern in (
        (GENAI, r"opentelemetry-instrumentation-genai-.+"),
        (OPENAI_V2, r"opentelemetry-instrumentation-(openai-v2|google-genai)"),
        (OPENINFERENCE, r"openinference-instrumentation-.+"),
        (OPENLLMETRY, rf"traceloop-sdk|opentelemetry-instrumentation-({_LLMS})"),
        (PYDANTIC_AI, r"pydantic-ai(-slim)?"),
        (LOGFIRE, r"logfire"),
        (LITELLM, r"litellm"),
        (LANGSMITH, r"langsmith"),
        (LANGFUSE, r"langfuse"),
        (MLFLOW, r"mlflow(-tracing|-skinny)?"),
        (STRANDS, r"strands-agents"),
        (GOOGLE_ADK, r"google-adk"),
        (AGENT_FRAMEWORK, r"agent-framework(-core)?"),
        (HAYSTACK, r"opentelemetry-haystack"),
    )
)
"""Every instrumentation of docs/instrumentations.md that is a Python package."""

CLIENTS: Final = {
    "openai": "opentelemetry-instrumentation-genai-openai",
    "anthropic": "opentelemetry-instrumentation-genai-anthropic",
    "langchain": "openinference-instrumentation-langchain",
    "langchain-core": "openinference-instrumentation-langchain",
    "llama-index-core": "openinference-instrumentation-llama-index",
    "google-genai": "opentelemetry-instrumentation-google-genai",
    "mistralai": "openinference-instrumentation-mistralai",
    "groq": "openinference-instrumentation-groq",
    "ollama": "opentelemetry-instrumentation-ollama",
    "cohere": "opentelemetry-instrumentation-cohere",
    "boto3": "openinference-instrumentation-bedrock",
    "haystack-ai": "opentelemetry-haystack",
}
"""Clients of models, and an instrumentation of each."""


def installed(path: Sequence[str]) -> dict[str, metadata.Distribution]:
    """Every installed package by its normalised name; of several, the one that is imported.

    Args:
        path: Where to look, as ``sys.path``.
    """
    found: dict[str, metadata.Distribution] = {}
    for distribution in metadata.distributions(path=list(path)):
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), distribution)
    return found


def instrumentations(names: Sequence[str]) -> dict[str, list[str]]:
    """Which instrumentations there are among packages, each with the packages of it."""
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        for known in KNOWN:
            if known.pattern.fullmatch(name):
                found.setdefault(known.name, []).append(name)
                break
    return found
