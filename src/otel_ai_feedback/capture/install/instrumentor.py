"""Switching capture on as OpenTelemetry's own instrumentors are: without a line of code.

``opentelemetry-instrument`` loads the entry points of this module. Its loader (of 0.45b0, 0.55b1
and 0.66b2) constructs the class without arguments and calls ``instrument(skip_dep_check=True)``;
before that, where ``OTEL_CONFIG_FILE`` has options for it, the declarative configuration gives
them to ``instrument()`` as keyword arguments. The base class of instrumentors is in a package that
this project does not depend on, so it is not inherited but registered with.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection
from typing import Any, ClassVar, Final

from otel_ai_feedback import config
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.install import completion_hook
from otel_ai_feedback.capture.install.providers import sdk_is_disabled
from otel_ai_feedback.capture.install.switch import SWITCH

NAME: Final = "ai_feedback"
_DISABLED: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
_BASE_MODULE: Final = "opentelemetry.instrumentation.instrumentor"
# What a loader or a distro passes to every instrumentor alike, and that says nothing to this one.
_FOR_OTHERS: Final = ("skip_dep_check", "raise_exception_on_conflict", "meter_provider")


def select_hook() -> None:
    """Have the GenAI instrumentations that are loaded next find our completion hook.

    A ``opentelemetry_pre_instrument`` entry point; what it raised would keep every instrumentation
    from being loaded.
    """
    try:
        off = [name.strip() for name in os.environ.get(_DISABLED, "").split(",")]
        if NAME not in off and "*" not in off and not sdk_is_disabled():
            completion_hook.select()
    except Exception:
        GUARD.failed("selecting the completion hook")


class FeedbackInstrumentor:
    """Capture as an instrumentor. What it switches is the process's, so all instances are one.

    The provider that the distribution or the application set up is used, whenever that is. Unlike
    :func:`otel_ai_feedback.instrument` it never builds one: an application that is started by
    ``opentelemetry-instrument`` may still want to set its own.
    """

    # After the declarative configuration the loader calls once more, without options.
    _wrong_options: ClassVar[bool] = False

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        """Whether capture is on, by whatever way."""
        return SWITCH.capture is not None

    def instrumentation_dependencies(self) -> Collection[str]:
        """None: it works beside whatever instrumentations there are."""
        return ()

    def instrument(self, **options: Any) -> None:
        """Switch capture on; safe to call again, never raises.

        Args:
            options: ``tracer_provider``, ``logger_provider``, and any setting of docs/settings.md
                by its lower-case name without the prefix, which then counts more than the
                environment; ``observe`` may be the function itself. Wrong ones are logged, and
                capture stays off.
        """
        try:
            tracer_provider = options.pop("tracer_provider", None)
            logger_provider = options.pop("logger_provider", None)
            for name in _FOR_OTHERS:
                options.pop(name, None)
            observe = options.pop("observe") if callable(options.get("observe")) else None
            settings = None
            if options:
                try:
                    settings = config.load(options=options)
                except config.ConfigError as error:
                    GUARD.refused("bad_settings", f"capture is off, because\n{error}")
                FeedbackInstrumentor._wrong_options = settings is None
            if FeedbackInstrumentor._wrong_options:
                return
            base = getattr(sys.modules.get(_BASE_MODULE), "BaseInstrumentor", None)
            if base is not None:
                base.register(FeedbackInstrumentor)
            SWITCH.on(
                tracer_provider,
                logger_provider,
                settings,
                time.time_ns,
                build=False,
                observe=observe,
            )
        except Exception:
            GUARD.failed("the instrumentor")

    def uninstrument(self, **options: Any) -> None:
        """Switch capture off, as :func:`otel_ai_feedback.uninstrument` does; never raises."""
        try:
            SWITCH.off()
        except Exception:
            GUARD.failed("the instrumentor")
