"""TOML files: the settings, and what a team lists in files of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

_Entry = TypeVar("_Entry")


def listed(
    setting: str,
    parse: Callable[[Mapping[str, Any]], tuple[_Entry, ...]],
    named: Path | None,
    here: Path,
    mistakes: list[str],
) -> tuple[_Entry, ...]:
    """What a team lists in a file of its own; mistakes in the file are appended.

    Args:
        setting: Its name.
        parse: Reads the file's tables.
        named: The file that the setting names.
        here: The file that is read without the setting, if there is one.
        mistakes: Of all settings.
    """
    path = named or here
    try:
        return parse(toml(path.read_bytes().decode()))
    except FileNotFoundError:
        if named:
            mistakes.append(f"{setting}: there is no file {path}; write it or unset the setting")
    except OSError as error:
        mistakes.append(f"{path}: cannot be read ({error.strerror}); fix its permissions")
    except (ValueError, ImportError) as error:
        mistakes += [f"{path}: {mistake}" for mistake in str(error).split("\n")]
    return ()


def toml(text: str) -> dict[str, Any]:
    """Parse a TOML document.

    Raises:
        ValueError: It is none; the message says where.
        ImportError: Python 3.10 without ``tomli``.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError:
            raise ImportError("reading it on Python 3.10 needs `pip install tomli`") from None
    table: dict[str, Any] = tomllib.loads(text)
    return table
