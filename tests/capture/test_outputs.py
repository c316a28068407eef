"""What is remembered of outputs, for how long, and in how much room."""

import threading
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.answer_choice import AMBIGUOUS, NONE, Choice
from otel_ai_feedback.capture.linking.handles import Handle
from otel_ai_feedback.capture.linking.lookup import Whose
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.linking.outputs import MAX_IN_SESSION, MAX_WAITING_TEXTS, Outputs
from otel_ai_feedback.capture.text.fragments import fingerprints

from .telemetry import Clock

KEY = b"k" * 32
PARIS = "Paris is the capital of France; it lies on the Seine, in the north of the country."
ROME = "Rome is the capital of Italy and was the seat of the emperors for several centuries."


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def outputs(clock):
    return Outputs(clock, KEY, Guard())


def output(span_id, trace_id=None, **known):
    settings = {
        "time": span_id, "sampled": True, "has_text": True, "known_hash": None, "response_id": None,
        "conversation_id": None, "session_id": None, "subject": None, "feature": None,
        "delivered": False,
    }  # fmt: skip
    return Output(trace_id or span_id, span_id, **(settings | known))


def whose(conversation_id=None, session_id=None, subject=None):
    return Whose(conversation_id, session_id, subject)


def test_found_by_span_request_and_response(outputs):
    made = output(7, trace_id=9, response_id="r1", request_span_id=5)
    outputs.remember(made, PARIS)
    assert outputs.of_span(9, 7) is made
    assert outputs.of_request(9, 5) == Choice(made)
    assert outputs.of_response("r1") == (made, False)
    assert outputs.of_span(9, 8) is outputs.of_response("r2") is None
    assert outputs.of_request(9, 7) == NONE


def test_the_answer_of_a_request_is_its_one_output_with_text(outputs):
    outputs.remember(output(1, trace_id=9, has_text=False, request_span_id=5), None)
    answer = output(3, trace_id=9, request_span_id=5)
    outputs.remember(answer, ROME)
    outputs.remember(output(4, trace_id=9, has_text=False, request_span_id=5), None)
    assert outputs.of_request(9, 5) == Choice(answer)
    outputs.remember(output(5, trace_id=9, request_span_id=5), PARIS)
    assert outputs.of_request(9, 5) == AMBIGUOUS


def test_while_the_response_is_being_sent_nothing_is_its_answer(outputs):
    answer = output(1, trace_id=9, request_span_id=5, open=True)
    outputs.remember(answer, ROME)
    assert outputs.of_request(9, 5) == NONE
    answer.open = False
    assert outputs.of_request(9, 5) == Choice(answer)


def test_a_step_on_the_way_is_nobodys_answer(outputs):
    outputs.remember(output(1, trace_id=9, has_text=False, request_span_id=0), None)
    assert outputs.of_request(9, 0) == NONE


class TestHash:
    def test_newest_of_the_conversation_before_the_session(self, outputs):
        mine = output(1, known_hash="h", conversation_id="c1", session_id="s1")
        outputs.remember(mine, PARIS)
        elsewhere = output(2, known_hash="h", conversation_id="c2", session_id="s1")
        outputs.remember(elsewhere, PARIS)
        assert outputs.of_hash(whose("c1", "s1"), "h") == (mine, False)
        assert outputs.of_hash(whose("c3", "s1"), "h") == (elsewhere, True)
        assert outputs.of_hash(whose(session_id="s1"), "other") is None

    def test_of_the_user_in_whatever_session_when_it_is_not_in_this_one(self, outputs):
        mine = output(1, known_hash="h", session_id="s1", subject="ann")
        outputs.remember(mine, PARIS)
        outputs.remember(output(2, known_hash="h", session_id="s2", subject="bob"), PARIS)
        assert outputs.of_hash(whose(subject="ann"), "h") == (mine, False)
        assert outputs.of_hash(whose("c9", "s9", "ann"), "h") == (mine, False)
        assert outputs.of_hash(whose("c9", "s9", "eve"), "h") is None

    def test_the_same_answer_on_nested_spans_is_one(self, outputs):
        outputs.remember(output(1, trace_id=9, known_hash="h", session_id="s1"), PARIS)
        outer = output(2, trace_id=9, known_hash="h", session_id="s1")
        outputs.remember(outer, PARIS)
        assert outputs.of_hash(whose(session_id="s1"), "h") == (outer, False)

    def test_never_without_a_session_or_across_users(self, outputs):
        outputs.remember(output(1, known_hash="h"), PARIS)
        outputs.remember(output(2, known_hash="h", conversation_id="c1", subject="ann"), PARIS)
        assert outputs.of_hash(whose(), "h") is None
        assert outputs.of_hash(whose("c2", "s2"), "h") is None
        assert outputs.of_hash(whose("c1", subject="bob"), "h") is None
        assert outputs.of_hash(whose("c1", subject="ann"), "h") is not None
        assert outputs.of_hash(whose("c1"), "h") is not None

    def test_a_conversation_is_not_a_session_of_the_same_name(self, outputs):
        outputs.remember(output(1, known_hash="h", conversation_id="1"), PARIS)
        assert outputs.of_hash(whose(session_id="1"), "h") is None


class TestFragment:
    def test_found_once_the_worker_has_made_fingerprints(self, outputs):
        made = output(1, session_id="s1")
        outputs.remember(made, PARIS)
        part = fingerprints(PARIS[10:70], KEY)
        assert outputs.of_fragment(whose(session_id="s1"), part) == (made, False)
        assert outputs.of_fragment(whose(session_id="s2"), part) is None
        assert outputs.of_fragment(whose(session_id="s1"), fingerprints(ROME, KEY)) is None

    def test_of_two_that_hold_it_the_latest_and_ambiguous(self, outputs):
        outputs.remember(output(1, session_id="s1"), PARIS)
        latest = output(2, session_id="s1")
        outputs.remember(latest, PARIS + " Anything else?")
        outputs.index()
        found = outputs.of_fragment(whose(session_id="s1"), fingerprints(PARIS[10:70], KEY))
        assert found == (latest, True)

    def test_among_the_newest_twenty(self, outputs):
        outputs.remember(output(1, session_id="s1"), PARIS)
        for number in range(2, 22):
            outputs.remember(output(number, session_id="s1"), f"{ROME} {number}")
        outputs.index()
        assert outputs.of_fragment(whose(session_id="s1"), fingerprints(PARIS, KEY)) is None

    def test_the_oldest_fingerprints_make_room(self, clock):
        made = len(fingerprints(PARIS, KEY))
        outputs = Outputs(clock, KEY, Guard(), max_fingerprints=made * 2)
        for number in (1, 2, 3):
            outputs.remember(output(number, session_id=f"s{number}", known_hash="h"), PARIS)
        outputs.index()
        part = fingerprints(PARIS, KEY)
        found = [outputs.of_fragment(whose(session_id=f"s{n}"), part) for n in (1, 2, 3)]
        assert [each is not None for each in found] == [False, True, True]
        assert outputs.of_hash(whose(session_id="s1"), "h") is not None

    def test_texts_are_let_go(self, outputs):
        class Text(str):
            """A text whose end can be watched."""

        text = Text(PARIS)
        outputs.remember(output(1, session_id="s1"), text)
        alive = weakref.ref(text)
        del text
        outputs.index()
        assert alive()
        outputs.of_fragment(whose(session_id="s2"), fingerprints(PARIS, KEY))
        assert alive() is None

    def test_without_a_search_for_a_part_no_fingerprints_are_made_and_few_texts_kept(self, clock):
        outputs = Outputs(clock, KEY, Guard())
        for number in range(MAX_WAITING_TEXTS + 88):
            outputs.remember(output(number + 1, session_id="s1"), PARIS)
            outputs.index()
        assert outputs._fingerprints == 0
        assert len(outputs._with_text) == MAX_WAITING_TEXTS
        kept = outputs.of_fragment(whose(session_id="s1"), fingerprints(PARIS, KEY))
        assert kept is not None
        assert not outputs._with_text


class TestBounds:
    def test_the_least_recently_used_goes_first(self, clock):
        outputs = Outputs(clock, KEY, Guard(), max_outputs=2)
        for number in (1, 2):
            outputs.remember(output(number), None)
        assert outputs.of_span(1, 1)
        outputs.remember(output(3), None)
        assert [outputs.of_span(n, n) is not None for n in (1, 2, 3)] == [True, False, True]

    def test_what_is_too_old_is_not_found_in_any_way(self, outputs, clock):
        outputs.remember(
            output(1, response_id="r", known_hash="h", session_id="s", request_span_id=5), PARIS
        )
        outputs.tie("key", Handle("output", 1, 1, 1, True))
        outputs.index()
        clock.forward(24 * 3600)
        assert outputs.of_span(1, 1)
        assert outputs.tied("key")
        clock.forward(1)
        part = fingerprints(PARIS, KEY)
        assert outputs.of_span(1, 1) is outputs.tied("key") is None
        assert outputs.of_request(1, 5) == NONE
        assert outputs.of_response("r") is outputs.of_hash(whose(session_id="s"), "h") is None
        assert outputs.of_fragment(whose(session_id="s"), part) is None
        outputs.remember(output(2), None)
        outputs.index()
        assert len(outputs) == 1

    def test_one_session_for_everyone_does_not_grow(self, outputs):
        for number in range(1, MAX_IN_SESSION + 50):
            outputs.remember(output(number, known_hash=str(number), session_id="all"), PARIS)
        outputs.index()
        assert len(outputs._by_session["all"]) == MAX_IN_SESSION
        assert outputs.of_hash(whose(session_id="all"), "49") is None
        assert outputs.of_hash(whose(session_id="all"), "50") is not None

    def test_without_a_worker_nothing_piles_up(self, clock):
        guard = Guard()
        outputs = Outputs(clock, KEY, guard, max_outputs=1000)
        for number in range(1, 3001):
            outputs.remember(output(number, session_id="s"), PARIS)
            if number % 700 == 0:
                assert outputs.of_span(number, number)
        assert len(outputs) <= 2000
        held = [made.text for made in outputs._new] + [text for _, text in outputs._filed]
        held = [text for text in held if text]
        assert len(held) <= 2 * MAX_WAITING_TEXTS
        assert guard.counts.snapshot()["queue_full"] > 0

    @given(
        st.lists(
            st.tuples(st.integers(1, 9), st.integers(1, 3), st.sampled_from([None, PARIS, ROME])),
            max_size=60,
        )
    )
    def test_all_indexes_forget_together(self, made):
        clock = Clock()
        outputs = Outputs(clock, KEY, Guard(), max_outputs=5, max_fingerprints=40)
        for span_id, name, text in made:
            outputs.remember(
                output(
                    span_id, has_text=text is not None, known_hash=text, response_id=f"r{name}",
                    conversation_id=f"c{name}", session_id=f"s{name}", subject=f"u{name}",
                    request_span_id=name,
                ),
                text,
            )  # fmt: skip
            clock.forward(2 * 3600)
            if name == 1:
                outputs.index()
        outputs.index()
        known = set(outputs._by_span.values())
        assert len(known) <= 5
        indexed = set(outputs._fingerprinted)
        for index in (
            outputs._by_request, outputs._by_response, outputs._by_conversation,
            outputs._by_session, outputs._by_subject,
        ):  # fmt: skip
            assert all(index.values())
            indexed.update(entry for entries in index.values() for entry in entries)
        assert indexed <= known
        held = sum(len(entry.fingerprints or ()) for entry in known)
        assert outputs._fingerprints == held <= 40


def test_a_finalizer_may_end_a_span_and_look_up_while_another_is_filed(outputs, monkeypatch):
    """The collector may run anywhere, and run code of the application's."""
    enter = Outputs._enter

    def entering(self, entry, text):
        if entry.output.span_id == 1:
            self.remember(output(2, response_id="r2"), None)
            self.of_response("r2")
        enter(self, entry, text)

    monkeypatch.setattr(Outputs, "_enter", entering)
    outputs.remember(output(1, response_id="r1"), None)
    assert outputs.of_response("r1")
    assert outputs.of_response("r2")


def test_threads_remember_and_look_up_at_once(clock):
    outputs = Outputs(clock, KEY, Guard(), max_outputs=50)
    failed = []

    def work(first):
        try:
            for number in range(first, first + 300):
                outputs.remember(
                    output(number, session_id="s", known_hash="h", response_id="r"), PARIS
                )
                outputs.of_response("r")
                outputs.of_hash(whose(session_id="s"), "h")
                if number % 50 == 0:
                    outputs.index()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(n * 1000 + 1,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    outputs.index()
    assert failed == []
    assert len(outputs) == 50
    assert outputs._filing is False


def test_remembering_neither_locks_nor_asks_for_the_time(monkeypatch):
    def never(*args):
        raise AssertionError

    outputs = Outputs(never, KEY, Guard())
    held = threading.Thread(target=outputs._lock.acquire)
    held.start()
    held.join()
    outputs.remember(output(1, session_id="s"), PARIS)
    assert len(outputs) == 1
