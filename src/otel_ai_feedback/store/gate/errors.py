"""What the gate says no with, and how it asks the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from otel_ai_feedback.store.errors import StoreError

Ask = Callable[[str, str, Mapping[str, str]], bytes]
"""Runs a statement in a format with parameters, as the engine's own user, and gives the rows."""


class DeniedError(StoreError):
    """The statement may not run; the message says why, and what to do instead."""
