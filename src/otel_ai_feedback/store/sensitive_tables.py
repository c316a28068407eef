"""Which tables of the store hold what not every reader may see."""

from __future__ import annotations

from typing import Final

RAW_TABLES: Final = frozenset({"otel_traces", "otel_logs"})
"""What senders add to, of which any column can hold a text."""

TEXT_TABLES: Final = RAW_TABLES | {"reviews", "incident_events", "notification_events"}
"""Tables with a column in which a text can stand, no matter who put it there.

The ClickHouse endpoint keeps them from readers who were not granted text. No view may pass such a
column on.
"""

TEXT_COLUMNS: Final = {
    "reviews": frozenset({"note"}),
    "incident_events": frozenset({"note", "details"}),
    "notification_events": frozenset({"error"}),
}
"""The columns of such tables of ours in which a text can stand; of raw tables it is any."""

SECRET_TABLES: Final = frozenset({"draw_key", "sessions"})
"""Tables that no reader is given: with the sampling key one could predict what will be
reviewed, and who is signed in is no one's business."""
