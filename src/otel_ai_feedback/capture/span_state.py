"""What capture knows of a live span, and how it gets the last word before the span ends.

``_on_ending`` comes too late (the SDK freezes the span first), so the instance's ``end`` is
replaced by an object that tags the span through its public setter and then ends it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from opentelemetry.sdk.trace import Span

from otel_ai_feedback.attributes import HandleKind
from otel_ai_feedback.capture.request import Request
from otel_ai_feedback.capture.scope import Scope
from otel_ai_feedback.capture.sources.answer import Answer

_ATTRIBUTE: Final = "_otel_ai_feedback"


class SpanState:
    """State of one span; called in place of its ``end``.

    Until the span ends it is held here, because in ``tracer.start_span("x").end()`` nobody else
    holds it while ``end`` runs. That cycle is cut before the span ends, so that ended spans leave
    nothing to the cycle collector.

    Attributes:
        span: Gives the span while it lives.
        request: The request it belongs to.
        parent: Gives the parent span while it lives.
        scope: The conversation it was started in.
        answer: Its answer, when a hook delivered one.
        user_turn: The last user turn, when a hook delivered one.
        handle_kind: Set when a handle for it has left.
    """

    __slots__ = (
        "__weakref__",
        "_held",
        "_inner",
        "_tag",
        "answer",
        "handle_kind",
        "parent",
        "request",
        "scope",
        "span",
        "user_turn",
    )

    def __init__(
        self,
        span: Callable[[], Any],
        request: Request,
        parent: Callable[[], Any] | None = None,
        scope: Scope | None = None,
    ) -> None:
        self.span: Final = span
        self.request: Final = request
        self.parent: Final = parent
        self.scope: Final = scope
        self.answer: Answer | None = None
        self.user_turn: str | None = None
        self.handle_kind: HandleKind | None = None
        self._held: list[Span] = []
        self._inner: Callable[..., Any] | None = None
        self._tag: Callable[[Span, SpanState], None] | None = None

    def tag_before_end(self, span: Span, tag: Callable[[Span, SpanState], None]) -> None:
        """Attach to a span that has just started, and have ``tag`` called before it ends.

        Args:
            span: The span of this state.
            tag: Must not raise.
        """
        setattr(span, _ATTRIBUTE, self)
        self._held.append(span)
        self._tag = tag
        inner = span.end
        # Somebody may have wrapped the instance's end before us; theirs is called after ours.
        # (Not looked up in __dict__: asking for it makes CPython build one for each span.)
        if getattr(inner, "__func__", None) is not type(span).end:
            self._inner = inner
        span.end = self  # type: ignore[method-assign]

    def attach(self, span: Any) -> SpanState:
        """Attach to a span that started before capture did; its state, if another was quicker."""
        state: SpanState = vars(span).setdefault(_ATTRIBUTE, self)
        return state

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Tag the span, the first time, and end it."""
        try:
            # Two threads may end one span; list.pop is atomic, so one of them tags it.
            span = self._held.pop()
        except IndexError:
            ended = self.span()
            return None if ended is None else self._end(ended, *args, **kwargs)
        try:
            if self._tag is not None and span.is_recording():
                self._tag(span, self)
        finally:
            if span.end is self:
                del span.end
            # In the finally clause: an interrupt while tagging must not leave the span open.
            self._end(span, *args, **kwargs)
        return None

    def _end(self, span: Span, *args: Any, **kwargs: Any) -> Any:
        if self._inner is not None:
            return self._inner(*args, **kwargs)
        return type(span).end(span, *args, **kwargs)


def state_of(span: Any) -> SpanState | None:
    """The state that capture gave to a span, if it did."""
    state = getattr(span, _ATTRIBUTE, None)
    return state if isinstance(state, SpanState) else None
