"""What a user of the ClickHouse endpoint may ask, judged on the parsed statement.

The embedded engine has no users, and its ``readonly = 1`` is not enough: the function ``file``
reads any file of the machine, ``INTO OUTFILE`` writes one, and several statements may stand in one
text. So the engine's own parser (``parseQueryToJSON``) turns the text into a tree, and the tree is
compared with what is allowed here. All that is not named is refused, so that a newer engine's
functions are out of reach until somebody has read about them.

Tables of the store are named by what they hold: those in which a text can stand are for users with
``text``, everything else is for every reader. Views read the raw tables on their own account.

One file, although it is long: who wants to know whether this is safe has to read all of it.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from chdb.state.sqlitelike import Connection

from otel_ai_feedback.serve.clickhouse.statement import unquoted
from otel_ai_feedback.store import DATABASE, SECRET_TABLES, TEXT_TABLES, read_only
from otel_ai_feedback.store.read_only import (
    IDENTIFIER,
    OUTFILE_FLAGS,
    DeniedError,
    check_outfile,
    nodes,
)

# What clients ask before anything else, to complete names and to know types. No table here tells
# what others ask, where files lie, or how to log in anywhere.
_SYSTEM_TABLES: Final = frozenset(
    {"columns", "databases", "functions", "numbers", "one", "settings", "tables", "time_zones"}
)
_TABLE_FUNCTIONS: Final = frozenset(
    {"generate_series", "generateSeries", "numbers", "numbers_mt", "values", "zeros", "zeros_mt"}
)

# Kinds of functions that compute from their arguments alone, in the words of system.functions.
_CATEGORIES: Final = frozenset(
    {
        "Aggregate Functions",
        "Arithmetic",
        "Arrays",
        "Bit",
        "Bitmap",
        "Comparison",
        "Conditional",
        "Dates and Times",
        "Distance",
        "Encoding",
        "Financial",
        "Geo",
        "Geo Polygon",
        "Hash",
        "IP Address",
        "JSON",
        "Logical",
        "Map",
        "Mathematical",
        "Null",
        "NumericIndexedVector",
        "QBit",
        "Random Number",
        "Rounding",
        "String",
        "String Replacement",
        "String Search",
        "String Splitting",
        "Time Series",
        "Time Window",
        "Tuple",
        "Type Conversion",
        "URL",
        "UUID",
    }
)
# Those of the other kinds that do so too, and what dashboards and clients ask of the server.
_FUNCTIONS: Final = frozenset(
    {
        "bar",
        "byteSize",
        "caseWithExpression",
        "countDigits",
        "currentDatabase",
        "currentUser",
        "defaultValueOfArgumentType",
        "displayName",
        "exists",
        "finalizeAggregation",
        "formatReadableDecimalSize",
        "formatReadableQuantity",
        "formatReadableSize",
        "formatReadableTimeDelta",
        "getSubcolumn",
        "grouping",
        "identity",
        "ignore",
        "indexHint",
        "initializeAggregation",
        "isConstant",
        "isDecimalOverflow",
        "lambda",
        "materialize",
        "minSampleSizeContinuous",
        "minSampleSizeConversion",
        "neighbor",
        "parseReadableSize",
        "parseReadableSizeOrNull",
        "parseReadableSizeOrZero",
        "parseTimeDelta",
        "rowNumberInAllBlocks",
        "rowNumberInBlock",
        "runningAccumulate",
        "runningDifference",
        "runningDifferenceStartingWithFirstValue",
        "toColumnTypeName",
        "toTypeName",
        "transform",
        "uptime",
        "variantElement",
        "variantType",
        "version",
        "visibleWidth",
    }
)
_COMBINATORS: Final = re.compile(
    r"(?:If|Array|Map|Distinct|SimpleState|State|MergeState|Merge|ForEach|Resample|OrDefault|OrNull"
    r"|ArgMin|ArgMax|Null|RespectNulls|IgnoreNulls)$"
)

_IN: Final = re.compile(r"(?:global)?(?:not)?(?:null)?in(?:ignoreset)?", re.IGNORECASE)

_NODES: Final = frozenset(
    {
        "ArrayJoin",
        "Asterisk",
        "ColumnsApplyTransformer",
        "ColumnsExceptTransformer",
        "ColumnsListMatcher",
        "ColumnsRegexpMatcher",
        "ColumnsReplaceTransformer",
        "ColumnsReplaceTransformerReplacement",
        "ColumnsTransformerList",
        "ExpressionList",
        "Function",
        "Identifier",
        "InterpolateElement",
        "Literal",
        "OrderByElement",
        "QualifiedAsterisk",
        "QualifiedColumnsListMatcher",
        "QualifiedColumnsRegexpMatcher",
        "QueryParameter",
        "SampleRatio",
        "SelectIntersectExceptQuery",
        "SelectQuery",
        "SelectWithUnionQuery",
        "Subquery",
        "TableExpression",
        "TableFunction",
        "TableIdentifier",
        "TableJoin",
        "TablesInSelectQuery",
        "TablesInSelectQueryElement",
        "WindowDefinition",
        "WindowListElement",
        "WithElement",
    }
)
_SHOW: Final = frozenset(
    {"type", "from", "databases", "like", "not_like", "case_insensitive_like", "limit_length"}
)
_DESCRIBE: Final = re.compile(
    rf"\s*desc(?:ribe)?\s+(?:table\s+)?(?:({IDENTIFIER})\s*\.\s*)?({IDENTIFIER})"
    r"\s*(?:format\s+\w+\s*)?;?\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Tables:
    """The tables of the store that a user may read.

    Attributes:
        text: Those in which texts can stand as well.
        any: False when there are none at all, for users who only write.
    """

    text: bool
    any: bool = True

    def check(self, database: str, table: str) -> None:
        """Let a table pass.

        Raises:
            DeniedError: The user may not read it.
        """
        shown = f"{database}.{table}"
        if not self.any:
            raise DeniedError(f"{shown} cannot be read by a user who only writes")
        if database == "system" and table in _SYSTEM_TABLES:
            return
        if database != DATABASE:
            raise DeniedError(f"{shown} is out of reach; the store's own tables are in {DATABASE}")
        if table in SECRET_TABLES:
            raise DeniedError(f"{shown} is a secret of the store, which no reader needs")
        if table in TEXT_TABLES and not self.text:
            raise DeniedError(
                f"{shown} can hold texts of users; ask a view instead, or give this user "
                "`text = true` in the file of users"
            )


class Functions:
    """Which functions of the engine compute from their arguments alone.

    Args:
        connection: Connection to the engine, used here only.
    """

    def __init__(self, connection: Connection) -> None:
        rows = _rows(
            connection,
            "select name, alias_to, categories, is_aggregate, origin from system.functions",
        )
        categories = {row["name"]: row["categories"] for row in rows}
        self._aggregates = frozenset(row["name"].lower() for row in rows if row["is_aggregate"])
        self._known: dict[str, bool] = {}
        for row in rows:
            original = row["alias_to"] or row["name"]
            allowed = row["origin"] == "System" and (
                bool(row["is_aggregate"])
                or categories.get(original, "") in _CATEGORIES
                or original in _FUNCTIONS
            )
            # Two functions that differ in case only are as good as the worse of them.
            lower = row["name"].lower()
            self._known[lower] = self._known.get(lower, True) and allowed

    def check(self, name: str) -> None:
        """Let a function pass.

        Raises:
            DeniedError: It is not one that is allowed.
        """
        allowed = self._known.get(name.lower())
        if allowed is None:
            allowed = name in _FUNCTIONS or self._combined(name)
        if not allowed:
            raise DeniedError(f"the function {name} is out of reach")

    def _combined(self, name: str) -> bool:
        """Whether it is an aggregate function with combinators, ``sumIf`` for example."""
        while found := _COMBINATORS.search(name):
            name = name[: found.start()]
            if name.lower() in self._aggregates:
                return True
        return False


class Access:
    """Judges statements of users who are not the owner."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._functions: Functions | None = None

    def check(self, connection: Connection, sql: str, tables: Tables) -> None:
        """Let a statement pass that only reads what the user may read.

        Args:
            connection: Connection to the engine.
            sql: The statement.
            tables: What the user may read.

        Raises:
            DeniedError: It does something else.
            RuntimeError: The engine's message about a statement that it cannot parse.
        """
        described = _DESCRIBE.fullmatch(sql)
        if described:
            # What columns a table has is no secret, and clients need it to write to one.
            if described[1] and unquoted(described[1]) != DATABASE:
                raise DeniedError(f"{described[1]} is out of reach; use {DATABASE}")
            return
        try:
            tree = _parsed(connection, sql)
            if tree["type"] == "ShowTablesQuery":
                _check_show(tree)
            elif tree["type"] in ("SelectWithUnionQuery", "SelectIntersectExceptQuery"):
                self._check_select(connection, tree, tables)
            else:
                raise DeniedError(
                    "only SELECT, DESCRIBE TABLE, SHOW TABLES and SHOW DATABASES may run"
                )
        except RecursionError:
            raise DeniedError("the statement is nested too deeply") from None

    def check_read_only(self, connection: Connection, sql: str) -> None:
        """Let a statement of the owner pass that is to change and read nothing but tables.

        What would write to a table or read one from elsewhere is left to ``readonly = 1``.

        Args:
            connection: Connection to the engine.
            sql: The statement.

        Raises:
            DeniedError: It reads or writes a file.
            RuntimeError: The engine's message about a text that is not one statement.
        """
        read_only.check(partial(_tree, connection), sql)

    def _check_function(self, connection: Connection, name: str) -> None:
        with self._lock:
            if self._functions is None:
                self._functions = Functions(connection)
        self._functions.check(name)

    def _check_select(self, connection: Connection, tree: dict[str, Any], tables: Tables) -> None:
        tree.pop("format_ast", None)
        for node in nodes(tree):
            kind = node["type"]
            if kind not in _NODES:
                raise DeniedError(_NOT_ALLOWED.get(kind, f"{kind} is out of reach"))
            check_outfile(node)
            if kind == "QueryParameter" and node.get("param_type") == "Identifier":
                raise DeniedError("a parameter of type Identifier may name anything")
            if kind == "TableIdentifier":
                _check_table(node, tables)
            elif kind == "TableExpression" and "table_function" in node:
                _check_table_function(connection, node["table_function"]["name"], tables)
                node["table_function"]["type"] = "TableFunction"
            elif kind == "Function":
                self._check_function(connection, node["name"])
                _check_in(node, tables)
            elif kind == "ColumnsApplyTransformer" and "func_name" in node:
                self._check_function(connection, node["func_name"])


def _parsed(connection: Connection, sql: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(_tree(connection, sql))
    return tree


def _tree(connection: Connection, sql: str) -> str:
    result = connection.query(read_only.PARSE, "RawBLOB", params={"sql": escaped(sql)})
    return bytes(result.bytes()).decode()


def _check_table_function(connection: Connection, name: str, tables: Tables) -> None:
    if name in _TABLE_FUNCTIONS:
        return
    # What is left may be a view with parameters.
    view = name.removeprefix(f"{DATABASE}.")
    tables.check(DATABASE, view)
    if not _rows(
        connection,
        "select 1 as found from system.tables where database = {database:String} "
        "and name = {name:String} and engine = 'View'",
        {"database": DATABASE, "name": escaped(view)},
    ):
        raise DeniedError(f"the table function {name} is out of reach")


_NOT_ALLOWED: Final = {
    "SetQuery": "SETTINGS within a statement are out of reach; send them with the request instead",
}


def escaped(value: str) -> str:
    """A text as the value of a parameter of type String."""
    for character, escape in _ESCAPES:
        value = value.replace(character, escape)
    return value


_ESCAPES: Final = (
    ("\\", "\\\\"),
    ("\t", "\\t"),
    ("\n", "\\n"),
    ("\r", "\\r"),
    ("\0", "\\0"),
    ("\b", "\\b"),
    ("\f", "\\f"),
)


def _check_table(node: dict[str, Any], tables: Tables) -> None:
    parts = node.get("name_parts", [node["name"]])
    if len(parts) > 2 or node.get("children"):
        raise DeniedError(f"{node['name']} names no table of the store")
    if len(parts) == 1:
        # It may be a subquery of WITH. Any other name that is not allowed is no table either.
        tables.check(DATABASE, parts[0])
    else:
        tables.check(parts[0], parts[1])


def _check_in(node: dict[str, Any], tables: Tables) -> None:
    """Refuse a table to the right of IN, which the parser takes for a column."""
    if not _IN.fullmatch(node["name"]):
        return
    for part in node["arguments"].get("children", [])[1:]:
        if part["type"] == "Identifier":
            _check_table(part, tables)


def _check_show(tree: dict[str, Any]) -> None:
    check_outfile(tree)
    if set(tree) - _SHOW - OUTFILE_FLAGS - {"format_ast"}:
        raise DeniedError("only SHOW TABLES and SHOW DATABASES may run")
    asked = tree.get("from", {}).get("name", DATABASE)
    if asked != DATABASE:
        raise DeniedError(f"{asked} is out of reach; the store's own tables are in {DATABASE}")


def _rows(
    connection: Connection, sql: str, parameters: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    result = connection.query(sql, "JSON", params=dict(parameters or {}))
    rows: list[dict[str, Any]] = json.loads(result.bytes())["data"]
    return rows
