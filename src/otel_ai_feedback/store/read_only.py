"""Whether a statement only reads the store, judged on the tree of the engine's own parser.

``readonly = 1`` of the embedded engine refuses table functions that reach outside, changes and
settings, but not everything that touches the machine: the function ``file`` reads any file,
``INTO OUTFILE`` writes one, and several statements may stand in one text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from otel_ai_feedback.store.errors import StoreError

PARSE: Final = "select parseQueryToJSON({sql:String})"
"""Gives the tree of one statement, in format RawBLOB; an error for a text that is not one."""

IDENTIFIER: Final = r"(?:[A-Za-z_]\w*|`[^`\\]+`|\"[^\"\\]+\")"
"""A name as a pattern, bare or in quotes, without escapes in it."""

_NO_TREE: Final = "not supported by parseQueryToJSON"
# What has no tree and yet may run, letter by letter.
_ABOUT_A_TABLE: Final = re.compile(
    rf"\s*(?:desc(?:ribe)?(?:\s+table)?|exists(?:\s+(?:table|view|database))?"
    rf"|show\s+create(?:\s+(?:table|view|database))?)"
    rf"\s+(?:{IDENTIFIER}\s*\.\s*)?{IDENTIFIER}\s*(?:format\s+\w+\s*)?;?\s*",
    re.IGNORECASE,
)
OUTFILE_FLAGS: Final = frozenset(
    {"is_outfile_append", "is_outfile_truncate", "is_into_outfile_with_stdout"}
)
"""Keys of a tree that say how a file would be written."""


class DeniedError(StoreError):
    """The statement may not run; the message says why, and what to do instead."""


def check(parse: Callable[[str], str], sql: str) -> None:
    """Let a statement of the owner pass that touches nothing but tables.

    What would write to a table, or read one from elsewhere, is left to ``readonly = 1``.

    Args:
        parse: Has the engine run ``PARSE`` and gives its answer.
        sql: The statement.

    Raises:
        DeniedError: It reads or writes a file.
        Exception: Whatever ``parse`` raises for a text that is not one statement.
    """
    try:
        tree = json.loads(parse(sql))
    except Exception as error:
        if _NO_TREE not in str(error):
            raise
        if not _ABOUT_A_TABLE.fullmatch(sql):
            raise DeniedError(
                "only SELECT, EXPLAIN and SHOW may run, and DESCRIBE, EXISTS and SHOW CREATE of a "
                "table (READONLY)"
            ) from None
        return
    for node in nodes(tree):
        check_outfile(node)
        called = node.get("name" if node["type"] == "Function" else "func_name", "")
        if called.lower() == "file":
            raise DeniedError("the function file reads a file of the server (READONLY)")


def check_outfile(node: dict[str, Any]) -> None:
    """Let a node pass that writes no file.

    Raises:
        DeniedError: It does.
    """
    if "out_file" in node or any(node.get(flag) for flag in OUTFILE_FLAGS):
        raise DeniedError("INTO OUTFILE writes a file of the server")


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every node of a tree, parents first.

    Raises:
        DeniedError: A part of the tree has a shape that is not known here.
    """
    if isinstance(value, dict):
        if "type" in value:
            yield value
        elif "field_type" not in value and "changes" not in value and "name" not in value:
            raise DeniedError("the statement has a part that is not known here")
        for part in value.values():
            yield from nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part)


def check_statement(client: Client, sql: str) -> None:
    """Let a statement pass that a client made with ``read_only`` may send.

    A store behind HTTP judges for itself; where this process has the engine, nobody else does.

    Args:
        client: From ``connect(..., read_only=True)``.
        sql: The statement, perhaps a stranger's.

    Raises:
        StoreError: It is not one statement that only reads tables; the message says why.
    """
    if not client.uri.startswith("chdb:"):
        return

    def parse(text: str) -> str:
        return client.raw_query(PARSE, parameters={"sql": text}, fmt="RawBLOB").decode()

    try:
        check(parse, sql)
    except RecursionError:
        raise DeniedError("the statement is nested too deeply") from None
    except DatabaseError as error:
        # The words about the statement that asked for the tree are of no use to anybody.
        raise StoreError(str(error).partition(": In scope")[0]) from None
