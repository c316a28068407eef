"""Checking a document: go on after a mistake, and say all of them in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class Checked:
    """Notes down what is wrong.

    Attributes:
        mistakes: A line each.
    """

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def entries(self, at: str, given: Any, known: set[str]) -> Iterable[tuple[str, dict[str, Any]]]:
        """The entries of a list, with their place; what is none is a mistake."""
        if given is None:
            return
        if not isinstance(given, list):
            self.mistake(at, given, "must be a list: each entry begins with a hyphen")
            return
        for number, entry in enumerate(given):
            place = f"{at}[{number}]"
            if isinstance(entry, dict):
                self.unknown(f"{place}.", entry, known)
                yield place, entry
            else:
                self.mistake(place, entry, f"must have keys: {', '.join(sorted(known))}")

    def unknown(self, at: str, entry: Mapping[Any, Any], known: set[str]) -> None:
        """Note down keys that mean nothing."""
        for key in entry:
            if key not in known:
                self.mistakes.append(f"{at}{key}: is unknown; known are {', '.join(sorted(known))}")

    def known(self, at: str, name: Any, among: Mapping[str, Any], what: str) -> None:
        """Note down a name that is not among others."""
        if not isinstance(name, str) or name not in among:
            self.mistake(at, name, f"is not among the {what} of this file: {choice(list(among))}")

    def value(self, at: str, value: Any, parse: Callable[[Any], T]) -> T | None:
        """What a value means, or ``None`` and a mistake."""
        try:
            return parse(value)
        except ValueError as error:
            self.mistake(at, value, str(error))
            return None

    def optional(self, at: str, value: Any, parse: Callable[[Any], T], default: T) -> T:
        """The same of a value that may be missing."""
        if value is None:
            return default
        parsed = self.value(at, value, parse)
        return default if parsed is None else parsed

    def mistake(self, at: str, value: Any, remedy: str) -> None:
        """Note down a mistake: its place, the value, and what to do."""
        shown = "" if value is None else f"{value!r} "
        self.mistakes.append(f"{at}: {shown}{remedy}")


def choice(names: list[str]) -> str:
    """Names to choose from, for a message."""
    return ", ".join(names) if names else "(there are none)"
