"""Which text may leave, for people to read in review."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.messages import texts_of
from otel_ai_feedback.setting_values import ReviewTextMode

_RANGE: Final = 1 << 64
_INPUT: Final = "gen_ai.input.messages"
_OUTPUT: Final = "gen_ai.output.messages"


class ReviewText:
    """All that instrumentations record, that of a random sample of outputs, or none.

    The sample is chosen by a keyed hash of the output's ids. So it is uniform, independent of the
    text, and the same in every worker and in every record of one output.

    Args:
        mode: ``as-is``, ``sample`` or ``off``.
        rate: Share of the outputs in the sample.
        key: Secret of the sampling.

    Attributes:
        rate: Share of the outputs that keep their text, where others lose it.
        removes: Whether any text is removed at all.
    """

    def __init__(self, mode: ReviewTextMode, rate: float, key: bytes) -> None:
        self.rate: Final = rate if mode == "sample" else 0.0
        self.removes: Final = mode != "as-is"
        self._key: Final = key
        self._below: Final = int(self.rate * _RANGE)

    def keeps(self, trace_id: int, span_id: int) -> bool:
        """Whether an output is in the sample.

        Args:
            trace_id: Trace of the LLM span.
            span_id: The LLM span.
        """
        if not self._below:
            return False
        ids = trace_id.to_bytes(16, "big") + span_id.to_bytes(8, "big")
        drawn = hmac.digest(self._key, ids, "sha256")[:8]
        return int.from_bytes(drawn, "big") < self._below


def unrecorded_text(
    attributes: Mapping[str, Any], messages: tuple[Any, Any] | None
) -> dict[str, str]:
    """What a hook has seen and the instrumentation did not record, as it would have recorded it.

    Args:
        attributes: What is on the span.
        messages: Input and output messages as the hook got them.
    """
    if messages is None:
        return {}
    written = {name: texts_of(of) for name, of in zip((_INPUT, _OUTPUT), messages, strict=True)}
    return {name: text for name, text in written.items() if text and name not in attributes}
