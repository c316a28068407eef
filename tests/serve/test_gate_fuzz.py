"""Statements composed from the engine's own lists of functions, to get at what is out of reach.

Wherever a name or a string is code (structures, lambdas by name, APPLY, limits, parameters), a
function or table function of the engine is put there, and told to read a canary: a file, a table
with a text, an address that listens. ``STATEMENTS=100000`` asks for the long run; what touches a
canary is written to the file that ``CORPUS`` names.
"""

import os
import random
import socket
import threading
import time
from pathlib import Path

import pytest

from otel_ai_feedback.store.gate import resolved, tree
from otel_ai_feedback.store.gate.functions import Functions

STATEMENTS = int(os.environ.get("STATEMENTS", "3000"))
CORPUS = Path(__file__).with_name("gate_corpus.sql")
CANARY = "canary-4711-text"

EXPRESSIONS = (
    "{f}({a})",
    "arrayMap({f}, [{a}])",
    "arrayMap(`{f}`, [{a}])",
    "arrayMap(x -> {f}(x), [{a}])",
    "arrayFold((s, x) -> {f}(x), [{a}], '')",
    "length(arrayFilter(x -> {f}(x) != '', [{a}]))",
    "(select {f}({a}))",
    "cast({f}({a}) as String)",
    "multiIf(1, {f}({a}), '')",
    "{f}({a}, {a})",
    "sum(length({f}({a}))) over ()",
    "tuple({f}({a})).1",
    "[{f}({a})][1]",
    "{f}(materialize({a}))",
    "(select any({column}) from {table})",
    "(select groupArray({column}) from {table})[1]",
    "{a} in (select {column} from {table})",
)
STATEMENT = (
    "select {e} as found",
    "with {e} as v select v as found",
    "with x -> {f}(x) as g select g({a}) as found",
    "with {f} as g select arrayMap(g, [{a}]) as found",
    "select * apply {f} from (select {a} as c)",
    "select * apply(x -> {f}(x)) from (select {a} as c)",
    "select columns('c') apply {f} from (select {a} as c)",
    "select * replace ({e} as c) from (select {a} as c)",
    "select b from {t}('a String, b String alias {f}({q})', 'x')",
    "select b from {t}('b String default {f}({q})', ('x'))",
    "select b from {t}(JSONEachRow, 'a String, b String alias {f}({q})', '{{}}')",
    "select * from {t}({a}, 'LineAsString')",
    "select * from {t}({a})",
    "select * from {t}({u}, 'LineAsString')",
    "select * from {t}({host}, system, one)",
    "select * from {t}(ai_feedback, otel_logs)",
    "select * from {table}",
    "select {column} from {table} order by {e}",
    "select 1 as found limit (select length({e}))",
    "select 1 as found where {e} != ''",
    "select 1 as found group by {e}",
    "select 1 as found having {e} != ''",
    "select throwIf(1, {e}) as found",
    "select * from numbers((select length({e})))",
    "select * from outputs_at(as_of = {e})",
    "select {p:String} as found from {table}",
    "show tables limit (select length({e}))",
    "show tables limit length({e})",
    "show tables from ai_feedback like 'a' limit (select length({e}))",
    "show databases where {e}",
    "describe table {t}({a})",
    "describe (select {e})",
    "explain select {e}",
    "explain query tree select {e}",
    "select 1; select {e}",
    "select {e} as found into outfile '/tmp/never-{f}'",
    "select {e} as found settings max_threads = 1",
)
TABLES = {
    "otel_logs": "Body", "ai_feedback.otel_logs": "Body", "`otel_logs`": "Body",
    "otel_traces": "SpanName", "draw_key": "k0", "system.processes": "query",
    "(select * from otel_logs)": "Body", "merge('ai_feedback', 'otel_logs')": "Body",
    "reviews": "note",
}  # fmt: skip


class Canaries:
    """What no statement may touch, and whether one has."""

    def __init__(self, directory):
        self.file = directory / "canary"
        self.file.write_text(CANARY)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._heard = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._rest()
        self.file.read_text()
        self._tells = self.file.stat().st_atime > 0
        self._rest()

    def _listen(self):
        while True:
            try:
                self._listener.accept()[0].close()
            except OSError:
                return
            self._heard.set()

    def _rest(self):
        os.utime(self.file, (0, time.time()))
        self._heard.clear()

    def touched(self, answer):
        """Whether a statement that was answered so has touched any of them."""
        read = self._tells and self.file.stat().st_atime > 0
        found = CANARY in answer.text or read or self._heard.is_set()
        if found:
            self._rest()
        return found

    def close(self):
        self._listener.close()


@pytest.fixture
def canaries(tmp_path, engine):
    engine.command("truncate table otel_logs")
    engine.command(f"insert into otel_logs (Body) values ('{CANARY}')")
    made = Canaries(tmp_path)
    yield made
    made.close()
    engine.command("truncate table otel_logs")


@pytest.fixture
def statements(engine, canaries):
    """``statements(seed)``: without end, each composed by chance."""
    names = [n for (n,) in engine.query("select name from system.functions").result_rows]
    tables = [n for (n,) in engine.query("select name from system.table_functions").result_rows]
    path, url = f"'{canaries.file}'", f"'http://{canaries.address}/'"

    def statements(seed):
        chance = random.Random(seed)
        while True:
            table = chance.choice(list(TABLES))
            parts = {
                "f": chance.choice(["file", "file", "FILE", chance.choice(names)]),
                "t": chance.choice(["values", "format", "file", "url", chance.choice(tables)]),
                "a": path, "q": f"'{path}'", "u": url, "host": f"'{canaries.address}'",
                "table": table, "column": TABLES[table], "p:String": "{p:String}",
            }  # fmt: skip
            parts["e"] = fill(chance.choice(EXPRESSIONS), parts)
            yield fill(chance.choice(STATEMENT), parts)

    return statements


def fill(template, parts):
    for name, value in parts.items():
        template = template.replace("{" + name + "}", value)
    return template.replace("{{", "{").replace("}}", "}")


@pytest.fixture
def reached(web, passwords, canaries, statements):
    """``reached(count, seed, user)``: the statements that touched a canary."""

    def reached(count, seed, user):
        return _touching(zip(range(count), statements(seed), strict=False), user)

    def _touching(numbered, user):
        found = []
        for _, sql in numbered:
            answer = web.post(
                "/",
                content=sql.encode(),
                params={"param_p": str(canaries.file), "max_execution_time": "5"},
                auth=(user, passwords[user]),
            )
            if canaries.touched(answer):
                found.append(sql)
        return found

    reached.of = _touching
    return reached


@pytest.mark.slow
@pytest.mark.timeout(24 * 3600)
@pytest.mark.parametrize("user", ["grafana", "collector"])
@pytest.mark.parametrize("count", [150, pytest.param(STATEMENTS, marks=pytest.mark.long)])
def test_no_composed_statement_touches_a_canary(reached, count, user):
    found = reached(count, time.time_ns() if count > 150 else 1, user)
    if found and "CORPUS" in os.environ:
        with Path(os.environ["CORPUS"]).open("a") as file:
            file.writelines(f"{sql}\n" for sql in found)
    assert not found


@pytest.mark.parametrize("user", ["grafana", "collector"])
def test_the_corpus_touches_no_canary(reached, canaries, user):
    asked = [
        line.replace("{file}", str(canaries.file)).replace("{url}", f"http://{canaries.address}/")
        for line in CORPUS.read_text().splitlines()
        if not line.startswith("--")
    ]
    assert len(asked) > 20
    assert reached.of(enumerate(asked), user) == []


def values_with_a_structure(monkeypatch):
    monkeypatch.setattr(tree, "_TABLE_FUNCTIONS", tree._TABLE_FUNCTIONS | {"values", "format"})


def functions_by_name(monkeypatch):
    monkeypatch.setattr(Functions, "check_identifier", lambda *_: None)


def apply_by_name(monkeypatch):
    """And every function, as that is where APPLY is judged."""
    monkeypatch.setattr(Functions, "check", lambda *_: None)


def limits_of_show(monkeypatch):
    monkeypatch.setattr(tree, "check_show", lambda *_: None)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "hole", [values_with_a_structure, functions_by_name, apply_by_name, limits_of_show]
)
def test_a_hole_is_found_when_its_mend_is_taken_out(reached, monkeypatch, hole):
    """Two layers stand in the way of most; the second is what the engine has resolved."""
    hole(monkeypatch)
    monkeypatch.setattr(resolved, "check", lambda *_: None)
    assert any(reached(100, seed, "grafana") for seed in range(20))
