"""The conversation in which LLM calls happen, carried in the OpenTelemetry context.

It is not baggage: nothing of it leaves the process on outgoing requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from opentelemetry import context as otel_context
from opentelemetry.context import Context, get_current

from otel_ai_feedback.attributes import CHANNELS
from otel_ai_feedback.capture.ambient import with_ambient_id
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.text.normalise import scrub

# Longer ones are cut: an id of a megabyte on every span would be the application's undoing.
_MAX_LENGTH: Final = 512
_KEY: Final = otel_context.create_key("otel-ai-feedback-scope")


class Scope:
    """What :func:`otel_ai_feedback.conversation` says about the calls beneath it.

    Attributes:
        conversation_id: The application's id of the conversation.
        subject: The user as the application names them; hashed before anything leaves.
        feature: Feature of the service.
        channel: How the user gets the answer.
        prompt_version: Version of the prompt that is in use.
        question: What the user asked, where the model gets it inside something longer.
        observed: Whether anything beneath it may be recorded.
        answers: Whether the outputs beneath it are what the user is answered.
        newest: The last output made beneath it that may have been the user's answer.
    """

    __slots__ = (
        "answers",
        "channel",
        "conversation_id",
        "feature",
        "newest",
        "observed",
        "prompt_version",
        "question",
        "subject",
    )

    def __init__(
        self,
        conversation_id: str | None,
        subject: str | None,
        feature: str | None,
        observed: bool = True,
        channel: str | None = None,
        prompt_version: str | None = None,
        question: str | None = None,
        answers: bool = False,
    ) -> None:
        self.conversation_id: Final = conversation_id
        self.subject: Final = subject
        self.feature: Final = feature
        self.observed: Final = observed
        self.channel: Final = channel
        self.prompt_version: Final = prompt_version
        self.question: Final = question
        self.answers: Final = answers
        self.newest: Output | None = None


_UNOBSERVED: Final = Scope(None, None, None, observed=False)
_request_opted_out: Final = ContextVar("otel-ai-feedback-request-opted-out", default=False)


def context_of(
    conversation_id: object,
    subject: object,
    feature: object,
    observed: bool = True,
    channel: object = None,
    prompt_version: object = None,
    question: object = None,
    answers: bool = False,
) -> Context:
    """The current context with a new scope, which inherits what is not named.

    Args:
        conversation_id: The application's id of the conversation; a UUID or number will do.
        subject: The user.
        feature: Feature of the service.
        observed: Whether to record anything; who has opted out further up stays so.
        channel: How the user gets the answer; one that is not known is left out.
        prompt_version: Version of the prompt that is in use.
        question: What the user asked; only its hash and sketch leave.
        answers: Whether the outputs beneath are what the user is answered.
    """
    outer = scope_of() or Scope(None, None, None)
    scope = Scope(
        _name(conversation_id) or outer.conversation_id,
        _name(subject) or outer.subject,
        _name(feature) or outer.feature,
        observed and outer.observed,
        str(channel) if channel in CHANNELS else outer.channel,
        _name(prompt_version) or outer.prompt_version,
        question if isinstance(question, str) and question else outer.question,
        answers or outer.answers,
    )
    context = otel_context.set_value(_KEY, scope)
    if scope.observed and scope.conversation_id is not None:
        return with_ambient_id(scope.conversation_id, context)
    return context


def _name(value: object) -> str | None:
    return None if value is None else scrub(str(value)[:_MAX_LENGTH]) or None


def scope_of(context: Context | None = None) -> Scope | None:
    """The scope in a context, the current one by default."""
    if _request_opted_out.get():
        return _UNOBSERVED
    found = (get_current() if context is None else context).get(_KEY)
    return found if type(found) is Scope else None


def opted_out() -> bool:
    """Whether nothing of what happens now may be recorded."""
    scope = scope_of()
    return scope is not None and not scope.observed


@contextmanager
def request_opted_out(opted_out: bool) -> Iterator[None]:
    """Whether the client of a request has opted out, for all that is done in a ``with`` block.

    Not in the OpenTelemetry context, as instrumentations of web frameworks replace that one.
    """
    if not opted_out:
        yield
        return
    token = _request_opted_out.set(True)
    try:
        yield
    finally:
        _request_opted_out.reset(token)
