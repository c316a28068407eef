"""By what an output is known: ids, model and prompt, whatever a convention calls them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback import attributes as names
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.sources import (
    USUAL,
    find_model,
    find_response_id,
    find_session_id,
)
from otel_ai_feedback.capture.sources.source import Recorded, Source
from otel_ai_feedback.capture.text.normalise import scrub

# Longer ones are not remembered: what is remembered must not grow with what others send.
MAX_ID: Final = 512
_SESSION: Final = names.SESSION_ID
_CONVERSATION: Final = names.CONVERSATION_ID
_RESPONSE_ID: Final = names.RESPONSE_ID
_PROMPT_NAME: Final = "gen_ai.prompt.name"
_PROMPT_VERSION: Final = "gen_ai.prompt.version"
_REQUEST_MODEL: Final = "gen_ai.request.model"
_RESPONSE_MODEL: Final = "gen_ai.response.model"
_MODELS: Final = frozenset({_REQUEST_MODEL, "llm.model_name"})


def identify(
    output: Output, sources: tuple[Source, ...], recorded: Recorded, own: dict[str, Any]
) -> None:
    """Ids and model, with the store's own names for what a convention calls otherwise."""
    attributes = recorded.attributes
    get = attributes.get
    response_id = get(_RESPONSE_ID)
    if type(response_id) is str:
        # The usual one, at the cost of a comparison.
        usual = 0 < len(response_id) <= MAX_ID and response_id.isascii()
        output.response_id = response_id if usual else id_of(response_id)
    else:
        response_id = find_response_id(sources, recorded)
        if response_id is not None:
            output.response_id = id_of(response_id)
            if output.response_id is not None and _RESPONSE_ID not in attributes:
                own[_RESPONSE_ID] = output.response_id
    conversation_id, session_id = get(_CONVERSATION), get(_SESSION)
    if conversation_id is not None:
        output.conversation_id = id_of(conversation_id)
    if session_id is not None:
        output.session_id = id_of(session_id)
    if output.session_id is None and sources is not USUAL:
        session_id = find_session_id(sources, recorded)
        if session_id is not None:
            output.session_id = id_of(session_id)
        if output.session_id is not None:
            own[names.SESSION_ID] = output.session_id
    if _RESPONSE_MODEL not in attributes and attributes.keys().isdisjoint(_MODELS):
        model = id_of(find_model(sources, recorded))
        if model is not None:
            own[_REQUEST_MODEL] = model


def prompt_of(attributes: Mapping[str, Any]) -> str | None:
    """Name and version of the prompt template, where the instrumentation knows them."""
    version = attributes.get(_PROMPT_VERSION)
    if version is None:
        return None
    name = id_of(attributes.get(_PROMPT_NAME))
    version = id_of(str(version))
    return version if name is None or version is None else f"{name}@{version}"


def id_of(value: Any) -> str | None:
    """An id that can be remembered and exported."""
    return scrub(value) if isinstance(value, str) and 0 < len(value) <= MAX_ID else None
