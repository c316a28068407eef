"""The store: a ClickHouse, embedded or a server, with the raw telemetry and what follows from it.

::

    client = store.connect("chdb:///var/lib/otel-ai-feedback")
    store.migrate(client, settings)
    client.query("select day, model, rate from signal_rates where series = 'copied'")
"""

from otel_ai_feedback.store.connection import DATABASE, LOCAL_USER, connect
from otel_ai_feedback.store.errors import StoreError
from otel_ai_feedback.store.schema import migrate
from otel_ai_feedback.store.sensitive_tables import SECRET_TABLES, TEXT_TABLES
from otel_ai_feedback.store.statements import statement

__all__ = [
    "DATABASE",
    "LOCAL_USER",
    "SECRET_TABLES",
    "TEXT_TABLES",
    "StoreError",
    "connect",
    "migrate",
    "statement",
]
