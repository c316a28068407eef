"""A statement as the engine understands it: names resolved, strings that are code expanded.

The tree of the parser shows only what is written. What an identifier, an alias or a structure comes
to is known after the engine has resolved it, so the same allow-list is held against that as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from otel_ai_feedback.store.gate.errors import Ask, DeniedError
from otel_ai_feedback.store.gate.functions import Functions
from otel_ai_feedback.store.gate.tables import HIDDEN_COLUMNS, Tables
from otel_ai_feedback.store.gate.tree import check_table_function

# A node a line. A value with such words in it can only lead to one refusal more.
_NAMED: Final = re.compile(
    r"^ *(FUNCTION|TABLE_FUNCTION|COLUMN|TABLE) id: .*?"
    r"(?:function_name|table_function_name|column_name|table_name): ([^,\n]+)",
    re.MULTILINE,
)


def check(
    ask: Ask, sql: str, functions: Functions, tables: Tables, is_view: Callable[[str], bool]
) -> None:
    """Let a statement pass that is resolved to nothing but what is allowed.

    Args:
        ask: Asks the engine.
        sql: A SELECT that :func:`.tree.check_select` has let pass.
        functions: The functions.
        tables: The tables.
        is_view: Whether a name is that of a view with parameters.

    Raises:
        DeniedError: It comes to something else.
        Exception: The engine's message about a statement that has no meaning.
    """
    for kind, name in _NAMED.findall(ask(f"explain query tree {sql}", "TSVRaw", {}).decode()):
        if kind == "FUNCTION":
            functions.check(name)
        elif kind == "TABLE_FUNCTION":
            check_table_function(name, tables, is_view)
        elif kind == "TABLE":
            database, _, table = name.rpartition(".")
            tables.check(database, table)
        elif tables.definer is not None and name in HIDDEN_COLUMNS:
            raise DeniedError(f"the column {name} is out of reach; name the columns you need")
