"""Everything that one :func:`otel_ai_feedback.instrument` switches on, held together."""

from __future__ import annotations

import math
import os
import time
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from otel_ai_feedback.capture import span_state
from otel_ai_feedback.capture.details import Details, InputKeys, event_of
from otel_ai_feedback.capture.events import Event, Events, delivered
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.install.providers import sdk_tracer_provider
from otel_ai_feedback.capture.linking.handles import Handle
from otel_ai_feedback.capture.linking.keys import load_key
from otel_ai_feedback.capture.linking.output import after_fork as replace_lock_of_outputs
from otel_ai_feedback.capture.linking.output import handle_of
from otel_ai_feedback.capture.linking.outputs import Outputs
from otel_ai_feedback.capture.opt_out import OptOut
from otel_ai_feedback.capture.paced import PacedQueue
from otel_ai_feedback.capture.text.hashing import derive_key, hasher
from otel_ai_feedback.capture.text.review_text import ReviewText
from otel_ai_feedback.capture.worker import Worker
from otel_ai_feedback.config import Settings
from otel_ai_feedback.setting_values import IN_MEMORY

if TYPE_CHECKING:
    from otel_ai_feedback.capture.linking.redis_outputs import RedisOutputs

CLOSING_SECONDS: Final = 5.0
# At exit our own handler and each provider's processors close one after the other, with an exporter
# of the application between them that may take half a minute. What closes later closes by itself.
_TOGETHER_SECONDS: Final = 60.0
# What the worker does: say that a handle has left, send an event, make one and send it, or whatever
# else is to be done later.
Job = Handle | Event | Details | Callable[[], None]


class Capture:
    """The shared parts; the processor, the handles and the actions work on them.

    Args:
        settings: Settings of the process.
        clock: Nanoseconds since the epoch.
        logger_provider: Where events go, when the application named it.
        guard: Counters and log.
        observe: Whether to observe a user; by the settings when not given.

    Attributes:
        active: False once it was switched off; spans that are still open end as if untouched.
        tracer_provider: Gives the provider for the spans of actions.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], int],
        logger_provider: Any,
        guard: Guard,
        observe: Callable[[Any], bool] | None = None,
    ) -> None:
        self.settings: Final = settings
        self.clock: Final = clock
        self.guard: Final = guard
        self.active = True
        self.tracer_provider: Callable[[], Any] = sdk_tracer_provider
        key = load_key(settings.key, settings.state_dir)
        if key.remedy is not None:
            guard.refused("key", key.remedy)
        self.secret: Final = key.secret
        self.hash_key: Final = key.secret if settings.hash == "keyed" else None
        self.hash: Final = hasher(self.hash_key)
        self.handle_key: Final = derive_key(key.secret, b"handle")
        self.input_keys: Final = (
            InputKeys(self.hash_key, settings.hash_min_length, derive_key(key.secret, b"sketch"))
            if key.shared
            else None
        )
        self.fragment_key: Final = derive_key(key.secret, b"fragment")
        self.opt_out: Final = OptOut(observe or settings.observe, settings.opt_out_headers, guard)
        self.own_reasons: Final = settings.reasons
        self.review_text: Final = ReviewText(
            settings.review_text, settings.review_text_rate, derive_key(key.secret, b"sample")
        )
        self.shared: Final = _shared(settings, key.secret, guard)
        publish = None if self.shared is None else self.shared.publish
        self.outputs: Final = Outputs(clock, self.fragment_key, guard, publish=publish)
        self.worker: Final[Worker[Job]] = Worker(self._send, self.close, guard)
        self.events: Final = Events(logger_provider, clock, guard, self._on_worker)
        self.strangers: Final[PacedQueue[Callable[[], None]]] = PacedQueue(_call, self.close, guard)
        self._closing_left = CLOSING_SECONDS
        self._closed_at = -math.inf
        if hasattr(os, "register_at_fork"):
            # Weak, as such a registration cannot be taken back.
            after_fork = weakref.WeakMethod(self._after_fork)
            os.register_at_fork(after_in_child=lambda: (found := after_fork()) and found())

    def _send(self, job: Job) -> None:
        # First, as an action that waits may mean an output that was made before it.
        try:
            self.outputs.index()
        except Exception:
            self.guard.failed("filing outputs")
        event: Event | Callable[[], None] | None
        if isinstance(job, Details):
            output = job.output
            # In this order: who hands out a handle says so first, and then looks whether it waits.
            output.waits = 0
            event = event_of(job)
            if output.delivered and not job.delivered:
                # One event that says both costs half of two.
                left = delivered(handle_of(output))
                if event is None:
                    event = left
                else:
                    event.attributes.update(left.attributes)
        else:
            event = delivered(job) if isinstance(job, Handle) else job
        if isinstance(event, Event):
            self.events.emit(event)
        elif event is not None:
            event()

    def _on_worker(self, call: Callable[[], None]) -> bool:
        """Have something called on the worker's thread at once; whether it takes it."""
        taken = self.worker.submit(call, 0)
        self.worker.flush(0)
        return taken

    def file_outputs(self) -> None:
        """Have the worker file what is new, as it does before each job."""
        self.worker.submit(_nothing, 0)

    def _after_fork(self) -> None:
        for part in (self.guard, self.outputs, self.worker, self.strangers):
            part.after_fork()
        if self.shared is not None:
            self.shared.after_fork()
        span_state.after_fork()
        replace_lock_of_outputs()

    def flush(self, milliseconds: int) -> bool:
        """Send everything that is waiting.

        Args:
            milliseconds: How long to wait at most.
        """
        self.strangers.flush()
        until = time.monotonic() + milliseconds / 1000
        return self.worker.flush(milliseconds / 1000) and self.events.flush(_left(until))

    def close(self) -> None:
        """Send what is waiting, as the interpreter or a provider closes; never raises.

        What closes together waits for 5 s together: an endpoint that is down costs them once.
        """
        try:
            self._within_closing(lambda left: self.flush(int(left * 1000)))
        except Exception:
            self.guard.failed("sending the last events")

    def shutdown(self) -> None:
        """Send everything that is waiting and take no more."""
        self.active = False
        self.strangers.stop()
        self._within_closing(self._stop)

    def _stop(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        self.worker.flush(seconds)
        # While the worker still runs, on whose thread this may have to be.
        self.events.shutdown(_left(until))
        self.worker.stop(0)

    def _within_closing(self, call: Callable[[float], object]) -> None:
        """Call with the seconds that are left for what closes together."""
        began = time.monotonic()
        if began - self._closed_at > _TOGETHER_SECONDS:
            self._closing_left = CLOSING_SECONDS
        try:
            call(self._closing_left)
        finally:
            self._closed_at = time.monotonic()
            self._closing_left = max(0.0, self._closing_left - (self._closed_at - began))


def _left(until: float) -> int:
    return max(0, int((until - time.monotonic()) * 1000))


def _shared(settings: Settings, secret: bytes, guard: Guard) -> RedisOutputs | None:
    """What the workers of a service know together, where the settings say so."""
    if settings.registry == IN_MEMORY:
        return None
    # Not on top, as most services have none.
    from otel_ai_feedback.capture.linking.redis_outputs import RedisOutputs

    return RedisOutputs(settings.registry, derive_key(secret, b"registry"), guard)


def _nothing() -> None:
    """What is left of a job that was there for what the worker does before it."""


def _call(job: Callable[[], None]) -> None:
    job()
