"""What charts, rules, pages and views ask the store, and how long an answer takes."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.alerts.macros import ALL, Window, expand
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.grafana.dashboards import BOARDS
from otel_ai_feedback.grafana.dashboards.board import Board
from otel_ai_feedback.store.relations import views
from otel_ai_feedback.store.statements import statement

LONG_SECONDS = 3.0
RANGE = timedelta(days=28)

NOW = "as_of = now64(3, 'UTC')"
DAY = "since = today() - 3, until = today() - 3"
WINDOW = "since = today() - {days}, until = today()"
# Views over single outputs and actions; asked without a window they read all there is.
ROWS = ("outputs", "actions", "turn_pairs")
SHARES = ("quality", "modes", "pooled")  # what `shares_within` may be asked for
# Views that are recounted for each moment. The others with a moment read what is kept.
RECOUNTED = ("daily_attribute_counts", "links", "sampling", "annotations", "signal_rates", *ROWS)

PAGES = {
    "page overview, rates": "rates",
    "page overview, inventory": "inventory",
    "page overview, links": "links",
    "page outputs, newest_day": "newest_day",
    "page outputs, reach": "reach",
    "page outputs, outputs": "outputs",
    "page output, output_day": "output_day",
    "page output, output": "output",
    "page output, output_actions": "output_actions",
    "page output, conversation": "conversation",
    "page health": "health",
}


def of_views() -> dict[str, str]:
    """Every view, a day of those over single rows."""
    questions = {}
    for view in views():
        if view.name in ROWS or (view.name.endswith("_at") and view.name[:-3] in RECOUNTED):
            continue
        counted = view.name.startswith(("signal_", "series"))
        days = WINDOW.format(days=27) if counted else DAY
        values = dict(part.split(" = ", 1) for part in (NOW, *days.split(", "), "traces = []"))
        given = dict.fromkeys(re.findall(r"\{(\w+):", view.text))
        for of in SHARES if "of" in given else ("",):
            source = view.name
            if given:
                known = values | {"of": f"'{of}'"}
                source += "(" + ", ".join(f"{name} = {known[name]}" for name in given) + ")"
            if view.name == "output_spans":
                source += " where output_day = today() - 3"
            questions[f"view {view.name} {of}".rstrip()] = (
                f"select count(), sum(cityHash64(*)) from {source}"
            )
    return questions


def of_dashboards(output_id: str) -> dict[str, str]:
    """Every panel over 28 days of everything, and every rule, as Grafana would send them.

    Args:
        output_id: The output that the dashboard of one output is about.
    """
    now = datetime.now(timezone.utc)
    window = Window(now - RANGE, now, 3600)
    statements = {
        f"panel {panel.sql}": expand(
            statement(f"grafana/panels/{panel.sql}").text, window, chosen(board, output_id)
        )
        for board in BOARDS
        for panel in board.panels
    }
    for rule in RULES:
        statements[f"rule {rule.name}"] = expand(rule.sql, window)
        statements |= {
            f"rule {rule.name}.{of}": expand(rule.more_sql(of), window) for of in rule.more
        }
    return statements


def chosen(board: Board, output_id: str) -> dict[str, str]:
    """The value of each variable of a dashboard when it opens, with an output in its address."""
    return {
        **dict.fromkeys(board.variables, ALL),
        **{name: next(iter(values())) for name, values in board.pick.items()},
        **board.single,
        **dict.fromkeys(board.texts, ""),
        **({"output_id": output_id} if "output_id" in board.texts else {}),
    }


def page(name: str) -> str:
    """A question of a page."""
    return statement(f"pages/{name}").text


def of_pages(client: Client, back: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """What the pages would ask: 28 days, every group, the newest outputs, one of some day.

    Args:
        client: Of a store that has an output of that day.
        back: How many days ago the output began.
    """
    today = datetime.now(timezone.utc).date()
    shared = dict.fromkeys(
        ("service", "environment", "feature", "model", "conversation", "class", "before_id"), ""
    )
    found = next(
        client.query(
            "select output_day as day, trace_id, span_id, conversation_id as conversation, "
            "service, environment from output_state "
            "where output_day = today() - {back:UInt16} limit 1",
            parameters={"back": back},
        ).named_results()
    )
    parameters = shared | {
        "today": today,
        "since": today - timedelta(27),
        "until": today + timedelta(1),
        "before_time": int(datetime.now(timezone.utc).timestamp() * 1000),
        "limit": 1000,
        "day": found["day"],
        "trace_id": found["trace_id"],
        "span_id": found["span_id"],
        "output_id": f"{found['trace_id']}-{found['span_id']}",
    }
    lately = parameters | {"since": today - timedelta(2)}
    reach = client.query(page("reach"), parameters=lately).result_rows
    parameters |= {"from_time": reach[0][1]}
    special = {"reach": lately, "conversation": parameters | found}
    return {name: (page(file), special.get(file, parameters)) for name, file in PAGES.items()}


class Times:
    """Seconds, and seconds of work on all cores together, by question.

    Args:
        client: Of the store.
        times: How often each is asked, fewer times where it takes long; the best is taken.
        only: Ask these alone, where it is given.
        every: Ask every so-manieth question alone.
    """

    def __init__(
        self, client: Client, *, times: int = 3, only: str | None = None, every: int = 1
    ) -> None:
        self._client = client
        self._times = times
        self._only = re.compile(only or "")
        self._every = every
        self._seen = 0
        self.seconds: dict[str, float] = {}
        # what the engine worked, on however many cores: steady on a busy machine
        self.cpu_seconds: dict[str, float] = {}

    def take(self, questions: Mapping[str, str | tuple[str, Mapping[str, Any]]]) -> None:
        """Ask each question and keep how long that took."""
        for name, question in questions.items():
            self._seen += 1
            if self._seen % self._every or not self._only.search(name):
                continue
            taken = list(self._asked(question))
            self.seconds[name] = round(min(wall for wall, _ in taken), 3)
            self.cpu_seconds[name] = round(min(cpu for _, cpu in taken), 3)
            sys.stderr.write(
                f"{self.seconds[name]:8.3f} s, {self.cpu_seconds[name]:.3f} of work: {name}\n"
            )

    def _asked(
        self, question: str | tuple[str, Mapping[str, Any]]
    ) -> Iterator[tuple[float, float]]:
        text, parameters = (question, {}) if isinstance(question, str) else question
        spent = 0.0
        for _ in range(self._times):
            began, worked = time.perf_counter(), time.process_time()
            self._client.query(text, parameters=dict(parameters))
            wall, cpu = time.perf_counter() - began, time.process_time() - worked
            yield wall, cpu
            spent += wall
            if spent > LONG_SECONDS:  # no cache is warm for it the second time, either
                return
