"""The SQL of panels, variables and annotations: one statement a file, read as it is."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def statement(name: str) -> str:
    """Read a statement.

    Args:
        name: Path below ``sql/`` without the ending, for example ``panels/overview/links``.

    Raises:
        KeyError: There is no such statement.
    """
    file = files(__package__) / "sql" / f"{name}.sql"
    if not file.is_file():
        raise KeyError(name)
    return file.read_text(encoding="utf-8").strip()


def question(name: str) -> str:
    """First line of a statement's comment: what it answers."""
    return statement(name).partition("\n")[0].removeprefix("--").strip()
