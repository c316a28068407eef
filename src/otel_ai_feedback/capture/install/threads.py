"""Taking the request and the conversation along to threads, where Python leaves them behind.

``loop.run_in_executor``, ``ThreadPoolExecutor.submit`` and ``Thread`` begin with empty context
variables, so a model call in there would belong to no request. Only what capture needs is taken
along, and only from within a request or conversation that it knows. Threads of pools and daemons
outlive the request in which they happen to be started, and get nothing.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry.context import Context

from otel_ai_feedback.capture.exchange import Exchange, current_exchange
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.scope import request_opted_out, scope_of

_POOLS: Final = "concurrent.futures"
_WHERE: Final = "carrying the request into a thread"


class ThreadContext:
    """Wraps the two ways by which work gets to a thread.

    Args:
        guard: Counters and log.
    """

    def __init__(self, guard: Guard) -> None:
        submit: Any = ThreadPoolExecutor.submit
        start = threading.Thread.start

        @functools.wraps(submit)
        def submitting(pool: Any, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
            try:
                fn = _carrying(fn, guard)
            except Exception:
                guard.failed(_WHERE)
            return submit(pool, fn, *args, **kwargs)

        @functools.wraps(start)
        def starting(thread: threading.Thread) -> None:
            try:
                if not (thread.daemon or _is_of_a_pool(thread)):
                    run = thread.run
                    carrying = _carrying(run, guard)
                    if carrying is not run:
                        thread.run = functools.partial(_run_once, thread, carrying)  # type: ignore[method-assign]
            except Exception:
                guard.failed(_WHERE)
            start(thread)

        self._before: Final = (submit, start)
        self._ours: Final[tuple[Any, Any]] = (submitting, starting)
        ThreadPoolExecutor.submit = submitting  # type: ignore[method-assign]
        threading.Thread.start = starting  # type: ignore[assignment, method-assign]

    def undo(self) -> None:
        """Put the methods back, unless someone has wrapped ours since."""
        if ThreadPoolExecutor.submit is self._ours[0]:
            ThreadPoolExecutor.submit = self._before[0]  # type: ignore[method-assign]
        if threading.Thread.start is self._ours[1]:
            threading.Thread.start = self._before[1]  # type: ignore[method-assign]


def _is_of_a_pool(thread: threading.Thread) -> bool:
    module = getattr(getattr(thread, "_target", None), "__module__", None) or ""
    return str(module).startswith(_POOLS)


def _run_once(thread: threading.Thread, carrying: Callable[[], Any]) -> None:
    # The thread holds this, and this holds the thread.
    del thread.__dict__["run"]
    carrying()


def _carrying(work: Callable[..., Any], guard: Guard) -> Callable[..., Any]:
    """The work, done within the request and conversation of the caller, if there is any."""
    exchange, scope = current_exchange(), scope_of()
    if exchange is None and scope is None:
        return work
    context = otel_context.get_current()
    opted_out = scope is not None and not scope.observed

    def carrying(*args: Any, **kwargs: Any) -> Any:
        taken: list[ExitStack] = []
        try:
            taken.append(_within(context, exchange, opted_out))
        except Exception:
            guard.failed(_WHERE)
        try:
            return work(*args, **kwargs)
        finally:
            try:
                for each in taken:
                    each.close()
            except Exception:
                guard.failed(_WHERE)

    return carrying


def _within(context: Context, exchange: Exchange | None, opted_out: bool) -> ExitStack:
    """Be within a request and conversation until it is closed."""
    stack = ExitStack()
    stack.callback(otel_context.detach, otel_context.attach(context))
    stack.enter_context(request_opted_out(opted_out))
    if exchange is not None:
        stack.enter_context(exchange.current())
    return stack
