"""Our attributes onto a span that is about to end, without what the SDK does for foreign ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Span

from otel_ai_feedback.capture.text.hashing import DIGITS

_SET_ATTRIBUTES: Final = Span.set_attributes
_LONGEST_VALUE: Final = len("hmac-sha256:") + DIGITS


def writable(span: Span) -> BoundedAttributes | None:
    """The mapping to write our attributes into as they are, where that comes to what the SDK does.

    The SDK looks at each name and value again, for twice as long as our HMAC takes. So they go
    straight into the dict beneath, under the span's lock, where that is what they would come to:
    in a span of the SDK's own, with no wrapper around the method and no limit on values.
    """
    kept: Any = getattr(span, "_attributes", None)
    if (
        type(kept) is BoundedAttributes
        and type(kept._dict) is dict
        and kept.max_value_len is None
        and type(span).set_attributes is _SET_ATTRIBUTES
    ):
        return kept
    return None


def add(span: Span, own: dict[str, Any], kept: BoundedAttributes | None, more: int) -> bool:
    """Set our attributes, if the span has room for them and leaves their values whole.

    Args:
        span: The span.
        own: The attributes: strings that UTF-8 can encode, numbers and booleans.
        kept: What :func:`writable` found.
        more: How many are to come later, which only go into what it found.

    Returns:
        Whether there was room. A full span makes room by dropping its oldest attributes, such as
        the instrumentation's, so it gets none.
    """
    if kept is not None:
        held: dict[str, Any] = kept._dict
        most = kept.maxlen
        with span._lock:
            if (
                most is not None
                and len(held) + len(own) + more > most
                and not _has_room(held, own, most - more)
            ):
                return False
            # Another thread may have ended it meanwhile.
            if span._end_time is None:
                held.update(own)
        return True
    limits = getattr(span, "_limits", None)
    limit: int | None = getattr(limits, "max_span_attribute_length", None)
    if limit is not None and limit < _LONGEST_VALUE:
        return False
    if not _has_room(span.attributes or {}, own, getattr(limits, "max_span_attributes", None)):
        return False
    span.set_attributes(own)
    return True


def _has_room(held: Mapping[str, Any], own: dict[str, Any], most: int | None) -> bool:
    return most is None or len(held) + len(own.keys() - held.keys()) <= most
