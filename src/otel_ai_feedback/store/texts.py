"""Which tables of the store can hold what people and models wrote."""

from __future__ import annotations

from typing import Final

TEXT_TABLES: Final = frozenset({"otel_traces", "otel_logs"})
"""Tables with a column in which a text can stand, whoever put it there.

The ClickHouse endpoint keeps them from readers who were not granted text. No view may pass such a
column on.
"""
