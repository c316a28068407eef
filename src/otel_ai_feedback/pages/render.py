"""From a template to a response."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from otel_ai_feedback import formats
from otel_ai_feedback._version import __version__
from otel_ai_feedback.signals import label

# Nothing but our own style sheet: no script, no font, no picture from anywhere.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_SCRIPTS: Final = {"Content-Security-Policy": f"{_POLICY}; script-src 'self'"}
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


# Who the page is for that is being made, so that every page can say so.
_visiting: ContextVar[Any] = ContextVar("visiting", default=None)


@contextmanager
def shown_to(visit: Any) -> Iterator[None]:
    """Say on pages that are rendered within the block who is signed in; ``None`` says nothing."""
    token = _visiting.set(visit)
    try:
        yield
    finally:
        _visiting.reset(token)


@dataclass(frozen=True)
class Notice:
    """A line above every page.

    Attributes:
        text: What everyone should know.
        link: Address of the page that has more.
        label: What that link says.
    """

    text: str
    link: str
    label: str


class Pages:
    """Renders templates in one time zone.

    Args:
        zone: IANA name of the zone in which times are shown.
        url: Address of this server, for the lines that point an application at it.
        rooms: Packages whose folder ``templates`` has more pages, by the name before the slash in
            which they are rendered: ``{"review": "otel_ai_feedback.review"}`` makes
            ``review/queue.html`` known.
        tabs: Pages of other rooms in the navigation of every page, path by name; a
            template that sets ``here`` to that name is marked as the one that is open.
        output_links: Addresses in other rooms of what can be done with an output, by what a link to
            them says; each is followed by the output's id.
    """

    def __init__(
        self,
        zone: str,
        url: str,
        rooms: Mapping[str, str] | None = None,
        tabs: Mapping[str, str] | None = None,
        output_links: Mapping[str, str] | None = None,
    ) -> None:
        self._zone = ZoneInfo(zone)
        others = {name: PackageLoader(package) for name, package in (rooms or {}).items()}
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader(__package__), PrefixLoader(others)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            version=__version__,
            style=_style_version(),
            zone=zone,
            url=url,
            tabs=dict(tabs or {}),
            output_links=dict(output_links or {}),
        )
        self._notices: dict[str, Sequence[Notice]] = {}
        self._environment.filters.update(
            day=formats.day,
            month=formats.month,
            percent=formats.percent,
            interval=formats.interval,
            number=formats.number,
            count=formats.count,
            plural=formats.plural,
            seconds=formats.duration,
            moment=partial(formats.second, zone=self._zone),
            clock=partial(formats.clock, zone=self._zone),
            minute=partial(formats.minute, zone=self._zone),
            words=lambda name: str(name).replace("_", " "),
            label=label,
            capital=formats.capital,
            action_value=_action_value,
        )

    def render(
        self, template: str, status: int = 200, *, scripts: bool = False, **values: Any
    ) -> Response:
        """Render a template.

        Args:
            template: Its name.
            status: Of the response.
            scripts: Whether the page has scripts, as files of this server.
            **values: What the template needs.
        """
        notices = [notice for said in list(self._notices.values()) for notice in said]
        visit = _visiting.get()
        known = {"notices": notices} | ({} if visit is None else {"visit": visit})
        html = self._environment.get_template(template).render(known | values)
        return HTMLResponse(html, status, _HEADERS | _SCRIPTS if scripts else _HEADERS)

    def announce(self, source: str, notices: Sequence[Notice]) -> None:
        """Show lines above every page from now on. Callable from any thread.

        Args:
            source: Who shows them; replaces this source's earlier lines.
            notices: The lines; empty removes them.
        """
        self._notices[source] = notices

    def today(self) -> date:
        """The day that it is in the zone of the pages."""
        return datetime.now(self._zone).date()


async def style(_: Any) -> Response:
    """The style sheet, which its address names by content, so that it may be kept forever."""
    return Response(
        _style(), media_type="text/css", headers={"Cache-Control": "public, max-age=31536000"}
    )


@cache
def _style() -> str:
    return (files(__package__) / "style.css").read_text(encoding="utf-8")


def _style_version() -> str:
    return hashlib.sha256(_style().encode()).hexdigest()[:12]


_SHARES: Final = {"copy": "of the text", "edit": "changed", "close": "read", "reask": "similar"}


def _action_value(value: float | None, action: str) -> str:
    """An action's value in the words of that action."""
    if value is None:
        return ""
    if action in _SHARES:
        return f"{formats.percent(value, 0)} {_SHARES[action]}"
    return formats.duration(value) if action == "dwell" else formats.number(value)
