"""The whole loop in one process: real server, real engine, real client, real instrumentation."""

import copy
import dataclasses
import time

import pytest

from otel_ai_feedback import serve, store
from otel_ai_feedback.demo.play import play
from otel_ai_feedback.demo.schedule import schedule
from otel_ai_feedback.demo.story import Replay
from otel_ai_feedback.demo.summary import summarise


@pytest.fixture(scope="module")
def demo(settings, engine, small_corpus):
    """A played demo: how often it was played, and how to compare it with a truth."""

    class Demo:
        def __init__(self, server):
            self._server = server
            self.run = schedule(engine, Replay(small_corpus), 3, time.time())
            self.truth = self.play()

        def play(self):
            truth = play(settings, self._server.url, Replay(small_corpus), self.run)
            self._server.run_jobs()
            return truth

        def compare(self, truth):
            return summarise(client, settings, small_corpus.service, self.run, truth)

    with serve.running(settings, port=0) as server:
        client = store.connect(settings.store)
        yield Demo(server)
        client.close()


@pytest.mark.slow
def test_the_store_says_what_happened(demo, small_corpus):
    summary = demo.compare(demo.truth)
    assert summary.true, summary
    assert summary.outputs == len(demo.truth.outputs) >= len(small_corpus.answers)
    assert summary.actions == len(demo.truth.actions) + len(demo.truth.repeated)
    assert summary.linked_share == 1
    assert sum(summary.classes.values()) == summary.outputs
    failed = [turn for turn in demo.truth.outputs.values() if not turn.answer.text.strip()]
    assert summary.classes["failed"] == summary.rates["failed"].k == len(failed) >= 2


@pytest.mark.slow
def test_played_again_it_is_the_same_demo(demo):
    before = demo.compare(demo.truth)
    truth = demo.play()
    assert truth == demo.truth
    assert demo.compare(truth) == before


@pytest.mark.slow
def test_what_is_lost_or_wrong_is_counted(demo):
    outputs = list(demo.truth.outputs)
    seen = set(demo.truth.actions.values())
    action, done_to = next(iter(demo.truth.actions.items()))

    truth = copy.copy(demo.truth)
    truth.outputs = {**demo.truth.outputs, f"{1:032x}-{1:016x}": demo.truth.outputs[outputs[0]]}
    assert demo.compare(truth).lost_outputs == 1

    truth = copy.copy(demo.truth)
    truth.actions = {**demo.truth.actions, "0" * 32: outputs[0]}
    assert demo.compare(truth).lost_actions == 1

    truth = copy.copy(demo.truth)
    elsewhere = next(output_id for output_id in outputs if output_id != done_to)
    truth.actions = {**demo.truth.actions, action: elsewhere}
    assert demo.compare(truth).wrong_links == 1

    truth = copy.copy(demo.truth)
    truth.repeated = demo.truth.repeated - {next(iter(demo.truth.repeated))}
    assert demo.compare(truth).wrong_links == 1

    truth = copy.copy(demo.truth)
    turn = demo.truth.outputs[min(seen)]
    other = dataclasses.replace(turn.answer, text=turn.answer.text + "!")
    truth.outputs = {**demo.truth.outputs, min(seen): dataclasses.replace(turn, answer=other)}
    summary = demo.compare(truth)
    assert summary.wrong_hashes == 1
    assert not summary.true


def test_everything_happens_on_the_demo_clock(demo, engine):
    """Spans, actions and log events lie in the window, not in the present."""
    window = {"start": demo.run.start, "end": demo.run.end}
    for table in ("otel_traces", "otel_logs"):
        count, outside = engine.query(
            f"select count(), countIf(not (toUnixTimestamp(Timestamp) between {{start:Int64}} "
            f"and {{end:Int64}})) from {table} where ServiceName = 'small-chat'",
            parameters=window,
        ).result_rows[0]
        assert count > 0
        assert outside == 0


def test_text_is_only_where_reviewers_find_it(demo, engine, small_corpus):
    """The demo's answers are invented, so its services let reviewers read all of them."""
    text = max((answer.text for answer in small_corpus.answers), key=len)[:40]
    for table, attributes in (("otel_traces", "SpanAttributes"), ("otel_logs", "LogAttributes")):
        elsewhere = engine.query(
            "select count() from {table:Identifier} where position(toString(mapFilter((name, value)"
            " -> name not in ('gen_ai.input.messages', 'gen_ai.output.messages'), "
            f"{attributes})), {{text:String}})",
            parameters={"table": table, "text": text},
        )
        assert elsewhere.result_rows == [(0,)]
