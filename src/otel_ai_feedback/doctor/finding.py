"""What one check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

State = Literal["ok", "warning", "failure", "not applicable"]

OK: Final = "ok"
WARNING: Final = "warning"
FAILURE: Final = "failure"
NOT_APPLICABLE: Final = "not applicable"


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Attributes:
        check: Name of the check, the same in every run: area and subject with a dot between.
        state: ``failure`` where something is lost until it is fixed, ``warning`` where something
            works less well than it could, ``not applicable`` where there is nothing to check.
        seen: What was seen, in words.
        fix: What to do, naming the setting, the file or the command; empty when all is well.
    """

    check: str
    state: State
    seen: str
    fix: str = ""


def ok(check: str, seen: str) -> Finding:
    """All is well."""
    return Finding(check, OK, seen)


def warning(check: str, seen: str, fix: str) -> Finding:
    """It works, but less well than it could."""
    return Finding(check, WARNING, seen, fix)


def failure(check: str, seen: str, fix: str) -> Finding:
    """Something is lost until it is fixed."""
    return Finding(check, FAILURE, seen, fix)


def not_applicable(check: str, seen: str, fix: str = "") -> Finding:
    """There is nothing to check, or no way to; ``fix`` says how there would be one."""
    return Finding(check, NOT_APPLICABLE, seen, fix)
