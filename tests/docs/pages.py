"""The pages, as a Markdown parser reads them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
_NOT_RUN = re.compile(r"<!-- (?:not run: (?P<reason>[^>]+)|command: \w+) -->")


@dataclass(frozen=True)
class Block:
    """A fenced block; ``not_run`` is why it is not, as the comment above it says."""

    page: str
    line: int
    language: str
    text: str
    not_run: str

    def __str__(self):
        return f"{self.page}:{self.line}"


def name(page):
    return str(page.relative_to(ROOT))


@cache
def tokens(page):
    return MarkdownIt("commonmark").enable("table").parse(page.read_text())


def blocks(*languages):
    """Every block in one of these languages."""
    found = []
    for page in PAGES:
        above = ""
        for token in tokens(page):
            if token.type == "fence" and token.info.strip() in languages:
                said = _NOT_RUN.fullmatch(above.strip())
                reason = (said["reason"] or "the pipeline reads and runs it") if said else ""
                block = Block(
                    name(page), token.map[0] + 1, token.info.strip(), token.content, reason
                )
                found.append(block)
            above = token.content if token.type == "html_block" else ""
    return found


def links(page):
    """Where its links and pictures lead."""
    for token in tokens(page):
        for part in token.children or ():
            if part.type == "link_open":
                yield part.attrGet("href")
            elif part.type == "image":
                yield part.attrGet("src")


def anchors(page):
    """The headings, as code hosts and the site's generator name them."""
    found, opened = set(), False
    for token in tokens(page):
        if opened:
            text = "".join(
                part.content for part in token.children if part.type in ("text", "code_inline")
            )
            slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            # they differ in runs of hyphens only, which no link may rest on
            found |= {slug} if "--" not in slug else set()
        opened = token.type == "heading_open"
    return found
