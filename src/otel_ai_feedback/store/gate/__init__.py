"""The gate: what a foreign statement comes to, and whether it may run.

Three things hold, one behind the other.

1. The tree of the engine's own parser, and the tree that the engine resolves it to, have nothing
   but kinds of nodes, functions and tables that are named (:mod:`.tree`, :mod:`.resolved`).
2. The engine runs a SELECT of a user as a temporary view whose definer has the grants of that user
   and no others: SELECT on the store's tables, no source (:func:`as_definer`).
3. The engine's own user has no right to any source outside either
   (:mod:`otel_ai_feedback.store.engine_config`).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from otel_ai_feedback.store.connection import DATABASE
from otel_ai_feedback.store.engine_config import Definer
from otel_ai_feedback.store.errors import StoreError
from otel_ai_feedback.store.gate import resolved, tree
from otel_ai_feedback.store.gate.errors import Ask, DeniedError
from otel_ai_feedback.store.gate.functions import Functions
from otel_ai_feedback.store.gate.tables import Tables

__all__ = ["VIEW", "VIEW_SETTINGS", "DeniedError", "Gate", "Judged", "Tables", "as_definer"]

VIEW: Final = "asked"
"""Name of the temporary view of a session."""

VIEW_SETTINGS: Final = {
    "allow_suspicious_low_cardinality_types": "1",
    "allow_suspicious_variant_types": "1",
    # Or the order that the statement asked for would be left out as of no use in a view.
    "query_plan_remove_redundant_sorting": "0",
}
"""With which a session takes every SELECT as a view."""

_PARSE: Final = "select parseQueryToJSON({sql:String})"
_NO_TREE: Final = "not supported by parseQueryToJSON"
_NAME: Final = rf"(?:({tree.IDENTIFIER})\s*\.\s*)?{tree.IDENTIFIER}"
# What has no tree and yet may run, letter by letter: what columns a table has is no secret, and
# clients need it to write to one.
_DESCRIBE: Final = re.compile(
    rf"\s*desc(?:ribe)?\s+(?:table\s+)?{_NAME}(?:\s+format\s+\w+)?\s*(?:;\s*)?", re.IGNORECASE
)
_ABOUT_A_TABLE: Final = re.compile(
    rf"\s*(?:desc(?:ribe)?(?:\s+table)?|exists(?:\s+(?:table|view|database))?"
    rf"|show\s+create(?:\s+(?:table|view|database))?)"
    rf"\s+{_NAME}(?:\s+format\s+\w+)?\s*(?:;\s*)?",
    re.IGNORECASE,
)
_FORMAT: Final = re.compile(r"\bformat\s+\w+\s*(?:;\s*)?$", re.IGNORECASE)
_IS_VIEW: Final = (
    "select count() from system.tables where database = {database:String} "
    "and name = {name:String} and engine = 'View'"
)
_CODE: Final = re.compile(r"Code: (\d+)\. DB::Exception: ")
_ERROR_NAME: Final = re.compile(r"\([A-Z_0-9]+\)\s*$")
# Errors whose words are about the statement alone, never about a value that was read.
_ABOUT_THE_STATEMENT: Final = frozenset(
    {10, 16, 35, 42, 43, 44, 46, 47, 48, 50, 51, 53, 60, 62, 63, 81, 153, 159, 160, 164, 179, 184}
    | {207, 215, 241, 244, 256, 306, 344, 352, 386, 394, 403, 407, 456, 457, 497, 524, 636}
)


@dataclass(frozen=True)
class Judged:
    """A statement that may run.

    Attributes:
        sql: The statement.
        select: The same without FORMAT and with its parameters filled in, when it is a SELECT:
            what :func:`as_definer` takes.
    """

    sql: str
    select: str | None


class Gate:
    """Judges statements; one for each process, as the engine's functions are read once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._functions: Functions | None = None

    def judge(
        self, ask: Ask, sql: str, tables: Tables, fill: Callable[[str], str] | None = None
    ) -> Judged:
        """Let a statement pass that only reads what its user may read.

        Args:
            ask: Asks the engine, in a session of the store's database.
            sql: The statement.
            tables: What the user may name.
            fill: Gives a statement with its parameters filled in, where values came with it.

        Raises:
            DeniedError: It does something else.
            Exception: The engine's message about a statement that it cannot understand.
        """
        try:
            return self._judge(ask, sql, tables, fill)
        except RecursionError:
            raise DeniedError("the statement is nested too deeply") from None

    def _judge(
        self, ask: Ask, sql: str, tables: Tables, fill: Callable[[str], str] | None
    ) -> Judged:
        if described := _DESCRIBE.fullmatch(sql):
            if described[1]:
                tables.check_database(described[1].strip('`"'))
            return Judged(sql, None)
        try:
            parsed = _parsed(ask, sql)
        except Exception as error:
            if _NO_TREE not in str(error):
                raise
            if tables.definer is None and _ABOUT_A_TABLE.fullmatch(sql):
                return Judged(sql, None)
            parsed = {"type": "another"}
        if parsed["type"] == "ShowTablesQuery":
            tree.check_show(parsed, tables)
            return Judged(sql, None)
        if parsed["type"] == "ExplainQuery" and tables.definer is None:
            tree.check_outfile(parsed)
            self._check_explained(ask, parsed, tables)
            return Judged(sql, None)
        if parsed["type"] not in tree.SELECTS:
            raise DeniedError(
                "only SELECT, DESCRIBE TABLE, SHOW TABLES and SHOW DATABASES may run (READONLY)"
            )
        self._check_tree(ask, parsed, tables)
        select = sql
        if "format_ast" in parsed:
            select = _FORMAT.sub("", sql)
            if select == sql:
                raise DeniedError("FORMAT must stand at the very end")
        if fill and any(node["type"] == "QueryParameter" for node in tree.nodes(parsed)):
            # The engine fills them in; what comes out is judged like any other statement.
            select = fill(select)
        if select != sql:
            parsed = _parsed(ask, select)
            self._check_tree(ask, parsed, tables)
        if any(node["type"] == "QueryParameter" for node in tree.nodes(parsed)):
            raise DeniedError("a parameter of the statement has no value")
        with _TellingErrors():
            resolved.check(ask, select, self._known(ask), tables, lambda name: _is_view(ask, name))
        return Judged(sql, select)

    def _check_tree(self, ask: Ask, parsed: dict[str, Any], tables: Tables) -> None:
        tree.check_select(parsed, self._known(ask), tables, lambda name: _is_view(ask, name))

    def _check_explained(self, ask: Ask, parsed: dict[str, Any], tables: Tables) -> None:
        explained = parsed.get("query", {"type": "nothing"})
        if explained["type"] not in tree.SELECTS:
            raise DeniedError("only a SELECT can be explained (READONLY)")
        self._check_tree(ask, explained, tables)

    def _known(self, ask: Ask) -> Functions:
        with self._lock:
            if self._functions is None:
                self._functions = Functions(ask)
            return self._functions

    def check_statement(self, client: Client, sql: str) -> None:
        """Let a statement of the owner pass that a read-only client may send.

        A store behind HTTP judges for itself; where this process has the engine, nobody else does.

        Args:
            client: From ``connect(..., read_only=True)``.
            sql: The statement, perhaps a stranger's.

        Raises:
            StoreError: It is not one statement that only reads tables; the message says why.
        """
        if not client.uri.startswith("chdb:"):
            return

        def ask(text: str, format_: str, parameters: Mapping[str, str]) -> bytes:
            return client.raw_query(text, parameters=dict(parameters), fmt=format_)

        try:
            self.judge(ask, sql, Tables(DATABASE))
        except DatabaseError as error:
            # The words about the statement that asked for the tree are of no use.
            raise StoreError(str(error).partition(": In scope")[0]) from None


def as_definer(definer: Definer, select: str) -> str:
    """The statement that makes the session's view of a SELECT, run with a definer's grants."""
    return f"create temporary view {VIEW} definer = {definer} sql security definer as\n{select}"


def _parsed(ask: Ask, sql: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask(_PARSE, "RawBLOB", {"sql": sql}))
    return found


def _is_view(ask: Ask, name: str) -> bool:
    return ask(_IS_VIEW, "TSV", {"database": DATABASE, "name": name}).strip() == b"1"


class _TellingErrors:
    """Passes on what the engine says of a statement, and keeps what it says of values."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None or isinstance(error, StoreError):
            return
        text = str(error)
        code, name = _CODE.search(text), _ERROR_NAME.search(text)
        if not code or int(code[1]) not in _ABOUT_THE_STATEMENT:
            kept = f"Code: {code[1]}. DB::Exception: " if code else ""
            raise RuntimeError(
                f"{kept}the statement fails before it reads a table {name[0] if name else ''}"
            ) from None
