"""Triage: every alarm becomes an incident with a named owner and a deadline, and somebody answers.

``triage.yaml`` says who (:mod:`.file`, :mod:`.model`), :mod:`.incidents` keeps what happened,
:mod:`.escalation` says what is due while nobody answers, and :mod:`.delivery` tells people.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from otel_ai_feedback.config import ConfigError, Settings

if TYPE_CHECKING:
    from otel_ai_feedback.triage.model import Rule, Triage

__all__ = ["FILE_NAME", "NOBODY", "load", "of", "path"]

FILE_NAME: Final = "triage.yaml"

NOBODY: Final = (
    "Alarms are off, because nobody owns them: `otel-ai-feedback triage init` writes a triage file."
)


def path(settings: Settings) -> Path | None:
    """The triage file of a process: the setting, else ``triage.yaml`` in the working directory.

    Returns:
        ``None`` when nothing is set and there is no such file: then nobody owns any alarm.
    """
    if settings.triage is not None:
        return settings.triage
    here = Path.cwd() / FILE_NAME
    return here if here.is_file() else None


def of(settings: Settings, rules: Iterable[Rule]) -> Triage | None:
    """Who owns the alarms of a process; ``None`` when nobody does.

    Args:
        settings: As for :func:`path`.
        rules: As for :func:`load`.

    Raises:
        ConfigError: As :func:`load`.
    """
    file = path(settings)
    return load(file, rules) if file else None


def load(path: Path, rules: Iterable[Rule]) -> Triage:
    """Read a triage file.

    Args:
        path: The file.
        rules: What can raise an alarm: each must lead to a named person and a response time.

    Raises:
        ConfigError: Naming the place, value and remedy of every mistake, or the missing package.
    """
    try:
        from otel_ai_feedback.triage import file

        return file.load(path, rules)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "otel_ai_feedback":
            raise
        raise ConfigError(
            [f"{path}: reading it needs {error.name}; run pip install 'otel-ai-feedback[triage]'"]
        ) from error
