"""With which probability a span that we see was sampled, as far as the SDK can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from opentelemetry.sdk.trace.sampling import Decision, ParentBased, StaticSampler, TraceIdRatioBased
from opentelemetry.trace import SpanContext


@dataclass(frozen=True)
class Sampling:
    """What the sampler of a provider does to the first span of a request.

    A sampler that keeps to the probability threshold of OpenTelemetry says it in the trace state,
    where the store reads it; this is about the others.

    Attributes:
        root: Probability with which it samples a span without a parent; ``None`` if unknown.
        remote: The same under a parent in another process, which may have thrown dice before.
    """

    root: float | None
    remote: float | None

    def ratio(self, parent: SpanContext | None) -> float | None:
        """Probability for the first span of a request, by its parent."""
        if parent is None:
            return self.root
        return self.remote if parent.is_remote else None

    @classmethod
    def of(cls, provider: Any) -> Sampling:
        """That of a tracer provider."""
        return _of(getattr(provider, "sampler", None))


UNKNOWN: Final = Sampling(None, None)


def _of(sampler: Any) -> Sampling:
    if isinstance(sampler, ParentBased):
        # What a remote parent decided on is not known here.
        return Sampling(_of(getattr(sampler, "_root", None)).root, None)
    if isinstance(sampler, TraceIdRatioBased) and sampler.rate > 0:
        return Sampling(sampler.rate, sampler.rate)
    if isinstance(sampler, StaticSampler):
        keeps = getattr(sampler, "_decision", None) is Decision.RECORD_AND_SAMPLE
        return Sampling(1.0, 1.0) if keeps else UNKNOWN
    return UNKNOWN
