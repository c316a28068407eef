"""What a visitor of a dashboard chose: its variables and its time range, from the address."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from otel_ai_feedback.alerts.macros import ALL, Value, Window

DAYS: Final = (1, 7, 28, 84, 365)
_POINTS: Final = 600
_FILLED: Final = re.compile(r"\$\{([\w.]+)(?::(\w+))?\}")
_LATEST_MS: Final = 4_102_444_800_000  # the year 2100, up to which every column of time goes


@dataclass(frozen=True)
class Choices:
    """The choices of one visit.

    Attributes:
        values: Value or values of each variable.
        window: The time range.
        days: Its length when it ends now, 0 when it was given by its ends.
    """

    values: Mapping[str, Value]
    window: Window
    days: int

    @classmethod
    def parse(cls, dashboard: Mapping[str, Any], query: QueryParams, now: datetime) -> Choices:
        """Read the choices; what makes no sense is as if it had not been chosen."""
        values: dict[str, Value] = {}
        for variable in variables(dashboard):
            name = variable["name"]
            given = [value for value in query.getlist(f"var-{name}") if value != "All"]
            if variable["type"] == "query":
                if ALL in given or not given:
                    values[name] = variable["current"]["value"]
                else:
                    values[name] = given if variable["multi"] else given[0]
            elif variable["type"] == "custom":
                known = [option["value"] for option in variable["options"]]
                values[name] = given[0] if given and given[0] in known else known[0]
            else:
                values[name] = given[0] if given else ""
        begin, end = _moment(query.get("from", "")), _moment(query.get("to", ""))
        if begin and end and begin < end:
            return cls(values, _window(begin, end), 0)
        days = query.get("days", "")
        chosen = int(days) if days in map(str, DAYS) else _default_days(dashboard)
        return cls(values, _window(now - timedelta(days=chosen), now), chosen)

    def filled(self, link: str, labels: Mapping[str, str], time_ms: int | None, raw: str) -> str:
        """A data link of Grafana's as an address here.

        Args:
            link: Grafana's, with its variables.
            labels: Labels of the field.
            time_ms: Time of the value.
            raw: The value itself.
        """
        path, _, query = link.partition("?")
        known = {
            "__from": str(self.window.start_ms),
            "__to": str(self.window.end_ms),
            "__value.time": "" if time_ms is None else str(time_ms),
            "__value.raw": raw,
        } | {f"__field.labels.{name}": value for name, value in labels.items()}

        def fill(match: re.Match[str]) -> str:
            name, format_ = match[1], match[2]
            if format_ == "queryparam":
                values = self.values.get(name, "")
                several: Sequence[str] = [values] if isinstance(values, str) else values
                return urlencode([(f"var-{name}", value) for value in several])
            value = known.get(name, self.values.get(name, ""))
            return quote(value if isinstance(value, str) else ",".join(value), safe="")

        return f"/charts/{path.rpartition('/')[2]}?{_FILLED.sub(fill, query)}"


def variables(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The variables of a dashboard."""
    found: list[dict[str, Any]] = dashboard["templating"]["list"]
    return found


def _window(begin: datetime, end: datetime) -> Window:
    return Window(begin, end, (end - begin).total_seconds() / _POINTS)


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:15]) < _LATEST_MS):
        return None
    return datetime.fromtimestamp(int(text[:15]) / 1000, timezone.utc)


def _default_days(dashboard: Mapping[str, Any]) -> int:
    return int(dashboard["time"]["from"].removeprefix("now-").removesuffix("d"))
