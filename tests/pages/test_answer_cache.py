"""An answer is given again while the tables that it rests on have not changed."""

from datetime import datetime, timezone

import pytest

from otel_ai_feedback.pages import answer_cache
from otel_ai_feedback.pages.answer_cache import AnswerCache

QUESTION = "select count() as n from output_facts"


class Fake:
    """A store of which only the states of its tables are asked."""

    uri = "chdb:///tmp"

    def __init__(self):
        self.states = {"output_facts": 1, "incidents": 1}

    def query(self, _text, **_more):
        return self

    def named_results(self):
        return [{"name": name, "state": state} for name, state in self.states.items()]


@pytest.fixture
def fake():
    return Fake()


@pytest.fixture
def ask(fake):
    """Asks a question, and says how often the store has been asked."""
    cache, asked = AnswerCache(), []

    def run():
        asked.append(1)
        return [{"n": len(asked)}]

    def one(text=QUESTION, parameters=""):
        (row,) = cache.answer(fake, text, parameters, run)
        return row["n"]

    return one


def test_the_same_question_is_asked_once(ask):
    assert [ask(), ask(), ask()] == [1, 1, 1]


def test_other_parameters_are_another_question(ask):
    assert [ask(parameters="a"), ask(parameters="b"), ask(parameters="a")] == [1, 2, 1]


def test_what_arrives_is_seen_at_once(ask, fake):
    assert ask() == 1
    fake.states["output_facts"] = 2
    assert [ask(), ask()] == [2, 2]


def test_other_tables_do_not_matter(ask, fake):
    assert ask() == 1
    fake.states["incidents"] = 2
    assert ask() == 1


def test_a_view_rests_on_the_tables_under_it(ask, fake):
    question = "select count() as n from outputs"
    assert ask(question) == 1
    fake.states["output_facts"] = 2
    assert ask(question) == 2


def test_an_answer_is_good_for_half_a_minute(ask, monkeypatch):
    assert ask() == 1
    later = answer_cache.time.monotonic() + answer_cache.GOOD_FOR_SECONDS
    monkeypatch.setattr(answer_cache.time, "monotonic", lambda: later)
    assert ask() == 2


@pytest.mark.parametrize("text", ["select 1 as n", "select count() as n from system.parts"])
def test_what_rests_on_no_table_of_the_store_is_asked_each_time(ask, text):
    assert [ask(text), ask(text)] == [1, 2]


def test_a_server_is_asked_each_time(ask, fake):
    fake.uri = "http://store:8123"
    assert [ask(), ask()] == [1, 2]


def test_who_changes_an_answer_changes_nobody_elses(fake):
    cache = AnswerCache()
    for _ in range(2):
        (row,) = cache.answer(fake, QUESTION, "", lambda: [{"n": 1}])
        assert row == {"n": 1}
        row["n"] = 2


def _beat(client, part):
    client.insert("heartbeats", [[part, datetime.now(timezone.utc)]], column_names=("part", "time"))


def test_the_same_number_of_other_parts_is_another_state(clean):
    cache, seen = AnswerCache(), []
    question = "select part from heartbeats"

    def run():
        return list(clean.query(question).named_results())

    for name in ("first", "second", "third"):
        clean.command("truncate table heartbeats")
        _beat(clean, name)
        seen += [row["part"] for row in cache.answer(clean, question, "", run)]
    assert seen == ["first", "second", "third"]
