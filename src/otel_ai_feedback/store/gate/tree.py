"""A statement as the engine's own parser sees it, compared with what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from otel_ai_feedback.store.gate.errors import DeniedError
from otel_ai_feedback.store.gate.functions import Functions
from otel_ai_feedback.store.gate.tables import Tables

IDENTIFIER: Final = r"(?:[A-Za-z_]\w*|`[^`\\]+`|\"[^\"\\]+\")"
"""A name as a pattern, bare or in quotes, without escapes in it."""

OUTFILE_FLAGS: Final = frozenset(
    {"is_outfile_append", "is_outfile_truncate", "is_into_outfile_with_stdout"}
)
"""Keys of a tree that say how a file would be written."""

SELECTS: Final = frozenset({"SelectWithUnionQuery", "SelectIntersectExceptQuery"})
"""Kinds of statements that give rows of tables."""

# Without `values`, `format` and their like: their structure is a text with expressions in it.
_TABLE_FUNCTIONS: Final = frozenset(
    {"generate_series", "generateSeries", "numbers", "numbers_mt", "zeros", "zeros_mt"}
)
_IN: Final = re.compile(r"(?:global)?(?:not)?(?:null)?in(?:ignoreset)?", re.IGNORECASE)
_SHOW: Final = frozenset(
    {"type", "from", "databases", "like", "not_like", "case_insensitive_like", "limit_length"}
)
_NOT_ALLOWED: Final = {
    "SetQuery": "SETTINGS within a statement are out of reach; send them with the request instead",
}
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


def check_select(
    tree: dict[str, Any], functions: Functions, tables: Tables, is_view: Callable[[str], bool]
) -> None:
    """Let a statement pass that computes rows from tables by functions that are allowed.

    Args:
        tree: Of a SELECT.
        functions: The functions.
        tables: The tables.
        is_view: Whether a name is that of a view with parameters.

    Raises:
        DeniedError: It does something else.
    """
    for node in nodes({key: value for key, value in tree.items() if key != "format_ast"}):
        kind = node["type"]
        if kind not in _NODES:
            raise DeniedError(_NOT_ALLOWED.get(kind, f"{kind} is out of reach"))
        check_outfile(node)
        if kind == "QueryParameter" and node.get("param_type") == "Identifier":
            raise DeniedError("a parameter of type Identifier may name anything")
        if kind == "TableIdentifier":
            _check_table(node, tables)
        elif kind == "TableExpression" and "table_function" in node:
            check_table_function(node["table_function"]["name"], tables, is_view)
            node["table_function"]["type"] = "TableFunction"
        elif kind == "Function":
            functions.check(node["name"])
            _check_in(node, tables)
        elif kind == "Identifier":
            functions.check_identifier(node["name"])
        elif kind == "ColumnsApplyTransformer" and "func_name" in node:
            functions.check(node["func_name"])


def check_show(tree: dict[str, Any], tables: Tables) -> None:
    """Let SHOW TABLES and SHOW DATABASES pass, with literals only.

    Raises:
        DeniedError: It is something else, or holds an expression.
    """
    check_outfile(tree)
    if set(tree) - _SHOW - OUTFILE_FLAGS - {"format_ast"}:
        raise DeniedError("only SHOW TABLES and SHOW DATABASES may run")
    if tree.get("limit_length", {"type": "Literal"})["type"] != "Literal":
        raise DeniedError("LIMIT of SHOW takes a number")
    if "from" in tree:
        tables.check_database(tree["from"]["name"])


def check_table_function(name: str, tables: Tables, is_view: Callable[[str], bool]) -> None:
    """Let a table function pass that computes, or is a view with parameters.

    Raises:
        DeniedError: It reaches somewhere else.
    """
    if name in _TABLE_FUNCTIONS:
        return
    view = tables.check_view(name)
    if not is_view(view):
        raise DeniedError(f"the table function {name} is out of reach")


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


def _check_table(node: dict[str, Any], tables: Tables) -> None:
    parts = node.get("name_parts", [node["name"]])
    if len(parts) > 2 or node.get("children"):
        raise DeniedError(f"{node['name']} names no table of the store")
    if len(parts) == 1:
        # It may be a subquery of WITH. Any other name that is not allowed is no table either.
        tables.check("", parts[0])
    else:
        tables.check(parts[0], parts[1])


def _check_in(node: dict[str, Any], tables: Tables) -> None:
    """Refuse a table to the right of IN, which the parser takes for a column."""
    if not _IN.fullmatch(node["name"]):
        return
    for part in node["arguments"].get("children", [])[1:]:
        if part["type"] == "Identifier":
            _check_table(part, tables)
