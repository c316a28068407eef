"""What each role may send with a statement: settings, formats, tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from otel_ai_feedback.serve.clickhouse.statement import Insert, target
from otel_ai_feedback.serve.clickhouse.users import User
from otel_ai_feedback.store import DATABASE
from otel_ai_feedback.store.engine_config import MOST_SECONDS, statement_memory
from otel_ai_feedback.store.gate import DeniedError, Tables
from otel_ai_feedback.store.sensitive_tables import RAW_TABLES

_READER_SECONDS: Final = 60
_MOST_RESULT_BYTES: Final = 64 * 1024 * 1024

# Settings that change how much is read or how it is written, never what or where. In particular
# none that names a file, an address or a schema, or carries an expression.
_READER_SETTINGS: Final = frozenset(
    {
        "aggregate_functions_null_for_empty",
        "date_time_output_format",
        "do_not_merge_across_partitions_select_final",
        "extremes",
        "join_use_nulls",
        "max_block_size",
        "max_bytes_to_read",
        "max_execution_time",
        "max_result_bytes",
        "max_result_rows",
        "max_rows_to_read",
        "max_threads",
        "output_format_arrow_string_as_string",
        "output_format_json_named_tuples_as_objects",
        "output_format_json_quote_64bit_integers",
        "output_format_json_quote_denormals",
        "output_format_native_encode_types_in_binary_format",
        "output_format_parquet_string_as_string",
        "output_format_write_statistics",
        "read_overflow_mode",
        "result_overflow_mode",
        "session_timezone",
        "timeout_before_checking_execution_speed",
        "timeout_overflow_mode",
    }
)
_WRITER_SETTINGS: Final = frozenset(
    {
        "date_time_input_format",
        "input_format_defaults_for_omitted_fields",
        "input_format_null_as_default",
        "input_format_skip_unknown_fields",
        "insert_deduplicate",
        "insert_deduplication_token",
        "max_execution_time",
        "max_insert_block_size",
        "max_partitions_per_insert_block",
    }
)
# Formats that carry rows and nothing else: no schema, template or file name.
_WRITER_FORMATS: Final = frozenset(
    {
        "CSV",
        "CSVWithNames",
        "JSONCompactEachRow",
        "JSONEachRow",
        "Native",
        "RowBinary",
        "RowBinaryWithNamesAndTypes",
        "TabSeparated",
        "TabSeparatedWithNames",
    }
)


def settings(user: User, given: Mapping[str, str]) -> dict[str, str]:
    """The settings with which a statement of this user runs.

    Args:
        user: Who asks; not the owner.
        given: What came with the request.

    Raises:
        DeniedError: A setting is not among those that this role may send.
    """
    allowed = _WRITER_SETTINGS if user.role == "writer" else _READER_SETTINGS
    for name in given:
        if name not in allowed:
            raise DeniedError(f"the setting {name} cannot be changed by a {user.role}")
    chosen = dict(given)
    if user.role == "reader":
        chosen["max_execution_time"] = str(_seconds(given.get("max_execution_time", "")))
    # Last, so that none of them is what the request asked for.
    return chosen | {
        "max_memory_usage": str(statement_memory()),
        "max_result_bytes": str(_MOST_RESULT_BYTES),
        "max_threads": "1",
    }


def tables(user: User) -> Tables:
    """What the statements of this user may name, and whose grants they run with."""
    if user.role == "owner":
        return Tables(DATABASE)
    if user.role == "writer":
        return Tables(DATABASE, "writer")
    return Tables(DATABASE, "text_reader" if user.text else "reader")


def check_insert(user: User, insert: Insert) -> None:
    """Let an insert pass that adds rows to a raw table.

    Raises:
        DeniedError: It does more, or this user adds nothing.
    """
    if user.role != "writer":
        raise DeniedError(f"{user.name} is a reader and adds nothing")
    into = target(insert.sql)
    if into is None or into[0] not in ("", DATABASE) or into[1] not in RAW_TABLES:
        raise DeniedError(
            f"a writer adds rows to {' or '.join(sorted(RAW_TABLES))} of {DATABASE}, "
            "by `insert into table (columns) format F`, and does nothing else"
        )
    if insert.format not in _WRITER_FORMATS:
        raise DeniedError(
            f"the format {insert.format} is not accessible; use one of "
            f"{', '.join(sorted(_WRITER_FORMATS))}"
        )


def _seconds(given: str) -> float:
    """Seconds that a reader's statement may take: as asked for, within bounds."""
    try:
        asked = float(given or _READER_SECONDS)
    except ValueError:
        raise DeniedError(f"max_execution_time is {given!r}, not a number of seconds") from None
    return asked if 0 < asked <= MOST_SECONDS else MOST_SECONDS
