"""Which functions a foreign statement may call: an allow-list.

The engine checks the rights to tables and sources, not those to functions: ``file`` reads any file
of the machine, others ask the network, wait, or tell about the server. All that is not named here
is refused, so that a newer engine's functions are out of reach until they have been read about.
"""

from __future__ import annotations

import json
import re
from typing import Final

from otel_ai_feedback.store.gate.errors import Ask, DeniedError

_LISTED: Final = "select name, alias_to, categories, is_aggregate, origin from system.functions"

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
# No function with all its combinators is longer.
_LONGEST: Final = 200

# Quadratic in the length of their arguments, and deaf to every limit until they return.
_ENDLESS: Final = frozenset(
    {
        "arrayLevenshteinDistance",
        "arrayLevenshteinDistanceWeighted",
        "arraySimilarity",
        "damerauLevenshteinDistance",
        "editDistance",
        "editDistanceUTF8",
        "hasAll",
        "hasAny",
        "jaroSimilarity",
        "jaroWinklerSimilarity",
    }
)
# Names that only the resolved statement has.
_RESOLVED: Final = frozenset(
    {
        "_CAST",
        "__getScalar",
        "nothing",
        "_subquery",
        # what becomes of `grouping`
        "__groupingForCube",
        "__groupingForGroupingSets",
        "__groupingForRollup",
        "__groupingOrdinary",
    }
)


class Functions:
    """Which functions of the engine compute from their arguments alone, in time that they bound.

    Args:
        ask: Asks the engine, here only.
    """

    def __init__(self, ask: Ask) -> None:
        rows = json.loads(ask(_LISTED, "JSON", {}))["data"]
        categories = {row["name"]: row["categories"] for row in rows}
        self._aggregates = frozenset(row["name"].lower() for row in rows if row["is_aggregate"])
        self._known: dict[str, bool] = {}
        for row in rows:
            original = row["alias_to"] or row["name"]
            allowed = (
                row["origin"] == "System"
                and original not in _ENDLESS
                and (
                    bool(row["is_aggregate"])
                    or categories.get(original, "") in _CATEGORIES
                    or original in _FUNCTIONS
                )
            )
            # Two functions that differ in case only are as good as the worse of them.
            lower = row["name"].lower()
            self._known[lower] = self._known.get(lower, True) and allowed

    def check(self, name: str) -> None:
        """Let a function pass.

        Raises:
            DeniedError: It is not one that is allowed.
        """
        allowed = name in _RESOLVED or self._known.get(name.lower())
        if allowed is None:
            allowed = name in _FUNCTIONS or self._combined(name)
        if not allowed:
            raise DeniedError(f"the function {name} is out of reach")

    def check_identifier(self, name: str) -> None:
        """Let a name pass that cannot be taken for a function: `arrayMap(file, ['/etc/passwd'])`.

        Raises:
            DeniedError: It is the name of a function that is not allowed.
        """
        if not self._known.get(name.lower(), True):
            raise DeniedError(
                f"{name} is the name of a function that is out of reach; write `t.{name}` for a "
                "column"
            )

    def _combined(self, name: str) -> bool:
        """Whether it is an aggregate function with combinators, ``sumIf`` for example."""
        if len(name) > _LONGEST:
            return False
        while found := _COMBINATORS.search(name):
            name = name[: found.start()]
            if name.lower() in self._aggregates:
                return True
        return False
