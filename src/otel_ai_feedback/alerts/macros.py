"""Macros and variables of Grafana's ClickHouse data source, expanded as it expands them.

Comments are taken out first; arguments may hold further macros; a macro that is not known stays as
it is, and the engine then says so. Unlike in Grafana, a variable is filled in after the macros, so
that a value that looks like one stays a value, and a backslash in a value is escaped: values come
from addresses that anyone may have written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Final

ALL: Final = "$__all"
"""Value of a variable for which everything is chosen."""

Value = str | Sequence[str]


class MacroError(ValueError):
    """A macro or variable is used wrongly; the message says which and how."""


@dataclass(frozen=True)
class Window:
    """The time range of a question.

    Attributes:
        start: Its beginning, with a time zone.
        end: Its end, with a time zone.
        interval_seconds: Seconds between two points that a chart can tell apart.
    """

    start: datetime
    end: datetime
    interval_seconds: float = 60.0

    @property
    def start_ms(self) -> int:
        """Milliseconds from 1970 to the beginning."""
        return _milliseconds(self.start)

    @property
    def end_ms(self) -> int:
        """Milliseconds from 1970 to the end."""
        return _milliseconds(self.end)


def expand(sql: str, window: Window, variables: Mapping[str, Value] | None = None) -> str:
    """The statement that the engine is asked.

    Args:
        sql: A statement with macros and variables.
        window: What the time macros stand for.
        variables: Value or values of each variable by name; ``ALL`` is everything.

    Raises:
        MacroError: A macro has the wrong number of arguments, a parenthesis is not closed, or a
            variable has no value or another format than ``singlequote``.
    """
    values = variables or {}
    text = without_comments(sql)
    # From the last to the first: what stands inside the arguments of a macro is expanded before it.
    for found in reversed(list(_MACRO.finditer(text))):
        name, end = found[1], found.end()
        arguments: list[str] = []
        if text[end : end + 1] == "(":
            arguments, end = _arguments(text, end, name)
        made = _expanded(name, arguments, window, values)
        if made is not None:
            text = text[: found.start()] + made + text[end:]
    return _VARIABLE.sub(lambda match: _filled(match, values), text)


def without_comments(sql: str) -> str:
    """The statement without comments; what is in quotes is not a comment."""
    return _COMMENT.sub(lambda match: match[1] or "", sql).strip()


def quoted(value: str) -> str:
    """A value as the engine reads it between single quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


_QUOTED: Final = r"'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\""
_COMMENT: Final = re.compile(rf"({_QUOTED})|--[^\n]*|/\*.*?\*/", re.DOTALL)
_MACRO: Final = re.compile(r"\$__([A-Za-z_]+)")
_VARIABLE: Final = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$([A-Za-z]\w*)")
_DURATION: Final = re.compile(r"\s*(\d+)\s*(ms|s|m|h|d|w)\s*")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _milliseconds(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise MacroError(f"{moment} has no time zone")
    epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return round((moment - epoch).total_seconds() * 1000)


def _arguments(text: str, at: int, name: str) -> tuple[list[str], int]:
    """The arguments in the parentheses that open at a place, and the place after them."""
    depth = 0
    begin = at + 1
    found = []
    place = at
    while place < len(text):
        character = text[place]
        if character in "'`\"":
            string = _STRING.match(text, place)
            place = string.end() if string else len(text)
            continue
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        if (character == "," and depth == 1) or depth == 0:
            found.append(text[begin:place].strip())
            begin = place + 1
        place += 1
        if depth == 0:
            return found, place
    raise MacroError(f"the parenthesis after $__{name} is not closed")


_STRING: Final = re.compile(_QUOTED, re.DOTALL)


def _expanded(
    name: str, arguments: list[str], window: Window, values: Mapping[str, Value]
) -> str | None:
    if name == "conditionalAll":
        if len(arguments) != 2:
            raise MacroError("$__conditionalAll takes a condition and a variable")
        variable = arguments[1].strip("${}")
        if ":" in variable:
            raise MacroError(f"$__conditionalAll takes ${variable.partition(':')[0]}, unformatted")
        return "1=1" if ALL in _values(variable, values) else arguments[0]
    macro = _MACROS.get(name)
    if macro is None:
        return None
    count, make = macro
    given = [argument for argument in arguments if argument]
    if len(given) != count:
        raise MacroError(f"$__{name} takes {count} arguments, not {len(given)}")
    return make(window, *given)


def _values(name: str, values: Mapping[str, Value]) -> Sequence[str]:
    if name not in values:
        raise MacroError(f"the variable {name} has no value; known are {', '.join(values) or '-'}")
    value = values[name]
    return [value] if isinstance(value, str) else value


def _filled(match: re.Match[str], values: Mapping[str, Value]) -> str:
    name, format_ = match[1] or match[3], match[2]
    if format_ != "singlequote":
        raise MacroError(f"write the variable {name} as ${{{name}:singlequote}}")
    return ",".join(quoted(value) for value in _values(name, values))


def _seconds(moment: datetime) -> int:
    return _milliseconds(moment) // 1000


def _from_time(window: Window) -> str:
    return f"toDateTime({_seconds(window.start)})"


def _to_time(window: Window) -> str:
    return f"toDateTime({_seconds(window.end)})"


def _from_time_ms(window: Window) -> str:
    return f"fromUnixTimestamp64Milli({window.start_ms})"


def _to_time_ms(window: Window) -> str:
    return f"fromUnixTimestamp64Milli({window.end_ms})"


def _time_filter(window: Window, column: str) -> str:
    return f"{column} >= {_from_time(window)} AND {column} <= {_to_time(window)}"


def _time_filter_ms(window: Window, column: str) -> str:
    return f"{column} >= {_from_time_ms(window)} AND {column} <= {_to_time_ms(window)}"


def _date_filter(window: Window, column: str) -> str:
    first, last = (moment.astimezone(timezone.utc).date() for moment in (window.start, window.end))
    return f"{column} >= toDate('{first}') AND {column} <= toDate('{last}')"


def _date_time_filter(window: Window, day: str, time: str) -> str:
    return f"({_date_filter(window, day)}) AND ({_time_filter(window, time)})"


def _interval(window: Window) -> int:
    return max(int(window.interval_seconds), 1)


def _time_interval(window: Window, column: str) -> str:
    return f"toStartOfInterval(toDateTime({column}), INTERVAL {_interval(window)} second)"


def _time_interval_ms(window: Window, column: str) -> str:
    milliseconds = max(round(window.interval_seconds * 1000), 1)
    return f"toStartOfInterval(toDateTime64({column}, 3), INTERVAL {milliseconds} millisecond)"


def _time_group(_: Window, column: str, length: str) -> str:
    found = _DURATION.fullmatch(length.strip("'"))
    if not found:
        raise MacroError(f"$__timeGroup: {length!r} is not a length such as 5m")
    number, unit = int(found[1]), found[2]
    seconds = max(number // 1000, 1) if unit == "ms" else number * _SECONDS[unit]
    return f"toStartOfInterval(toDateTime({column}), INTERVAL {seconds} second)"


_MACROS: Final[Mapping[str, tuple[int, Callable[..., str]]]] = {
    "timeFilter": (1, _time_filter),
    "timeFilter_ms": (1, _time_filter_ms),
    "dateFilter": (1, _date_filter),
    "dateTimeFilter": (2, _date_time_filter),
    "dt": (2, _date_time_filter),
    "timeFrom": (1, lambda window, column: f"{column} >= {_from_time(window)}"),
    "timeTo": (1, lambda window, column: f"{column} <= {_to_time(window)}"),
    "fromTime": (0, _from_time),
    "toTime": (0, _to_time),
    "fromTime_ms": (0, _from_time_ms),
    "toTime_ms": (0, _to_time_ms),
    "timeInterval": (1, _time_interval),
    "timeInterval_ms": (1, _time_interval_ms),
    "timeGroup": (2, _time_group),
    "interval_s": (0, lambda window: str(_interval(window))),
}
