"""Reaching every logger provider of the process."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any, Final

from opentelemetry import _logs
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from opentelemetry.sdk._logs._internal import SynchronousMultiLogRecordProcessor

from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install.patching import AfterConstruction
from otel_ai_feedback.capture.log_processor import AnswerFromLogs
from otel_ai_feedback.capture.text.removal import not_removed
from otel_ai_feedback.capture.text.review_text import ReviewText
from otel_ai_feedback.capture.text_from_logs import TextFromLogs

# A provider cannot be asked to drop a processor, so what was added once is there for good. It does
# nothing for spans that capture does not know, and nothing to texts while capture is off.
# By identity, as Logfire's provider cannot be hashed.
_attached: Final[weakref.WeakValueDictionary[int, Any]] = weakref.WeakValueDictionary()


class LogInstaller:
    """Puts our processors on logger providers built before, and after, capture was on.

    :class:`AnswerFromLogs` first, as it needs the texts, and :class:`TextFromLogs` next, before
    all that export them.

    Instrumentations take a logger provider of their own as an argument, so the global one is not
    the only one. Providers that exist already are looked up among the live objects, once.

    Args:
        review_text: What text may leave at present; ``None`` while capture is off.
    """

    def __init__(self, review_text: Callable[[], ReviewText | None]) -> None:
        self._review_text: Final = review_text
        self._patched: AfterConstruction | None = None

    def install(self, given: Any = None) -> None:
        """Reach every provider from now on.

        Args:
            given: The application's provider, which need not come from the SDK.
        """
        self._patched = AfterConstruction(LoggerProvider, self._attach)
        # type(), as isinstance() would run code of proxies that are none of our business.
        built = [found for found in gc.get_objects() if issubclass(type(found), LoggerProvider)]
        for provider in (given, _logs.get_logger_provider(), *built):
            self._attach(provider)

    def uninstall(self) -> None:
        """Reach no more."""
        if self._patched is not None:
            self._patched.undo()

    def _attach(self, provider: Any) -> None:
        """Add the processors, unless the provider has them or takes none."""
        try:
            if not hasattr(provider, "add_log_record_processor") or id(provider) in _attached:
                return
            _attached[id(provider)] = provider
            ours = AnswerFromLogs(GUARD), TextFromLogs(self._review_text, GUARD)
            if not _put_first(provider, ours):
                for processor in ours:
                    provider.add_log_record_processor(processor)
                review_text = self._review_text()
                if review_text is not None and review_text.removes:
                    why = "its processors do not run one after the other"
                    not_removed(f"records of a {type(provider).__qualname__}", why, GUARD)
        except Exception:
            GUARD.failed("adding the log record processors to a provider")


def _put_first(provider: Any, ours: tuple[LogRecordProcessor, ...]) -> bool:
    """Whether the processors now run before the others of the provider, one after the other."""
    all_of_them = getattr(provider, "_multi_log_record_processor", None)
    if not isinstance(all_of_them, SynchronousMultiLogRecordProcessor):
        return False
    with all_of_them._lock:
        all_of_them._log_record_processors = (*ours, *all_of_them._log_record_processors)
    return True
