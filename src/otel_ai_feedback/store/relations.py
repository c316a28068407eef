"""Every table and view of the store, of all rooms, in the order in which they can be created.

A file below ``sql/`` whose statement creates a table or an incremental view, and every file below
``sql/views/``, makes what it is named after. From what each reads follow the order, and the
checksum by which a store knows whether what it has is this version's: a view is another one as soon
as anything under it is. Where the comment of ``x_at`` has a line ``Now:``, there is a view ``x`` as
well, which asks it as of now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from typing import Final, Literal

from otel_ai_feedback.store import arrows
from otel_ai_feedback.store.statements import Statement, digest, paths, statement

Kind = Literal["table", "feed", "view"]

_TABLE: Final = re.compile(r"^create table if not exists (\w+)", re.MULTILINE)
_FEED: Final = re.compile(
    r"^create materialized view if not exists (\w+) to (\w+) as\b(.*)", re.MULTILINE | re.DOTALL
)
_NOW: Final = re.compile(r"^-- Now: (.*)\n", re.MULTILINE)


@dataclass(frozen=True)
class Relation:
    """A table, an incremental view that feeds one, or a view.

    Attributes:
        statement: The file that makes it; for a view, the question alone.
        kind: Which of the three.
        reads: The relations that its statement names.
        checksum: Hash of its text and of those of all that it reads.
    """

    statement: Statement
    kind: Kind
    reads: frozenset[str]
    checksum: str

    @property
    def name(self) -> str:
        """Its name in the store."""
        return self.statement.name

    @property
    def room(self) -> str:
        """The room it belongs to."""
        return self.statement.room

    @property
    def question(self) -> str:
        """What a view answers, what a table holds."""
        return self.statement.question

    @property
    def text(self) -> str:
        """The statement; for a view, its query."""
        return self.statement.text

    @property
    def comment(self) -> str:
        """What the store notes down beside it; how it is recognised later."""
        return f"{self.question} [{self.checksum}]"


@cache
def relations() -> dict[str, Relation]:
    """All of them by name, each after what it reads."""
    made = {item.name: (item, kind) for item, kind in _made()}
    reads = {name: sorted(_needed(item) & made.keys() - {name}) for name, (item, _) in made.items()}
    found: dict[str, Relation] = {}
    for name in TopologicalSorter(reads).static_order():
        item, kind = made[name]
        below = [found[other].checksum for other in reads[name]]
        checksum = digest("\n".join([item.text, *below]))
        found[name] = Relation(item, kind, frozenset(reads[name]), checksum)
    return found


def tables() -> list[Relation]:
    """The tables, in the order of creation."""
    return _of("table")


def feeds() -> list[Relation]:
    """The incremental views, which fill tables as rows arrive."""
    return _of("feed")


def views() -> list[Relation]:
    """The views, in the order of creation."""
    return _of("view")


def parts_of_feed(feed: Relation) -> tuple[str, str, str]:
    """Name of an incremental view, the table that it fills, and its query."""
    found = _FEED.search(feed.text)
    if found is None:
        raise ValueError(f"{feed.statement.path} makes no incremental view")
    return found[1], found[2], found[3]


def _needed(item: Statement) -> set[str]:
    """What must be there before a relation is: what it reads, and what it fills."""
    fed = _FEED.search(item.text)
    return set(arrows.read_by(item.text)) | ({fed[2]} if fed else set())


def _of(kind: Kind) -> list[Relation]:
    return [relation for relation in relations().values() if relation.kind == kind]


def _made() -> Iterable[tuple[Statement, Kind]]:
    for path in paths():
        below = path.partition("/")[2]
        if below.startswith(("fragments/", "migrations/")):
            continue
        item = statement(path)
        if below.startswith("views/"):
            yield item, "view"
            if now := _NOW.search(item.text):
                yield _as_of_now(item, now[1]), "view"
        elif created := (_TABLE.search(item.text) or _FEED.search(item.text)):
            if created[1] != item.name:
                raise ValueError(f"{path} makes {created[1]}; a file is named after what it makes")
            yield item, "feed" if _FEED.search(item.text) else "table"


def _as_of_now(item: Statement, question: str) -> Statement:
    name = item.path.removesuffix("_at")
    text = f"-- {question}\nselect *\nfrom {item.name}(as_of = now64(3, 'UTC'))"
    return Statement(name, text)
