"""Switching capture on and off."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any, Final

from opentelemetry import trace
from opentelemetry.sdk.trace import ConcurrentMultiSpanProcessor, TracerProvider

from otel_ai_feedback import config
from otel_ai_feedback.capture import metrics
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install import providers
from otel_ai_feedback.capture.install.completion_hook import HookInstaller
from otel_ai_feedback.capture.install.log_installer import LogInstaller
from otel_ai_feedback.capture.install.patching import AfterConstruction
from otel_ai_feedback.capture.install.span_end import BeforeEnd
from otel_ai_feedback.capture.install.threads import ThreadContext
from otel_ai_feedback.capture.processor import OutputProcessor
from otel_ai_feedback.capture.sampling import Sampling
from otel_ai_feedback.capture.text.review_text import ReviewText
from otel_ai_feedback.config import Settings


class Switch:
    """Capture of this process, on or off.

    Attributes:
        capture: What is switched on, if it is.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.capture: Capture | None = None
        self._given: Any = None
        # By identity: Logfire's provider cannot be hashed.
        self._attached: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._before_end: BeforeEnd | None = None
        self._patched: AfterConstruction | None = None
        self._hook: HookInstaller | None = None
        self._logs: LogInstaller | None = None
        self._threads: ThreadContext | None = None

    @property
    def tracer_provider(self) -> Any:
        """Where action spans go: the provider that was given, else the global one, else any."""
        return self._given or providers.sdk_tracer_provider() or next(self._attached.values(), None)

    def on(
        self,
        tracer_provider: Any,
        logger_provider: Any,
        settings: Settings | None,
        clock: Callable[[], int],
        build: bool = True,
        observe: Callable[[Any], bool] | None = None,
    ) -> None:
        """Switch on, or add another provider to what is on.

        Wrong settings are logged, and capture stays off.

        Args:
            tracer_provider: Provider for the action spans; the global one by default.
            logger_provider: Provider for the events; the global one by default.
            settings: Settings, of the first call; from the environment by default.
            clock: Nanoseconds since the epoch, of the first call.
            build: Whether to build a global tracer provider where there is none and the
                environment says where traces go.
            observe: Whether to observe a user, of the last call that gives it.
        """
        with self._lock:
            if providers.sdk_is_disabled():
                GUARD.once.info(
                    "disabled", "otel-ai-feedback: capture is off, as OTEL_SDK_DISABLED is true"
                )
                return
            if self.capture is not None:
                if settings not in (None, self.capture.settings):
                    GUARD.once.warn(
                        "settings",
                        "otel-ai-feedback: capture is already on with other settings, and keeps "
                        "them; pass these earlier, or call uninstrument() first",
                    )
                if observe is not None:
                    # Zero-code instrumentation switches on before the application can say whom.
                    self.capture.opt_out.observe = observe
            else:
                try:
                    settings = config.load() if settings is None else settings
                except config.ConfigError as error:
                    GUARD.refused("bad_settings", f"capture is off, because\n{error}")
                    return
                self.capture = Capture(settings, clock, logger_provider, GUARD, observe)
                self.capture.tracer_provider = lambda: self.tracer_provider
                metrics.provide()
                self._before_end = BeforeEnd(GUARD)
                self._patched = AfterConstruction(TracerProvider, self._attach)
                self._hook = HookInstaller()
                self._hook.install()
                self._logs = LogInstaller(self._review_text)
                self._logs.install(logger_provider)
                self._threads = ThreadContext(GUARD)
            if tracer_provider is not None:
                self._attach(tracer_provider)
                self._given = tracer_provider
                return
            found = providers.sdk_tracer_provider()
            if found is None and build and providers.exports_by_environment():
                # The patched constructor attaches it.
                trace.set_tracer_provider(providers.build_tracer_provider())
            elif found is not None:
                self._attach(found)
            elif not self._attached:
                GUARD.once.info(
                    "waiting",
                    "otel-ai-feedback: waiting for a tracer provider; install a distribution such "
                    "as opentelemetry-distro, set a provider, or set OTEL_EXPORTER_OTLP_ENDPOINT "
                    "before otel_ai_feedback.instrument()",
                )

    def off(self) -> None:
        """Send what is waiting and leave everything as it was found."""
        with self._lock:
            capture, self.capture = self.capture, None
            if capture is None:
                return
            capture.shutdown()
            if self._before_end is not None:
                self._before_end.undo()
                self._before_end = None
            if self._patched is not None:
                self._patched.undo()
                self._patched = None
            if self._hook is not None:
                self._hook.uninstall()
                self._hook = None
            if self._logs is not None:
                self._logs.uninstall()
                self._logs = None
            if self._threads is not None:
                self._threads.undo()
                self._threads = None
            self._attached.clear()
            self._given = None

    def _review_text(self) -> ReviewText | None:
        return None if self.capture is None else self.capture.review_text

    def _attach(self, provider: Any) -> None:
        """Add the processor, unless the provider has it."""
        if self.capture is None or id(provider) in self._attached:
            return
        self._attached[id(provider)] = provider
        inner = getattr(provider, "_active_span_processor", None)
        concurrent = isinstance(inner, ConcurrentMultiSpanProcessor)
        provider.add_span_processor(
            OutputProcessor(self.capture, concurrent, Sampling.of(provider))
        )
        resource = getattr(provider, "resource", None)
        self.capture.events.provide(lambda: providers.build_logger_provider(resource))


SWITCH: Final = Switch()
