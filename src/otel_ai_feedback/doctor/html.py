"""What a page says that matters here: its scripts, its handles and its own policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Document:
    """What was found in a page.

    Attributes:
        scripts: The attributes of each script tag that has an address.
        handles: What ``data-ai-output`` and ``data-ai-draft`` say.
        policies: Content security policies in the page.
        base: What its addresses are relative to, if it says so.
    """

    scripts: list[dict[str, str]] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)
    base: str = ""


def read(text: str) -> Document:
    """Read a page, however it is written."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    return parser.document


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is of interest."""
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and given.get("src"):
            self.document.scripts.append(given)
        elif tag == "base" and not self.document.base:
            self.document.base = given.get("href", "")
        elif tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.document.policies.append(given.get("content", ""))
        for name in ("data-ai-output", "data-ai-draft"):
            if name in given:
                self.document.handles.append(given[name])
