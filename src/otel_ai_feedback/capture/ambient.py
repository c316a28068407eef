"""The conversation id that ``opentelemetry-util-genai`` carries in the OpenTelemetry context.

The module is used where the application has loaded it, as this package must not depend on it.
"""

from __future__ import annotations

import sys
from typing import Final

from opentelemetry.context import Context

_MODULE: Final = "opentelemetry.util.genai._conversation_context"


def with_ambient_id(conversation_id: str, context: Context) -> Context:
    """The context in which the GenAI instrumentations find the conversation."""
    module = sys.modules.get(_MODULE)
    if module is None:
        return context
    found: Context = module.with_conversation_id(conversation_id, context)
    return found


def ambient_id() -> str | None:
    """The conversation that the application named to them."""
    module = sys.modules.get(_MODULE)
    found = None if module is None else module.get_ambient_conversation_id()
    return found if isinstance(found, str) else None
