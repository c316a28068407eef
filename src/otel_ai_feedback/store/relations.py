"""Every table and view of the store, of all rooms, in the order in which they can be created.

A file below ``sql/`` whose statement creates a table or an incremental view, and every file below
``sql/views/``, makes what it is named after. From what each reads follow the order, and the
checksum by which a store knows whether what it has is this version's: a view is another one as soon
as anything under it is. Where the comment of ``x_at`` has a line ``Now:``, there is a view ``x`` as
well, which asks it as of now. With a line ``Kept:`` there are a table ``x_kept`` and a view
``x_kept_at`` too, see :mod:`.kept`, and ``x`` asks that.
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

Kind = Literal["table", "feed", "view", "kept"]

_TABLE: Final = re.compile(r"^create table if not exists (\w+)", re.MULTILINE)
_FEED: Final = re.compile(
    r"^create materialized view if not exists (\w+) to (\w+) as\b(.*)", re.MULTILINE | re.DOTALL
)
_NOW: Final = re.compile(r"^-- Now: (.*)\n", re.MULTILINE)
_KEPT: Final = re.compile(
    r"^-- Kept: (when changed|always), (\d+) minutes(, at once when changed)?\n", re.MULTILINE
)
_KEPT_NAME: Final = "_kept"


@dataclass(frozen=True)
class Relation:
    """A table, an incremental view that feeds one, a view, or a table of kept answers.

    Attributes:
        statement: What makes it; of a view its query, of a table of kept answers what fills it.
        kind: Which of the four.
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


def kept() -> list[Relation]:
    """The tables of kept answers, in the order in which they can be asked."""
    return _of("kept")


@dataclass(frozen=True)
class Rate:
    """How often an answer that is kept is asked again.

    Attributes:
        minutes: Not sooner than this after the last time.
        when_changed: And only if what it rests on is not what it was, or another day.
        at_once: Without waiting, where what it rests on is not what it was.
    """

    minutes: int
    when_changed: bool
    at_once: bool


def rate_of(relation: Relation) -> Rate:
    """How often a kept answer is asked again, by the line in its question's comment."""
    (asked,) = relation.reads
    found = _KEPT.search(relations()[asked].text)
    if found is None:
        raise ValueError(f"{asked} has no line `Kept:`")
    return Rate(int(found[2]), found[1] == "when changed", found[3] is not None)


def tables_under(relation: Relation) -> list[str]:
    """Names of the tables that a relation rests on, directly or through views, in order."""
    known, found, waiting = relations(), set(), [*relation.reads]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += known[name].reads if known[name].kind == "view" else ()
    return sorted(name for name in found if known[name].kind != "view")


def rule_of(*paths: str) -> int:
    """A hash of what statements compute: their texts and those of all that they read, as a UInt64.

    Args:
        *paths: The statements, such as ``store/precomputed/drift_daily.fill``.
    """
    known, found = relations(), []
    for path in paths:
        text = statement(path).text
        below = sorted(arrows.read_by(text) & known.keys())
        found += [text, *(known[name].checksum for name in below)]
    return int(digest("\n".join(found))[:16], 16)


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
            now, is_kept = _NOW.search(item.text), _KEPT.search(item.text)
            if is_kept:
                yield _kept_table(item), "kept"
                item = _kept_view(item)
                yield item, "view"
            if now:
                yield _as_of_now(item, now[1]), "view"
        elif created := (_TABLE.search(item.text) or _FEED.search(item.text)):
            if created[1] != item.name:
                raise ValueError(f"{path} makes {created[1]}; a file is named after what it makes")
            yield item, "feed" if _FEED.search(item.text) else "table"


def _as_of_now(item: Statement, question: str) -> Statement:
    name = item.path.removesuffix("_at").removesuffix(_KEPT_NAME)
    text = f"-- {question}\nselect *\nfrom {item.name}(as_of = now64(3, 'UTC'))"
    return Statement(name, text)


def _kept_table(item: Statement) -> Statement:
    name = item.path.removesuffix("_at") + _KEPT_NAME
    text = (
        f"-- {item.question}\ninsert into {name.rpartition('/')[2]}\nselect\n"
        "    {day:Date} as kept_day,\n    {version:UInt64} as kept_version,\n    *\n"
        f"from {item.name}(as_of = {{as_of:DateTime64(3, 'UTC')}})"
    )
    return Statement(name, text)


def _kept_view(item: Statement) -> Statement:
    table = item.name.removesuffix("_at") + _KEPT_NAME
    text = f"""-- {item.question}
--
-- As `{item.name}`, from what the jobs have kept: the last answer of each day.
select * except (kept_day, kept_version)
from {table}
where (kept_day, kept_version) in
(
    select day, version
    from rollup_days final
    where rollup = '{table}' and as_of <= {{as_of:DateTime64(3, 'UTC')}}
    order by day desc
    limit 1
)"""  # noqa: S608
    return Statement(f"{item.path.removesuffix('_at')}{_KEPT_NAME}_at", text)
