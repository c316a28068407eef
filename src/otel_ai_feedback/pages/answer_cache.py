"""Answers that pages have just had, given again while the store is what it was.

A statement is planned for longer than it runs, and a page that is opened again, or by several
people, asks the same ones. An answer is good for as long as the tables that it rests on have the
same parts: an insert, a merge or a deletion makes others. Statements that look at the clock, too,
are asked again after half a minute.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import arrows, relations
from otel_ai_feedback.store.ask import Row, ask

GOOD_FOR_SECONDS: Final = 30.0
_ANSWERS: Final = 500
_LARGEST_ANSWER: Final = 2_000

_States = Mapping[str, int]


@dataclass(frozen=True)
class _Answer:
    rows: list[Row]
    states: tuple[int | None, ...]
    asked_at: float


class AnswerCache:
    """The last answers of the embedded engine, for all of its readers.

    A server may have nodes that this one does not see, so its answers are not kept.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._checking = threading.Lock()
        self._checked_at = -1.0
        self._states: _States = {}
        self._answers: OrderedDict[tuple[str, str], _Answer] = OrderedDict()

    def answer(
        self, client: Client, text: str, parameters: str, run: Callable[[], list[Row]]
    ) -> list[Row]:
        """The rows of a statement, asked again where they may have changed.

        Args:
            client: Of the store that is asked.
            text: The statement.
            parameters: Its parameters, in whatever form tells them apart.
            run: Asks the store.
        """
        tables = _tables(text) if client.uri.startswith("chdb:") else None
        if tables is None:
            return run()
        # before the statement runs, so that what comes meanwhile makes its answer an old one
        known = self._states_now(client)
        states = tuple(map(known.get, tables))
        key = (text, parameters)
        with self._lock:
            last = self._answers.get(key)
        now = time.monotonic()
        if last and last.states == states and now - last.asked_at < GOOD_FOR_SECONDS:
            return [dict(row) for row in last.rows]
        rows = run()
        if len(rows) <= _LARGEST_ANSWER:
            with self._lock:
                self._answers[key] = _Answer([dict(row) for row in rows], states, now)
                self._answers.move_to_end(key)
                while len(self._answers) > _ANSWERS:
                    self._answers.popitem(last=False)
        return rows

    def _states_now(self, client: Client) -> _States:
        """The state of each table; statements that wait at the same time share one look."""
        wanted = time.monotonic()
        with self._checking:
            if self._checked_at < wanted:
                began = time.monotonic()
                rows = ask(client, "pages/table_states")
                self._states = {row["name"]: row["state"] for row in rows}
                self._checked_at = began
            return self._states


@lru_cache(maxsize=1_000)
def _tables(text: str) -> tuple[str, ...] | None:
    """The tables that a statement rests on; none where it reads what is not of this store."""
    known = relations.relations()
    names = arrows.read_by(text) - arrows.defined_by(text)
    if not names or not names <= known.keys():
        return None
    found = set()
    for name in names:
        found.update(relations.tables_under(known[name]) if known[name].kind == "view" else [name])
    return tuple(sorted(found))
