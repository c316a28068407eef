"""What a visitor chose to see, read from the address and written back into links."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from starlette.datastructures import QueryParams

from otel_ai_feedback.signals import BY_NAME

DAYS: Final = (7, 28, 90, 365)
DEFAULT_DAYS: Final = 28


@dataclass(frozen=True)
class Group:
    """Service, environment and feature; all empty means every group."""

    service: str = ""
    environment: str = ""
    feature: str = ""

    @classmethod
    def parse(cls, text: str) -> Group:
        """Read a group from a form's value; anything else is every group."""
        parts = text.split("/")
        return cls(*map(unquote, parts)) if len(parts) == 3 else cls()

    @property
    def value(self) -> str:
        """As a form's value."""
        parts = (self.service, self.environment, self.feature)
        return "/".join(quote(part, safe="") for part in parts) if self else ""

    @property
    def label(self) -> str:
        """As people read it."""
        parts = (self.service, self.environment, self.feature)
        shown = [part for part in dict.fromkeys(parts) if part]
        return " · ".join(shown) or "unnamed"

    def __bool__(self) -> bool:
        return bool(self.service or self.environment or self.feature)


@dataclass(frozen=True)
class Filter:
    """The choices that all pages share.

    Attributes:
        group: The group, or every group.
        days: Length of the window.
        model: The model, or empty for all.
        series: The series that is shown large.
    """

    group: Group = Group()
    days: int = DEFAULT_DAYS
    model: str = ""
    series: str = ""

    @classmethod
    def parse(cls, query: QueryParams) -> Filter:
        """Read the choices; what makes no sense is as if it had not been chosen."""
        days = query.get("days", "")
        series = query.get("series", "")
        return cls(
            group=Group.parse(query.get("group", "")),
            days=int(days) if days in map(str, DAYS) else DEFAULT_DAYS,
            model=query.get("model", ""),
            series=series if series in BY_NAME else "",
        )

    def since(self, today: date) -> date:
        """First day of the window."""
        return today - timedelta(days=self.days - 1)

    def parameters(self, today: date) -> dict[str, Any]:
        """Group and window, as the parameters that the statements share."""
        return asdict(self.group) | {"since": self.since(today)}

    def link(self, path: str = "/", **changes: Any) -> str:
        """An address with these choices, some of them changed."""
        changed = replace(self, **changes)
        choices = {
            "group": changed.group.value,
            "days": changed.days if changed.days != DEFAULT_DAYS else "",
            "model": changed.model,
            "series": changed.series,
        }
        query = urlencode({key: value for key, value in choices.items() if value})
        return f"{path}?{query}" if query else path
