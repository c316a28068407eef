"""The store, opened for the length of a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from otel_ai_feedback.cli.output import CommandError
from otel_ai_feedback.config import Settings

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


@contextmanager
def opened(
    settings: Settings, *, read_only: bool = False, migrated: bool = False
) -> Iterator[Client]:
    """A client of the store.

    Args:
        settings: Their ``store``.
        read_only: Without the right to change anything.
        migrated: Bring the schema to this version's first.

    Raises:
        CommandError: The store cannot be opened, is of a newer version, or refused what was asked.
    """
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store
    from otel_ai_feedback.store import schema

    try:
        client = store.connect(settings.store, read_only=read_only)
        try:
            if migrated:
                store.migrate(client, settings)
            else:
                schema.refuse_newer(client)
            yield client
        finally:
            client.close()
    except (store.StoreError, ClickHouseError) as error:
        raise CommandError(str(error)) from error
