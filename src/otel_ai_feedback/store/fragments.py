"""Expressions that many statements share, each written once: ``{{zone}}``, ``{{wilson(k, n)}}``.

A fragment is a file in ``store/sql/fragments``. Its comment names its arguments in brackets, and
they stand in its text as ``{{k}}``. It is filled in when a statement is read, so that the engine
gets plain SQL: a function of the engine belongs to the whole server and needs a right of its own.
What follows from the list of outcomes is written from it (:data:`.signals.OUTCOMES`).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Final

from otel_ai_feedback.signals import OUTCOMES, Outcome

_USE: Final = re.compile(r"\{\{(\w+)(?:\((.*?)\))?\}\}", re.DOTALL)
_ARGUMENT: Final = re.compile(r"\{\{(\w+)\}\}")
_SIMPLE: Final = re.compile(r"[\w.]+")
_ARGUMENTS: Final = re.compile(r"^-- \((.*?)\) ")


def expand(text: str) -> str:
    """A text with its fragments filled in.

    Args:
        text: Of a statement.

    Raises:
        KeyError: It names a fragment that there is none of.
        ValueError: It gives a fragment another number of arguments than that has.
    """
    return _USE.sub(lambda use: _filled(use[1], _split(use[2] or "")), text)


def _filled(name: str, values: list[str]) -> str:
    names, text = _fragment(name)
    if len(names) != len(values):
        raise ValueError(f"{{{{{name}}}}} takes {', '.join(names) or 'nothing'}, not {values}")
    given = {
        each: value if _SIMPLE.fullmatch(value) else f"({value})"
        for each, value in zip(names, values, strict=True)
    }
    return expand(_ARGUMENT.sub(lambda use: given.get(use[1], use[0]), text))


@cache
def _fragment(name: str) -> tuple[list[str], str]:
    if name in _WRITTEN:
        return _WRITTEN[name]()
    file = files(__package__) / "sql/fragments" / f"{name}.sql"
    if not file.is_file():
        raise KeyError(name)
    comment, _, text = file.read_text(encoding="utf-8").partition("\n")
    found = _ARGUMENTS.match(comment)
    return (_split(found[1]) if found else []), text.strip()


def _outcome_of() -> tuple[list[str], str]:
    """The class of an output, from the user actions that count (a map)."""
    *shown, (_, otherwise) = ((_condition(each), f"'{each.name}'") for each in OUTCOMES)
    pairs = ",\n    ".join(f"{condition}, {name}" for condition, name in shown)
    return ["counted"], f"multiIf(\n    {pairs},\n    {otherwise}\n)"


def _condition(outcome: Outcome) -> str:
    name = outcome.shown_by
    shown = name if name in _COLUMNS else f"mapContains({{{{counted}}}}, '{name}')"
    besides = {None: "", True: " and used", False: " and not used"}
    return shown + besides[outcome.used]


def _outcomes_of_use() -> tuple[list[str], str]:
    return [], "(" + ", ".join(f"'{each.name}'" for each in OUTCOMES if each.is_use) + ")"


_COLUMNS: Final = ("failed", "used", "closed_fast")
_WRITTEN: Final = {"outcome_of": _outcome_of, "outcomes_of_use": _outcomes_of_use}


def _split(arguments: str) -> list[str]:
    """Split at the commas that stand in no brackets."""
    found, depth, start = [], 0, 0
    for place, sign in enumerate(arguments):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            found.append(arguments[start:place].strip())
            start = place + 1
    last = arguments[start:].strip()
    return [*found, last] if last else found
