"""What reads what is known from the statements, and goes one way."""

import ast
import re
from pathlib import Path

import pytest

from otel_ai_feedback.store import arrows, fragments, relations
from otel_ai_feedback.store.statements import paths, statement

STATEMENTS = [path for path in paths() if not path.startswith("store/fragments/")]
PACKAGE = Path(relations.__file__).parents[1]
ASKING = {"ask", "ask_now", "command", "statement", "asked"}
DEEPEST = 8
# Made for counts by user bucket.
AWAITED = {"store/fragments/n_effective"}
# Whose tables and views the views of a room may read.
MAY_READ = {
    "store": {"store"},
    "pages": {"store", "pages"},
    "review": {"store", "review"},
    "triage": {"store", "triage"},
    "health": {"store", "review", "triage", "health"},
}


@pytest.mark.parametrize(
    ("sql", "read"),
    [
        ("select 1", []),
        ("select * from a", ["a"]),
        ("SELECT * FROM a AS x, b y JOIN c USING (id)", ["a", "b", "c"]),
        ("select * from (select 1 from a) left any join b(as_of = now()) using (id)", ["a", "b"]),
        ("select 'from a', `from b` -- from c\n/* from d */ from e", ["e"]),
        ("select * from a array join range(3) as b left array join c", ["a"]),
        (
            "with x as (select * from a) select * from x where y in (select z from b)",
            ["a", "b", "x"],
        ),
        ("select it''s from a", ["a"]),
        ("select 'it\\'s from b' from a", ["a"]),
        ("insert into a select * from b final prewhere c", ["b"]),
        ("select 1 from a window w as (order by x), v as (order by y)", ["a"]),
        ("select * from system.tables", ["system.tables"]),
        ("select * from values('a Int', (1)), a", ["a", "values"]),
    ],
)
def test_what_a_statement_reads(sql, read):
    assert sorted(arrows.read_by(sql)) == read


def test_what_a_statement_defines_itself():
    sql = (
        "with a as (select 1), 2 as b, (c + 1) as d, e as (with f as (select 1) select 2) select 3"
    )
    assert arrows.defined_by(sql) == {"a", "e", "f"}


@pytest.mark.parametrize("path", STATEMENTS)
def test_a_statement_reads_what_there_is_and_says_what_it_is_for(path):
    item = statement(path)
    assert item.text.startswith("-- "), path
    defined = arrows.defined_by(item.text)
    known = relations.relations().keys()
    # or an arrow could hide behind it
    assert not defined & known, f"{path} calls a part of it as a table or view is called"
    others = set(arrows.read_by(item.text) - known - defined)
    assert {name for name in others if not name.startswith("system.")} <= {"values", "numbers"}


def test_views_ask_a_question():
    for view in relations.views():
        assert view.question.endswith("?"), view.name


@pytest.mark.parametrize("room", MAY_READ)
def test_arrows_between_rooms_go_one_way(room):
    known = relations.relations()
    for each in known.values():
        if each.room == room:
            for name in each.reads:
                assert known[name].room in MAY_READ[room], f"{each.name} reads {name}"
    assert {each.room for each in known.values()} == MAY_READ.keys()


def test_relations_stand_after_what_they_read():
    seen = set()
    for each in relations.relations().values():
        assert each.reads <= seen
        seen.add(each.name)


def test_no_view_is_deeper_than_it_was():
    """Each level is planned again with every question. Lower the bound whenever one goes."""
    depth = {}
    for name, each in relations.relations().items():
        below = max((depth[other] for other in each.reads), default=0)
        depth[name] = 1 + below if each.kind == "view" else 0
    assert max(depth.values()) == DEEPEST, "say the new depth here"


def test_a_fragment_is_filled_in_with_what_it_is_given():
    assert "name = 'timezone'" in fragments.expand("toDate(x, {{zone}})")
    assert fragments.expand("{{today}}").startswith(
        "toDate({as_of:DateTime64(3, 'UTC')}, coalesce("
    )
    assert fragments.expand("{of:String}") == "{of:String}"
    share = fragments.expand("{{wilson_low(k / n, f(n, 1))}}")
    assert "least((k / n), (" in share
    assert "+ 4 * (f(n, 1)) * (k / n)" in share
    with pytest.raises(KeyError, match="nothing"):
        fragments.expand("{{nothing}}")
    with pytest.raises(ValueError, match="takes nothing"):
        fragments.expand("{{zone(1)}}")


def _paths_in_code():
    """Each path of a statement in the code, as a pattern: what an f-string leaves open is any."""
    for file in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            called = getattr(call, "func", None)
            if getattr(called, "attr", getattr(called, "id", "")) not in ASKING:
                continue
            for text in call.args:
                if isinstance(text, ast.Constant) and "/" in str(text.value):
                    yield file, re.escape(text.value)
                elif isinstance(text, ast.JoinedStr):
                    parts = (
                        re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w/.-]+"
                        for part in text.values
                    )
                    yield file, "".join(parts)


def test_what_the_code_asks_is_there():
    found = list(_paths_in_code())
    assert len(found) > 50
    for file, pattern in found:
        if "/" not in pattern or re.search(r"\s", pattern):  # other SQL, or a name in a folder
            continue
        assert any(re.fullmatch(pattern, path) for path in paths()), f"{file}: {pattern}"


def test_every_fragment_is_used():
    used = "".join(map(_raw, paths()))
    for path in paths():
        if path.startswith("store/fragments/") and path not in AWAITED:
            assert "{{" + path.rpartition("/")[2] in used, path


def _raw(path):
    from importlib.resources import files

    room, _, below = path.partition("/")
    return (files("otel_ai_feedback") / room / "sql" / f"{below}.sql").read_text()
