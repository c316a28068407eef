"""TOML files that hold secrets: read only when not everyone can."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.toml_files import toml


def read(
    path: Path, holds_secrets: Callable[[dict[str, Any]], bool] = lambda _: True
) -> tuple[dict[str, Any], list[str]]:
    """The tables of a file, and what is wrong with its permissions.

    Args:
        path: The file.
        holds_secrets: Whether these tables have anything that not everyone may read.

    Raises:
        ConfigError: It cannot be read, or is no TOML.
    """
    try:
        mode = path.stat().st_mode
        table = toml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror})"]) from None
    except (ValueError, ImportError) as error:
        raise ConfigError([f"{path}: {error}"]) from None
    if mode & stat.S_IWOTH or (mode & stat.S_IROTH and holds_secrets(table)):
        return table, [f"{path}: holds secrets and is open to everyone; run `chmod 600 {path}`"]
    return table, []
