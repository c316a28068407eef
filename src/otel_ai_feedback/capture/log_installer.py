"""Reaching every logger provider of the process, whoever built it and when."""

from __future__ import annotations

import gc
import weakref
from typing import Any, Final

from opentelemetry import _logs
from opentelemetry.sdk._logs import LoggerProvider

from otel_ai_feedback.capture.after_construction import AfterConstruction
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.log_processor import AnswerFromLogs

# A provider cannot be asked to drop a processor, so what was added once is there for good. It does
# nothing for spans that capture does not know, so switching off needs no more than that.
_attached: Final[weakref.WeakSet[Any]] = weakref.WeakSet()


class LogInstaller:
    """Puts :class:`AnswerFromLogs` on logger providers built before, and after, capture was on.

    Instrumentations take a logger provider of their own as an argument, so the global one is not
    the only one. Providers that exist already are looked up among the live objects, once.
    """

    def __init__(self) -> None:
        self._patched: AfterConstruction | None = None

    def install(self, given: Any = None) -> None:
        """Reach every provider from now on.

        Args:
            given: The application's provider, which need not come from the SDK.
        """
        self._patched = AfterConstruction(LoggerProvider, attach)
        # type(), as isinstance() would run code of proxies that are none of our business.
        built = [found for found in gc.get_objects() if issubclass(type(found), LoggerProvider)]
        for provider in (given, _logs.get_logger_provider(), *built):
            attach(provider)

    def uninstall(self) -> None:
        """Reach no more."""
        if self._patched is not None:
            self._patched.undo()


def attach(provider: Any) -> None:
    """Add the processor, unless the provider has it or takes none."""
    try:
        if not hasattr(provider, "add_log_record_processor") or provider in _attached:
            return
        _attached.add(provider)
        provider.add_log_record_processor(AnswerFromLogs(GUARD))
    except Exception:
        GUARD.failed("adding the log record processor to a provider")
