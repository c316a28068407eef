"""A short document of paragraphs, lists and tables, as Markdown and as HTML that prints well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from otel_ai_feedback.escaping import html, markdown

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1f24; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; break-after: avoid }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid #d7dbe0 }
td code, td a { overflow-wrap: anywhere; font-size: .85em }
tr, li { break-inside: avoid } thead { display: table-header-group }
@media print { body { margin: 0; max-width: none; font-size: 10.5pt } a { color: inherit } }
@page { margin: 18mm }
"""


class Link(NamedTuple):
    """Words that lead somewhere, or only say what is meant where ``url`` is ``None``."""

    words: str
    url: str | None


Cell = str | int | Sequence[Link]


@dataclass(frozen=True)
class Table:
    """Rows under a head; a cell is words, a number, or links."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass
class Section:
    """A heading and what stands under it."""

    heading: str
    parts: list[str | list[str] | Table] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing stands under it."""
        return not self.parts

    def say(self, words: str) -> None:
        """Add a paragraph."""
        self.parts.append(words)

    def list_of(self, items: Iterable[str]) -> None:
        """Add a list, unless it is empty."""
        if found := list(items):
            self.parts.append(found)

    def add(self, table: Table) -> None:
        """Add a table."""
        self.parts.append(table)


@dataclass(frozen=True)
class Document:
    """A title and its sections."""

    title: str
    sections: Sequence[Section]

    def markdown(self) -> str:
        """The document as GitHub-flavoured Markdown."""
        lines = [f"# {markdown(self.title)}"]
        for section in self.sections:
            lines += ["", f"## {markdown(section.heading)}"]
            for part in section.parts:
                lines.append("")
                if isinstance(part, str):
                    lines.append(markdown(part))
                elif isinstance(part, list):
                    lines += [f"- {markdown(item)}" for item in part]
                else:
                    lines.append(_md_row(part.head))
                    lines.append("|" + " --- |" * len(part.head))
                    lines += [_md_row(row) for row in part.rows]
        return "\n".join(lines) + "\n"

    def html(self) -> str:
        """The document as one HTML file that needs nothing else."""
        body = [f"<h1>{html(self.title)}</h1>"]
        for section in self.sections:
            body.append(f"<h2>{html(section.heading)}</h2>")
            for part in section.parts:
                if isinstance(part, str):
                    body.append(f"<p>{html(part)}</p>")
                elif isinstance(part, list):
                    items = "".join(f"<li>{html(item)}</li>" for item in part)
                    body.append(f"<ul>{items}</ul>")
                else:
                    head = "".join(f'<th scope="col">{html(name)}</th>' for name in part.head)
                    rows = "".join(_html_row(row) for row in part.rows)
                    body.append(
                        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
                    )
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{html(self.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
            + "\n".join(body)
            + "\n</body>\n</html>\n"
        )


def _md_row(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(_md_cell(cell) for cell in cells) + " |"


def _md_cell(cell: Cell) -> str:
    if isinstance(cell, (str, int)):
        return markdown(str(cell))
    return ", ".join(
        f"[{markdown(link.words)}]({link.url})" if link.url else f"`{link.words}`" for link in cell
    )


def _html_row(cells: Sequence[Cell]) -> str:
    return "<tr>" + "".join(f"<td>{_html_cell(cell)}</td>" for cell in cells) + "</tr>"


def _html_cell(cell: Cell) -> str:
    if isinstance(cell, (str, int)):
        return html(str(cell))
    return "<br>".join(
        f'<a href="{html(link.url)}">{html(link.words)}</a>'
        if link.url
        else f"<code>{html(link.words)}</code>"
        for link in cell
    )
