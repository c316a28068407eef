"""The generated dashboards and the runbooks, wherever this is installed."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback.signals import BY_NAME

_PACKAGE: Final = "otel_ai_feedback.grafana"
_REPOSITORY: Final = Path(__file__).parents[4]
ORDER: Final = (
    "overview", "signals", "compare", "drift", "review", "triage", "pipeline", "output",
)  # fmt: skip
"""Names of the dashboards in the order of reading."""


@cache
def dashboards() -> dict[str, dict[str, Any]]:
    """Grafana's JSON of every dashboard, by name, with signals of the team's own to choose."""
    folder = _folder("made", "grafana/dashboards")
    found = {
        name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in ORDER
    }
    own = [signal.name for signal in BY_NAME.values() if signal.own]
    for document in found.values():
        for variable in document["templating"]["list"]:
            if variable["name"] == "series" and variable["type"] == "custom":
                variable["options"] += [{"text": name, "value": name} for name in own]
    return found


def runbook(name: str) -> str | None:
    """The runbook of a rule, in Markdown."""
    if not re.fullmatch(r"[a-z0-9-]+", name):
        return None
    file = _folder("runbooks", "docs/runbooks") / f"{name}.md"
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _folder(packaged: str, in_repository: str) -> Traversable:
    """A folder that the wheel has in the package, and the repository at its top."""
    repository = _REPOSITORY / in_repository
    return repository if repository.is_dir() else files(_PACKAGE) / packaged
