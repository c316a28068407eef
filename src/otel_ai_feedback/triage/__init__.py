"""Triage: every alert opens an incident with a named owner and a deadline.

``triage.yaml`` says who (:mod:`.file`, :mod:`.model`), :mod:`.incidents` keeps what happened,
:mod:`.escalation` decides the next step, and :mod:`.dispatcher` sends the messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from otel_ai_feedback.config import ConfigError, Settings

if TYPE_CHECKING:
    from otel_ai_feedback.triage.model import Rule, Triage

__all__ = ["FILE_NAME", "NO_OWNER", "load", "of", "path"]

FILE_NAME: Final = "triage.yaml"

NO_OWNER: Final = "Alerting is off: no owner configured. Run `otel-ai-feedback triage init`."


def path(settings: Settings) -> Path | None:
    """The triage file of a process: the setting, else ``triage.yaml`` in the working directory.

    Returns:
        ``None`` when nothing is set and there is no such file: alerting is then off.
    """
    if settings.triage is not None:
        return settings.triage
    here = Path.cwd() / FILE_NAME
    return here if here.is_file() else None


def of(settings: Settings, rules: Iterable[Rule]) -> Triage | None:
    """The triage file of a process; ``None`` when alerting is off.

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
        rules: Everything that can alert: each needs a named owner and a response time.

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
