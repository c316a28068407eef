"""Text from instrumentations built on ``opentelemetry-util-genai``, content capture on or off.

Their completion hook receives the messages together with the recording span before anything is
decided about what leaves. The hook keeps the text on the span object until the span ends a moment
later; nothing of it is exported.
"""

from __future__ import annotations

import gc
import importlib
import os
import weakref
from collections.abc import Sequence
from types import CellType, FunctionType
from typing import Any, Final

from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install.patching import AfterConstruction
from otel_ai_feedback.capture.sources.messages import first_choice, last_user_turn_of
from otel_ai_feedback.capture.span_state import state_of

NAME: Final = "ai_feedback"
_VARIABLE: Final = "OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK"
_DECISION: Final = "capture_content"
_HANDLER_MODULE: Final = "opentelemetry.util.genai.handler"


_selected = False


def select() -> None:
    """Have handlers that are built from now on load our hook, unless another one is chosen."""
    global _selected
    if not os.environ.get(_VARIABLE):
        os.environ[_VARIABLE] = NAME
        _selected = True


def _deselect() -> None:
    global _selected
    if _selected and os.environ.get(_VARIABLE) == NAME:
        del os.environ[_VARIABLE]
    _selected = False


class FeedbackHook:
    """The hook that the entry point ``ai_feedback`` names.

    Args:
        inner: A hook that was there before and is called as well.
    """

    def __init__(self, inner: Any = None) -> None:
        self.inner = inner

    def on_completion(
        self,
        *,
        inputs: Sequence[Any] = (),
        outputs: Sequence[Any] = (),
        span: Any = None,
        **others: Any,
    ) -> None:
        """Keep the answer and the last user turn with the span."""
        try:
            state = state_of(span)
            if state is not None:
                # No messages at all is what a failed call looks like, not an empty answer.
                if outputs:
                    state.answer = first_choice(outputs)
                state.user_turn = last_user_turn_of(inputs)
                state.messages = (inputs, outputs)
        except Exception:
            GUARD.failed("reading a completion")
        if self.inner is not None:
            self.inner.on_completion(inputs=inputs, outputs=outputs, span=span, **others)


class HookInstaller:
    """Puts the hook into handlers built before, and after, capture was switched on.

    The environment variable reaches handlers that are built later and load their hook by it. The
    handler's constructor is wrapped for those that are given another hook. Handlers that exist
    already are looked up among the live objects, once: the instrumentations keep them in closures
    only, and in the same closures whether messages are to be collected at all.
    """

    def __init__(self) -> None:
        self._patched: AfterConstruction | None = None
        self._active = True
        self._before: weakref.WeakKeyDictionary[Any, tuple[Any, bool]] = weakref.WeakKeyDictionary()
        self._cells: list[CellType] = []

    def install(self) -> None:
        """Reach every handler from now on."""
        select()
        try:
            handlers = importlib.import_module(_HANDLER_MODULE).TelemetryHandler
        except ImportError:
            return
        except Exception:
            GUARD.failed("looking for opentelemetry-util-genai")
            return
        self._patched = AfterConstruction(handlers, self._adopt)
        wrappers: list[FunctionType] = []
        for found in gc.get_objects():
            # type(), as isinstance() would run code of proxies that are none of our business.
            kind = type(found)
            if issubclass(kind, handlers):
                self._adopt(found)
            elif kind is FunctionType and _DECISION in found.__code__.co_freevars:
                wrappers.append(found)
        for wrapper in wrappers:
            self._collect_messages(wrapper)

    def uninstall(self) -> None:
        """Leave everything as it was found."""
        _deselect()
        self._active = False
        if self._patched is not None:
            self._patched.undo()
        for handler, (hook, content) in list(self._before.items()):
            handler._completion_hook = hook
            handler._capture_content = content
        for cell in self._cells:
            cell.cell_contents = False

    def _adopt(self, handler: Any) -> None:
        if not self._active:
            return
        try:
            hook = handler._completion_hook
            wrapped = getattr(hook, "_wrapped", hook)
            if isinstance(wrapped, FeedbackHook):
                return
            self._before[handler] = (hook, handler._capture_content)
            nothing = type(wrapped).__name__ == "_NoOpCompletionHook"
            handler._completion_hook = FeedbackHook(None if nothing else hook)
            handler._capture_content = True
        except Exception:
            GUARD.failed("adding the completion hook")

    def _collect_messages(self, wrapper: FunctionType) -> None:
        """Change the decision that a wrapper around the client took from one of our handlers."""
        cells = dict(zip(wrapper.__code__.co_freevars, wrapper.__closure__ or (), strict=False))
        try:
            handler, decision = cells["handler"].cell_contents, cells[_DECISION]
            if handler in self._before and decision.cell_contents is False:
                decision.cell_contents = True
                self._cells.append(decision)
        except (KeyError, TypeError, ValueError):
            # Another person's function with a variable of that name, or one not yet assigned.
            return
