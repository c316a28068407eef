"""Implicit user feedback for LLM features, on OpenTelemetry.

Three lines in a service that already has any LLM instrumentation::

    import otel_ai_feedback

    otel_ai_feedback.instrument()
    ...
    handle = otel_ai_feedback.output_handle()                # beside the answer, for the page
    otel_ai_feedback.record_action(handle, "copy", 0.8)      # when the user did something

Nothing here raises into the application, blocks on I/O, or sends text.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry import context as _otel_context

from otel_ai_feedback._version import __version__
from otel_ai_feedback.capture import actions as _actions
from otel_ai_feedback.capture import scope as _scope
from otel_ai_feedback.capture.guard import GUARD as _GUARD
from otel_ai_feedback.capture.install.switch import SWITCH as _SWITCH
from otel_ai_feedback.capture.linking import handle_issuing as _delivery

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, SpanContext

    from otel_ai_feedback.attributes import ActionSource, Channel
    from otel_ai_feedback.config import Settings

__all__ = [
    "__version__",
    "answers",
    "conversation",
    "instrument",
    "link_key",
    "output_handle",
    "record_action",
    "request_handle",
    "stats",
    "uninstrument",
]


def instrument(
    tracer_provider: TracerProvider | None = None,
    logger_provider: LoggerProvider | None = None,
    settings: Settings | None = None,
    clock: Callable[[], int] = time.time_ns,
    observe: Callable[[Any], bool] | None = None,
) -> None:
    """Switch capture on for this process; safe to call again, never raises.

    Every SDK tracer provider is covered: the global one, the one given here, and those built
    later. If there is none and the environment names an OTLP endpoint
    (``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_TRACES_EXPORTER=otlp``), one is built and made global.
    It does not matter whether LLM instrumentations are switched on before or after.

    Args:
        tracer_provider: Provider for the action spans; the global one by default.
        logger_provider: Provider for the events about outputs; the global one by default.
        settings: Settings; from ``OTEL_AI_FEEDBACK_*`` and ``otel-ai-feedback.toml`` by default.
            Wrong settings are logged, and capture stays off. Those of the first call count.
        clock: Nanoseconds since the epoch, for the times of actions, events and handles; likewise.
        observe: Given a user as :func:`conversation` and :func:`record_action` were, whether to
            observe them; quick, as it is called on the application's threads. The setting
            ``OTEL_AI_FEEDBACK_OBSERVE`` by default. That of the last call counts.
    """
    try:
        _SWITCH.on(tracer_provider, logger_provider, settings, clock, observe=observe)
    except Exception:
        _GUARD.failed("instrument()")


def uninstrument() -> None:
    """Switch capture off; spans that are still open end as if it had never been on."""
    try:
        _SWITCH.off()
    except Exception:
        _GUARD.failed("uninstrument()")


def stats() -> dict[str, int]:
    """What capture did in this process, by reason; docs/capture.md explains each.

    ``tagged`` outputs got a hash; ``empty``, ``no_text``, ``not_recorded``, ``truncated``,
    ``unparseable``, ``too_short`` and ``failed`` ones did not; ``queue_full`` and ``no_logger``
    events were dropped; ``actions`` were recorded and refused ones are counted by reason;
    ``errors`` of our own were stopped.
    """
    try:
        return _GUARD.counts.snapshot()
    except Exception:
        _GUARD.failed("stats()")
        return {}


@contextmanager
def conversation(
    conversation_id: str | None = None,
    *,
    subject: str | None = None,
    feature: str | None = None,
    channel: Channel | None = None,
    prompt_version: str | None = None,
    question: str | None = None,
    observe: bool = True,
) -> Iterator[None]:
    """Say to which conversation the LLM calls beneath belong.

    The ids travel in the OpenTelemetry context of this process, not in baggage: nothing is added
    to outgoing requests. An inner conversation inherits what it does not name.

    Args:
        conversation_id: The application's id; becomes ``gen_ai.conversation.id``, also where a
            framework makes up one of its own.
        subject: The user, by any stable name or id; only a keyed hash of it leaves.
        feature: Which LLM feature of the service this is.
        channel: ``voice`` where the user speaks and is spoken to: asking again then counts for 45
            seconds instead of 300. The setting ``OTEL_AI_FEEDBACK_CHANNEL`` by default.
        prompt_version: Version of the prompt that is in use; a change of it is an annotation.
        question: What the user asked, where the model gets it inside a template or with retrieved
            passages; re-asks are found from it instead of from the whole. Only hash and sketch
            leave.
        observe: ``False`` when the user does not want to be observed: nothing beneath is tagged,
            handed out or recorded, and no inner conversation changes that.
    """
    tokens = []
    try:
        capture = _SWITCH.capture
        if observe and (capture is None or not capture.opt_out.of_subject(subject)):
            context = _scope.context_of(
                conversation_id,
                subject,
                feature,
                channel=channel,
                prompt_version=prompt_version,
                question=question,
            )
        else:
            context = _scope.context_of(None, None, None, observed=False)
            _delivery.opt_out_request()
        tokens.append(_otel_context.attach(context))
    except Exception:
        _GUARD.failed("conversation()")
    try:
        yield
    finally:
        try:
            for token in tokens:
                _otel_context.detach(token)
        except Exception:
            _GUARD.failed("leaving conversation()")


@contextmanager
def answers() -> Iterator[None]:
    """Say that the model calls beneath make what the user is answered.

    For a request that also has a title, a summary or suggestions made: a handle for the request
    then means the output that was made in here.
    """
    tokens = []
    try:
        tokens.append(_otel_context.attach(_scope.context_of(None, None, None, answers=True)))
    except Exception:
        _GUARD.failed("answers()")
    try:
        yield
    finally:
        try:
            for token in tokens:
                _otel_context.detach(token)
        except Exception:
            _GUARD.failed("leaving answers()")


def output_handle(span: Span | None = None, *, response_id: str | None = None) -> str | None:
    """A handle for one output, to be given to the page; never raises.

    Handing it out makes the output a delivered one.

    Args:
        span: The LLM span, open or ended.
        response_id: The model's id for the answer (``gen_ai.response.id``), instead.

    Returns:
        68 characters for an attribute, header or URL; without arguments, for the newest output
        of the current request or :func:`conversation`. ``None`` when there is none.
    """
    try:
        capture = _SWITCH.capture
        return None if capture is None else _delivery.output_handle(capture, span, response_id)
    except Exception:
        _GUARD.failed("output_handle()")
        return None


def link_key(key: str, span: Span | None = None, *, response_id: str | None = None) -> bool:
    """Tie the application's own id of a message to an output; never raises.

    Actions can then name the output by ``record_action(None, ..., key=...)``. It makes the output
    a delivered one, like a handle. Tied again, the key means what it was tied to last.

    Args:
        key: Any id that means one message in the whole service, of up to 512 characters; a UUID or
            number will do. It does not leave the process.
        span: The LLM span, open or ended.
        response_id: The model's id for the answer (``gen_ai.response.id``), instead.

    Returns:
        Whether there is such an output; without a span and response id, the newest of the current
        request or :func:`conversation`.
    """
    try:
        capture = _SWITCH.capture
        return capture is not None and _delivery.link_key(capture, key, span, response_id)
    except Exception:
        _GUARD.failed("link_key()")
        return False


def request_handle(span: Span | None = None) -> str | None:
    """A handle for the whole request, for answers that stream; never raises.

    It can be sent before the model is called, and means the answer of the request: the output that
    :func:`answers` marked, or that was streamed to the client, or the only one. Where several may
    be it, actions stay unlinked.

    Args:
        span: Any span of the request; the current one by default.

    Returns:
        68 characters for an attribute, header or URL, or ``None`` outside any span.
    """
    try:
        capture = _SWITCH.capture
        return None if capture is None else _delivery.request_handle(capture, span)
    except Exception:
        _GUARD.failed("request_handle()")
        return None


def record_action(
    target: str | Span | SpanContext | None,
    action: str,
    value: float | None = None,
    *,
    response_id: str | None = None,
    key: str | None = None,
    text: str | None = None,
    action_id: str | None = None,
    source: ActionSource = "server",
    subject: str | None = None,
    conversation_id: str | None = None,
    session_id: str | None = None,
    time_ns: int | None = None,
    label: str | None = None,
) -> bool:
    """Record what a user did with an output, as a span with one link; never raises.

    The output may be named in several ways. They are tried in the order of the arguments here, and
    the first that leads to an output decides.

    Args:
        target: A handle, or the LLM span or its context; ``None`` to name the output otherwise.
        action: One of :data:`otel_ai_feedback.attributes.ACTION_NAMES`, or a signal of your own
            (docs/signals.md).
        value: Strength of the action; semconv/ai_feedback.yaml says what it means for which.
        response_id: The model's id for the answer.
        key: What :func:`link_key` tied to the output.
        text: The text that was used, whole or in part, edited or not. It is compared with what the
            same conversation, session or user was answered before, and neither kept nor sent.
        action_id: The client's id for this action: recorded twice, it counts once.
        source: Who saw it.
        subject: The user; only a keyed hash leaves. Known from :func:`conversation` if it was
            given there, as is the conversation. Outputs of other users are not looked at for a
            text.
        conversation_id: The conversation.
        session_id: The user's session.
        time_ns: When it happened, nanoseconds since the epoch; now by default.
        label: A label for it in other tools, such as ``thumbs_up``.

    Returns:
        Whether it was recorded, or taken by the worker that looks further than the caller's thread
        may. What was refused, there too, is counted by reason in :func:`stats`, and the remedy is
        logged once.
    """
    try:
        reported = _actions.Action(
            action, value, action_id, source, subject, conversation_id, session_id, time_ns, label
        )
        return _actions.record(
            _SWITCH.capture, _SWITCH.tracer_provider, reported, target, response_id, key, text
        )
    except Exception:
        _GUARD.failed("record_action()")
        return False
