"""A pass over the facts asks nothing where nothing has arrived, and leaves nothing half done."""

import pytest
from raw_rows import action_span, insert, llm_span, output_id, send

from otel_ai_feedback.store import facts
from otel_ai_feedback.store.facts import delivery, passes


class Counting:
    """A client that counts what it is asked."""

    def __init__(self, client):
        self._client = client
        self.asked = []

    def __getattr__(self, name):
        def asked(*given, **more):
            self.asked.append(given[0].partition("\n")[0])
            return getattr(self._client, name)(*given, **more)

        return asked


def delivered(client):
    return [
        name for (name,) in client.query("select output_id from outputs order by 1").result_rows
    ]


def test_where_nothing_has_arrived_one_question_is_asked(clean):
    insert(clean, [llm_span("a", handle="output")])
    client = Counting(clean)
    facts.catch_up(client)
    assert len(client.asked) == 1, client.asked
    send(clean, [llm_span("b", handle="output")])
    facts.catch_up(client)
    assert len(client.asked) > 2
    assert delivered(clean) == sorted(map(output_id, "ab"))


def test_what_says_the_same_is_not_written_again(clean):
    rows = [llm_span("a", handle="output"), action_span("copy", "a", at=5, value=1)]
    insert(clean, rows)
    count = "select (select count() from output_facts), (select count() from linked_actions)"
    written = clean.query(count).result_rows
    insert(clean, rows)
    assert clean.query(count).result_rows == written


@pytest.fixture
def cut_short(clean, monkeypatch):
    """Take in rows with a pass that ends where a statement of it, or a step, is reached."""

    def cut_short(module, name, rows, statement=None):
        step = getattr(module, name)

        def stop(*given, **more):
            if statement in (None, *given[1:2]):
                raise ConnectionError
            return step(*given, **more)

        send(clean, rows)
        with monkeypatch.context() as patched:
            patched.setattr(module, name, stop)
            with pytest.raises(ConnectionError):
                facts.catch_up(clean)

    return cut_short


def test_a_pass_that_ended_before_its_links_is_made_up_for(clean, cut_short):
    insert(clean, [action_span("copy", "a", at=5, value=1)])
    cut_short(passes, "_write_actions", [llm_span("a", handle="output")])
    facts.catch_up(clean)
    arrived = clean.query("select output_arrived from linked_actions final").result_rows
    assert arrived == [(True,)]


def test_a_pass_that_ended_before_a_new_delivery_rule_was_applied_is_made_up_for(clean, cut_short):
    insert(clean, [llm_span("plain")])
    assert delivered(clean) == [output_id("plain")]
    handled = [llm_span("handled", at=60, handle="output")]
    cut_short(delivery, "command", handled, statement="output_facts.rules")
    facts.catch_up(clean)
    assert delivered(clean) == [output_id("handled")]
