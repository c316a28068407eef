"""Which outputs a team leaves out of all rates: the setting ``EXCLUDE``, as the store has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from otel_ai_feedback.store.facts.outputs import Output

_FIELDS: Final = ("service", "environment", "feature", "subject")


@dataclass(frozen=True)
class Exclusions:
    """The entries of the list about the attributes of an output.

    Attributes:
        entries: Field and pattern of each.
    """

    entries: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, setting: str) -> Exclusions:
        """The entries of the setting; those about the user agent are capture's."""
        parts = (entry.partition("=") for entry in setting.split(",") if entry)
        return cls(tuple((field, pattern) for field, _, pattern in parts if field in _FIELDS))

    def applied(self, output: Output) -> Output:
        """The output, counted apart where an entry is about it."""
        if output.excluded or not self.entries:
            return output
        return output._replace(excluded=next(self._matching(output), ""))

    def _matching(self, output: Output) -> Iterator[str]:
        for field, pattern in self.entries:
            if fnmatchcase(getattr(output, field), pattern):
                yield f"{field}={pattern}"
