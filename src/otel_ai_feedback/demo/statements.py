"""The demo's questions to the store, one ``.sql`` file each."""

from __future__ import annotations

from importlib.resources import files


def statement(name: str) -> str:
    """Text of ``sql/{name}.sql``."""
    return files("otel_ai_feedback.demo").joinpath(f"sql/{name}.sql").read_text("utf-8")
