"""What is compared: two versions of something, or two windows of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

KINDS: Final = (
    "model", "release", "prompt_version", "prompt_name", "feature", "flag", "days",
)  # fmt: skip


@dataclass(frozen=True)
class Arms:
    """Two arms of a service.

    Attributes:
        service: The service.
        by: What tells them apart, one of `KINDS`.
        a: Arm A, the one that is there already.
        b: Arm B.
        flag: Key of the feature flag of which they are variants.
        environment: Empty for all.
        feature: Empty for all.
    """

    service: str
    by: str
    a: str
    b: str
    flag: str = ""
    environment: str = ""
    feature: str = ""

    def __post_init__(self) -> None:
        if self.by not in KINDS:
            raise ValueError(f"{self.by!r} is none of {', '.join(KINDS)}")
        if not (self.a and self.b):
            raise ValueError("both arms need a name")
        if self.a == self.b:
            raise ValueError(f"both arms are {self.a!r}")
        if (self.by == "flag") != bool(self.flag):
            raise ValueError("a flag's variants need the flag's key, and nothing else has one")
        if self.by == "days":
            window(self.a), window(self.b)


def window(text: str) -> tuple[date, date]:
    """Two days of the form ``2026-11-02..2026-11-08``, both included.

    Raises:
        ValueError: It has another form, or ends before it begins.
    """
    first, separator, last = text.partition("..")
    if not separator:
        raise ValueError(f"{text!r} is not of the form 2026-11-02..2026-11-08")
    since, until = date.fromisoformat(first), date.fromisoformat(last)
    if until < since:
        raise ValueError(f"{text!r} ends before it begins")
    return since, until
