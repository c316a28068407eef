"""The user-action span: one action, one link to the output it was done to."""

from __future__ import annotations

import hashlib
import math
import os
import re
import weakref
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags

from otel_ai_feedback import attributes as names
from otel_ai_feedback._version import __version__
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.linking.lookup import Whose
from otel_ai_feedback.capture.linking.search import (
    LaterError,
    Names,
    RefusedActionError,
    Search,
    Target,
    Text,
    key_of,
)
from otel_ai_feedback.capture.probe import is_probe
from otel_ai_feedback.capture.scope import opted_out, scope_of
from otel_ai_feedback.capture.text.fragments import MAX_CHARACTERS
from otel_ai_feedback.capture.text.hashing import hash_normalised, hash_subject
from otel_ai_feedback.capture.text.normalise import normalise, scrub
from otel_ai_feedback.signals import Signal

# A tracer of its own for the action spans: their sampler is not that of the application.
_SCOPE_NAME: Final = "otel_ai_feedback.actions"
_MAX_TEXT: Final = 256
_MAX_ID: Final = 512
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_NOT_SAMPLED: Final = TraceFlags(TraceFlags.DEFAULT)
_NOWHERE: Final = Context()
_NO_PROVIDER: Final = "record_action() needs an SDK tracer provider that is not disabled"
# OTLP carries times as unsigned 64 bit; one that does not fit would lose the whole batch.
_MAX_TIME: Final = 1 << 63
_SECOND: Final = 1_000_000_000
# What a value may be; a value out of range comes from a broken or hostile client.
_RANGES: Final[dict[str, tuple[float, float]]] = {
    "copy": (0.0, 1.0),
    "edit": (0.0, 1.0),
    "reask": (0.0, 1.0),
    "close": (0.0, math.inf),
    "dwell": (0.0, math.inf),
    "rating": (-1.0, 5.0),
}
_ANYTHING: Final = (-math.inf, math.inf)
_METHOD: Final = re.compile(r"[a-z][a-z_]{0,31}")
# Seconds after an output came into a draft at which the script looks what is left of it.
CHECKPOINTS: Final = (30, 120, 300, 600, 900)


class Particulars(NamedTuple):
    """What a page saw of an action beside its strength; semconv/ai_feedback.yaml explains each.

    Attributes:
        kept_share: Share of the output that an edited text still holds.
        checkpoint: Seconds after which an edit was looked at; ``None`` when it was submitted.
        scroll_depth: Share of the output that had been scrolled into view.
        selected_share: Share of the output that was selected.
        method: In which way it was done.
        reason: Why, from a closed list.
        lost: How many actions the page could not deliver since it last said so.
        browser: Name of the browser.
    """

    kept_share: float | None = None
    checkpoint: int | None = None
    scroll_depth: float | None = None
    selected_share: float | None = None
    method: str | None = None
    reason: str | None = None
    lost: int | None = None
    browser: str | None = None


_NO_PARTICULARS: Final = Particulars()
_PARTICULARS: Final = (
    names.ACTION_KEPT_SHARE,
    names.ACTION_CHECKPOINT,
    names.ACTION_SCROLL_DEPTH,
    names.ACTION_SELECTED_SHARE,
    names.ACTION_METHOD,
    names.ACTION_REASON,
    names.ACTION_LOST,
    names.USER_AGENT_NAME,
)


class Action(NamedTuple):
    """What a user did, as the application reports it; see :func:`record_action`."""

    name: str
    value: float | None
    given_id: str | None
    source: str
    subject: str | None
    conversation_id: str | None
    session_id: str | None
    time_ns: int | None
    label: str | None
    particulars: Particulars = _NO_PARTICULARS
    probe: bool = False


def record(
    capture: Capture | None,
    provider: Any,
    action: Action,
    target: Any,
    response_id: str | None,
    key: str | None,
    text: str | None,
) -> bool:
    """Record an action, or count why not; see :func:`otel_ai_feedback.record_action`."""
    if capture is None:
        GUARD.refused("not_instrumented", "record_action() does nothing before instrument()")
        return False
    try:
        if opted_out() or capture.opt_out.of_subject(action.subject):
            raise RefusedActionError("opted_out")
        _check(action, capture.settings.signals)
        if provider is None:
            raise RefusedActionError("no_provider", _NO_PROVIDER)
        known = Names(target, response_id, key_of(key), _text_of(capture, text, action))
        if action.time_ns is None:
            action = action._replace(time_ns=capture.clock())
        if is_probe():
            action = action._replace(probe=True)
        return _link(capture, provider, known, action)
    except RefusedActionError as refused:
        GUARD.refused(refused.reason, refused.remedy)
        return False
    except LaterError:
        later = partial(_link_later, capture, provider, known, action)
        return capture.worker.submit(later, 0 if known.text is None else len(known.text.start))


def _link_later(capture: Capture, provider: Any, known: Names, action: Action) -> None:
    """Link and emit on the worker's thread."""
    try:
        _link(capture, provider, known, action, on_worker=True)
    except RefusedActionError as refused:
        GUARD.refused(refused.reason, refused.remedy)


def _link(
    capture: Capture, provider: Any, known: Names, action: Action, on_worker: bool = False
) -> bool:
    search = Search(capture, known, on_worker)
    target = search.target()
    for refused in search.refused:
        GUARD.refused(refused.reason, refused.remedy)
    if target is None:
        if not search.refused:
            raise RefusedActionError(
                "bad_target", "record_action() needs a target, response_id=, key= or text="
            )
        return False
    _emit(capture, provider, target, action, known.text, search.identity)
    GUARD.counts.add("actions")
    if not target.sampled:
        GUARD.counts.add("not_sampled")
    return True


def _id(value: object) -> str | None:
    """An id as conversation() and outputs carry it."""
    return None if value is None else scrub(str(value)[:_MAX_ID]) or None


def _text_of(capture: Capture, text: object, action: Action) -> Text | None:
    """What is looked for instead of a text that was used."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise RefusedActionError("bad_text", "text must be a string")
    normalised = normalise(text)
    if not normalised:
        raise RefusedActionError("bad_text", "text must not be empty")
    scope = scope_of()
    conversation_id, session_id = _id(action.conversation_id), _id(action.session_id)
    subject = str(action.subject or "")
    if scope is not None:
        conversation_id = conversation_id or scope.conversation_id
        subject = subject or scope.subject or ""
    whose = Whose(
        conversation_id,
        session_id,
        None if not subject else hash_subject(subject, capture.secret),
    )
    long_enough = len(normalised.decode()) >= capture.settings.hash_min_length
    return Text(
        text[:MAX_CHARACTERS],
        hash_normalised(normalised, capture.hash_key) if long_enough else None,
        f"{whose.conversation_id or whose.session_id or whose.subject} "
        f"{hash_normalised(normalised, capture.secret)}",
        whose,
    )


def _check(action: Action, own: Sequence[Signal]) -> None:
    """Refuse what no client of ours sends.

    Args:
        action: What is reported.
        own: Signals of the application's own, which are actions too.

    Raises:
        RefusedActionError: Naming the argument.
    """
    if action.name not in names.ACTION_NAMES and not any(
        action.name == signal.name for signal in own
    ):
        raise RefusedActionError(
            "bad_action",
            f"the action must be one of {names.ACTION_NAMES}, or a signal of signals.toml",
        )
    if action.source not in names.ACTION_SOURCES:
        raise RefusedActionError("bad_source", f"source must be one of {names.ACTION_SOURCES}")
    if action.value is not None:
        low, high = _RANGES.get(action.name, _ANYTHING)
        try:
            within = math.isfinite(action.value) and low <= action.value <= high
        except (TypeError, OverflowError):
            within = False
        if not within:
            raise RefusedActionError(
                "bad_value", f"{action.name} takes values from {low} to {high}"
            )
    if action.time_ns is not None and not (
        type(action.time_ns) is int and 0 < action.time_ns < _MAX_TIME
    ):
        raise RefusedActionError("bad_time", "time_ns must be nanoseconds since the epoch")
    if action.particulars is not _NO_PARTICULARS:
        _check_particulars(action.particulars)


def _check_particulars(particulars: Particulars) -> None:
    for field in ("kept_share", "scroll_depth", "selected_share"):
        share = getattr(particulars, field)
        if share is not None and not 0 <= share <= 1:
            raise RefusedActionError("bad_value", f"{field} takes values from 0 to 1")
    if particulars.checkpoint is not None and particulars.checkpoint not in CHECKPOINTS:
        raise RefusedActionError("bad_value", f"checkpoint must be one of {CHECKPOINTS}")
    if particulars.method is not None and not _METHOD.fullmatch(particulars.method):
        raise RefusedActionError("bad_value", "method must be a word of up to 32 letters")


def _emit(
    capture: Capture,
    provider: Any,
    target: Target,
    action: Action,
    text: Text | None,
    identity: str,
) -> None:
    """Start and end the action span."""
    if target.time is not None and action.time_ns is not None:
        # Nothing is done with an answer before it is begun.
        action = action._replace(time_ns=max(action.time_ns, target.time * _SECOND))
    attributes = _attributes(capture, target, action, text)
    given = str(action.given_id or "")
    if given and action.particulars.checkpoint is not None:
        # One edit, looked at several times: each look is an action of its own.
        given = f"{given} {action.particulars.checkpoint}"
    # Without an id of the client's, each is an action of its own.
    # One id for other tools too, where an action that arrives twice must count once as well.
    attributes[names.ACTION_ID] = attributes[names.ANNOTATION_IDENTIFIER] = (
        action_id(identity, action.name, given) if given else os.urandom(16).hex()
    )
    flags = _SAMPLED if target.sampled else _NOT_SAMPLED
    link = SpanContext(target.trace_id, target.span_id, is_remote=True, trace_flags=flags)
    span = _tracer(provider).start_span(
        f"ai_feedback {action.name}",
        context=_NOWHERE,
        kind=SpanKind.INTERNAL,
        attributes=attributes,
        links=(Link(link),) if target.trace_id else (),
        start_time=action.time_ns,
    )
    if not span.is_recording():
        raise RefusedActionError("no_provider", _NO_PROVIDER)
    span.end(end_time=action.time_ns)


# Making a tracer takes longer than making a span, so the last one is kept with its provider, which
# may be of a kind that cannot be hashed.
_last: tuple[Callable[[], Any], Any] = (lambda: None, None)


def _tracer(provider: Any) -> Any:
    global _last
    of_provider, tracer = _last
    if of_provider() is not provider:
        tracer = provider.get_tracer(_SCOPE_NAME, __version__)
        # An action must not be lost to a second throw of the dice, if its output was sampled; if
        # not, it tells how much is missing.
        tracer.sampler = ALWAYS_ON
        _last = (weakref.ref(provider), tracer)
    return tracer


def action_id(identity: str, name: str, given: str) -> str:
    """The same id for every delivery of one action: 32 hexadecimal digits.

    Args:
        identity: What the application named the output by.
        name: Name of the action.
        given: The client's id for it.
    """
    return hashlib.sha256(scrub(f"{identity} {name} {given}").encode()).hexdigest()[:32]


def _attributes(
    capture: Capture, target: Target, action: Action, text: Text | None
) -> dict[str, Any]:
    found: dict[str, Any] = {
        names.ACTION_NAME: action.name,
        names.ACTION_SOURCE: action.source,
        names.ANNOTATION_NAME: action.name,
        # A rating is a verdict; all else is what was done.
        names.ANNOTATION_ANNOTATOR_KIND: "HUMAN" if action.name == "rating" else "USER_BEHAVIOR",
    }
    if action.value is not None:
        found[names.ACTION_VALUE] = found[names.ANNOTATION_SCORE] = float(action.value)
    if target.method is not None:
        found[names.LINK_METHOD] = target.method
    if target.ambiguous:
        found[names.LINK_AMBIGUOUS] = True
    if not target.sampled:
        found[names.OUTPUT_SAMPLED] = False
    if action.probe:
        found[names.PROBE] = True
    if target.time is not None:
        found[names.OUTPUT_TIME] = target.time
    conversation_id, session_id = _text(action.conversation_id), _text(action.session_id)
    subject = None
    if action.subject:
        subject = hash_subject(str(action.subject), capture.secret)
    output, output_hash = target.output, None
    if output is not None:
        output_hash = output.hash
        conversation_id = conversation_id or output.conversation_id
        session_id = session_id or output.session_id
        subject = subject or output.subject
        if output.response_id is not None:
            found[names.RESPONSE_ID] = output.response_id
        if output.feature is not None:
            found[names.FEATURE] = output.feature
    if text is not None:
        conversation_id = conversation_id or _text(text.whose.conversation_id)
        subject = subject or text.whose.subject
        if target.method in ("hash", None):
            output_hash = text.hash
    if output_hash is not None:
        found[names.OUTPUT_HASH] = output_hash
    if conversation_id is not None:
        found[names.CONVERSATION_ID] = conversation_id
    if session_id is not None:
        found[names.SESSION_ID] = session_id
    if subject is not None:
        found[names.SUBJECT] = subject
    label = _text(action.label)
    if label is not None:
        found[names.ANNOTATION_LABEL] = label
    if label is None and action.value is None:
        # An annotation has a score, a label or an explanation.
        found[names.ANNOTATION_EXPLANATION] = f"What the user did: {action.name}"
    if action.particulars is not _NO_PARTICULARS:
        for name, value in zip(_PARTICULARS, action.particulars, strict=True):
            if value is not None:
                found[name] = value
    return found


def _text(value: object) -> str | None:
    """Text that a client may have sent, made safe to export."""
    return None if value is None else scrub(str(value)[:_MAX_TEXT]) or None
