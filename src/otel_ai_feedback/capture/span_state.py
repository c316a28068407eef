"""What capture knows of a live span. It hangs on the span; no table holds it.

Most spans are not LLM spans, so a span gets as little as will do: one list with where it stands,
which its siblings share. A state of its own is made when there is something to remember.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

from opentelemetry.sdk.trace import ReadableSpan, Span
from opentelemetry.trace import NonRecordingSpan

from otel_ai_feedback.attributes import HandleKind
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.request import Request
from otel_ai_feedback.capture.scope import Scope
from otel_ai_feedback.capture.sources.answer import Answer

_ATTRIBUTE: Final = "_otel_ai_feedback"
# What the list on a span holds: its own place or state, the place of its children once it has one,
# what its end made of it if it was an LLM span, and, until the first thread ends it, what to call
# before that.
_PLACE: Final = 0
_BELOW: Final = 1
_OUTPUT: Final = 2
_BEFORE_END: Final = 3


class SpanPosition:
    """Where a span stands; siblings share one.

    Attributes:
        request: The request it belongs to; ``None`` while a root span is all of it.
        parent: Gives the parent span while it lives.
        scope: The conversation it was started in.
        answer: Its answer, when a hook delivered one.
        user_turn: The last user turn, when a hook delivered one.
        messages: Input and output messages, when a hook delivered them.
        handle_kind: Set when a handle for it has left.
    """

    __slots__ = ("parent", "request", "scope")
    # What only a state of its own can have otherwise.
    answer: Answer | None = None
    user_turn: str | None = None
    messages: tuple[Any, Any] | None = None
    handle_kind: HandleKind | None = None

    def __init__(
        self,
        request: Request | None,
        parent: Callable[[], Any] | None,
        scope: Scope | None,
    ) -> None:
        self.request = request
        self.parent = parent
        self.scope = scope


class SpanState(SpanPosition):
    """Where a span stands and what is remembered of it alone."""

    __slots__ = ("answer", "handle_kind", "messages", "user_turn")
    request: Request

    def __init__(
        self, request: Request, parent: Callable[[], Any] | None, scope: Scope | None
    ) -> None:
        self.request = request
        self.parent = parent
        self.scope = scope
        self.answer = None
        self.user_turn = None
        self.messages = None
        self.handle_kind = None


# One for all spans, as it is held for a moment and only when a span gets a state of its own.
# Re-entrant: a finalizer that ends a span may run while it is held.
_lock = threading.RLock()
_ALONE: Final = SpanPosition(None, None, None)


def begin(
    span: Span,
    scope: Scope | None,
    holder: Any,
    before_end: Callable[[Span], object],
) -> None:
    """Put a span that has just started into its place.

    Args:
        span: The span.
        scope: The conversation it was started in.
        holder: The parent span, or ``None`` where the span is the first of its request here.
        before_end: Called with the span before it ends, by :mod:`.span_end`; must not raise.
    """
    if holder is None:
        place = _ALONE if scope is None else SpanPosition(None, None, scope)
    else:
        kept = getattr(holder, _ATTRIBUTE, None)
        below = kept[_BELOW] if type(kept) is list else None
        place = below if below is not None and below.scope is scope else _below(holder, scope)
    span._otel_ai_feedback = [place, None, None, before_end]  # type: ignore[attr-defined]


def begin_beneath_unknown(
    span: Span, scope: Scope | None, holder: Any, before_end: Callable[[Span], object]
) -> None:
    """As :func:`begin`, where the parent is known by its ids only: take it for the request's root.

    Such a parent is a span of another provider, or none at all: Langfuse and LangSmith put one that
    records nothing into the context. It is marked, so that all its children are of one request.

    Args:
        span: The span.
        scope: The conversation it was started in.
        holder: What the context has for a span, which may be that parent.
        before_end: As for :func:`begin`.
    """
    parent = cast(Any, span.parent)
    marked = getattr(holder, _ATTRIBUTE, None)
    if isinstance(marked, Request) and marked.context.span_id == parent.span_id:
        request = marked
    else:
        request = Request(parent, span.start_time or 0, _nothing, parent)
        # One that takes no attribute has children of a request each.
        with suppress(AttributeError, TypeError):
            if holder.get_span_context().span_id == parent.span_id:
                setattr(holder, _ATTRIBUTE, request)
    place = SpanPosition(request, None, scope)
    span._otel_ai_feedback = [place, None, None, before_end]  # type: ignore[attr-defined]


def is_known(holder: Any) -> bool:
    """Whether a span can be a parent of which capture knows where it stands, or can find out."""
    return type(getattr(holder, _ATTRIBUTE, None)) is list or isinstance(holder, ReadableSpan)


def take_end_hook(span: Any) -> Callable[[Span], object] | None:
    """What :func:`begin` was told to call before the span ends, for the first who ends it."""
    kept = getattr(span, _ATTRIBUTE, None)
    if type(kept) is not list:
        return None
    try:
        # Taken out in one step, so that of two threads only one gets it.
        return kept.pop(_BEFORE_END)  # type: ignore[no-any-return]
    except IndexError:
        return None


def place_of(span: Any) -> SpanPosition | None:
    """Where a span stands, with its request; ``None`` for spans that capture did not see."""
    kept = getattr(span, _ATTRIBUTE, None)
    if type(kept) is not list:
        return None
    place: SpanPosition = kept[_PLACE]
    return state_of(span) if place.request is None else place


def known_of(span: Any) -> tuple[SpanPosition | None, Output | None]:
    """Where a span stands, and what its end made of it if it was an LLM span."""
    kept = getattr(span, _ATTRIBUTE, None)
    return (kept[_PLACE], kept[_OUTPUT]) if type(kept) is list else (None, None)


def set_output(span: Any, output: Output) -> None:
    """Remember what the end of an LLM span made of it."""
    span._otel_ai_feedback[_OUTPUT] = output


def state_of(span: Any) -> SpanState | None:
    """The state of a span, made if it has none; ``None`` for spans that capture did not see."""
    kept = getattr(span, _ATTRIBUTE, None)
    if type(kept) is not list:
        return None
    state = kept[_PLACE]
    if type(state) is SpanState:
        return state
    with _lock:
        place: SpanPosition | SpanState = kept[_PLACE]
        if isinstance(place, SpanState):
            return place
        request = place.request
        if request is None:
            own = weakref.ref(span)
            parent = getattr(span, "parent", None)
            request = Request(span.get_span_context(), span.start_time or 0, own, parent)
        state = kept[_PLACE] = SpanState(request, place.parent, place.scope)
    return state


def after_fork() -> None:
    """Replace the lock, which another thread may have held when the process forked."""
    global _lock
    _lock = threading.RLock()


def _below(holder: Any, scope: Scope | None) -> SpanPosition:
    """A place for the children of a span, kept for the next of them."""
    kept = getattr(holder, _ATTRIBUTE, None)
    if type(kept) is not list:
        # It started before capture did, or on a provider that we do not see. Nothing is known
        # above it, so it stands for the root; its other children will share it.
        kept = vars(holder).setdefault(_ATTRIBUTE, [_ALONE, None, None])
    request = kept[_PLACE].request
    if request is None:
        request = cast(SpanState, state_of(holder)).request
    below = kept[_BELOW] = SpanPosition(request, weakref.ref(holder), scope)
    return below


def placeholder_span(request: Request) -> NonRecordingSpan:
    """A span under which other spans become parts of a request whose own span may have ended."""
    span = NonRecordingSpan(request.context)
    setattr(span, _ATTRIBUTE, [SpanState(request, None, None), None, None])
    return span


def _nothing() -> None:
    return None
