"""JSON documents of the commands: times with their zone, numbers with six digits, no NaN.

What people read is formatted by ``formats``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from otel_ai_feedback.formats import aware

_DIGITS: Final = 6


def dumped(document: Mapping[str, Any]) -> str:
    """One JSON document as text.

    Times are ISO 8601 with a zone, days ``2026-11-03``. Numbers have at most six decimals, those
    below 1 six significant digits. A number that is not finite is ``null``.
    """
    return json.dumps(_plain(document), indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return aware(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return _rounded(value)
    return value


def _rounded(value: float) -> float | None:
    if not math.isfinite(value):
        return None
    return float(f"{value:.{_DIGITS}g}") if abs(value) < 1 else round(value, _DIGITS)
