"""What capture needs to know of a convention."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from otel_ai_feedback.capture.sources.answer import Answer

# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__


class Recorded(NamedTuple):
    """What an instrumentation recorded on a span that is about to end; never the span itself.

    Attributes:
        attributes: Its attributes. To look names up in; what is looked through, or kept for the
            worker, is :meth:`copied`.
        events: Its span events, each with ``name`` and ``attributes``.
        limit: The length at which the SDK cuts attribute values, if it does.
        scope: Name of the instrumentation scope.
        dropped: How many attributes the SDK dropped for want of room, the oldest first.
    """

    attributes: Mapping[str, Any]
    events: Sequence[Any] = ()
    limit: int | None = None
    scope: str = ""
    dropped: int = 0

    def copied(self) -> Recorded:
        """The same with a plain copy of the attributes, which the span no longer changes."""
        held = self.attributes
        # Several times faster than dict() for a dict from which keys were deleted.
        copy = held.copy() if type(held) is dict else dict(held)
        return _new(Recorded, (copy, *self[1:]))

    def characters(self) -> int:
        """Length of the texts that it keeps alive."""
        return sum(len(value) for value in self.attributes.values() if type(value) is str)


def attributes_of(span: Any) -> Mapping[str, Any]:
    """The attributes of a span to read from, not to keep.

    In the SDK's own mapping each look-up that misses costs an exception, and each loop a copy; so
    this is the dict beneath it, where there is one.
    """
    try:
        # Several times faster than the property, which makes a view each time.
        kept: Mapping[str, Any] = span._attributes._dict
    except AttributeError:
        kept = ()  # type: ignore[assignment]
    if type(kept) is dict:
        return kept
    attributes = getattr(span, "attributes", None)
    found: Mapping[str, Any] = getattr(attributes, "_dict", attributes) or {}
    return found


def recorded_of(span: Any, attributes: Mapping[str, Any]) -> Recorded:
    """What is on a span.

    Args:
        span: The span.
        attributes: What :func:`attributes_of` found on it.
    """
    scope = span.instrumentation_scope
    name = "" if scope is None else scope.name
    try:
        kept, limit = span._events._dq, span._limits.max_span_attribute_length
        dropped = span._attributes.dropped
    except AttributeError:
        # A span that is not made like the SDK's.
        limit = getattr(getattr(span, "_limits", None), "max_span_attribute_length", None)
        dropped = getattr(getattr(span, "_attributes", None), "dropped", 0)
        return Recorded(attributes, span.events, limit, name, dropped)
    # Asking an SDK span for its events makes a copy, though most have none.
    return _new(Recorded, (attributes, span.events if kept else (), limit, name, dropped))


def nothing(span: Recorded) -> None:
    """For what a convention does not record, or records as another one does."""


@dataclass(frozen=True, eq=False)
class Source:
    """A convention; each of its functions must accept whatever is on the span.

    Attributes:
        name: The convention, as docs/instrumentations.md lists it.
        markers: Attribute names, one of which is there whenever this convention has anything to
            say about a span. Spans with none of any convention's cost next to nothing.
        is_llm: Whether the span is a model call with an answer of its own.
        answer: The model's answer, or ``None`` when this convention recorded none.
        last_user_turn: Text of the user's last message, if it was recorded whole.
        asked: The one attribute that ``last_user_turn`` looks at, where it is one.
        response_id: The model's id for the answer.
        model: Name of the model, where it is not under ``gen_ai.response.model``,
            ``gen_ai.request.model`` or ``llm.model_name``.
        session_id: The session or conversation, where it is not under ``session.id`` or
            ``gen_ai.conversation.id``.
        text_attributes: Attributes that carry prompts, answers, or arguments and results of
            tools, on any span; one that ends with a dot stands for all that begin with it.
    """

    name: str
    markers: frozenset[str]
    is_llm: Callable[[Recorded], bool]
    answer: Callable[[Recorded], Answer | None] = nothing
    last_user_turn: Callable[[Recorded], str | None] = nothing
    asked: str | None = None
    response_id: Callable[[Recorded], str | None] = nothing
    model: Callable[[Recorded], str | None] = nothing
    session_id: Callable[[Recorded], str | None] = nothing
    text_attributes: tuple[str, ...] = ()
