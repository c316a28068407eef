"""Our attributes onto a span that is about to end, without what the SDK does for foreign ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import Span

from otel_ai_feedback.capture.text.hashing import DIGITS

_SET_ATTRIBUTES: Final = Span.set_attributes
_LONGEST_VALUE: Final = len("hmac-sha256:") + DIGITS


def add(span: Span, own: dict[str, Any]) -> bool:
    """Set our attributes, if the span has room for them and leaves their values whole.

    The SDK looks at each name and value again, for twice as long as our HMAC takes. So they go
    straight into the dict beneath, under the span's lock, where that is what they would come to:
    in a span of the SDK's own, with no wrapper around the method and no limit on values.

    Args:
        span: The span.
        own: The attributes: strings that UTF-8 can encode, numbers and booleans.

    Returns:
        Whether there was room. A full span makes room by dropping its oldest attributes, such as
        the instrumentation's, so it gets none.
    """
    kept: Any = getattr(span, "_attributes", None)
    if (
        type(kept) is BoundedAttributes
        and type(held := kept._dict) is dict
        and kept.max_value_len is None
        and type(span).set_attributes is _SET_ATTRIBUTES
    ):
        most = kept.maxlen
        with span._lock:
            if most is not None and len(held) + len(own) > most and not _has_room(held, own, most):
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
