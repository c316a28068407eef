"""What is recorded of the past is what the running service would have sent."""

import dataclasses
import time

import pytest

from otel_ai_feedback import serve
from otel_ai_feedback.demo.play import play
from otel_ai_feedback.demo.schedule import schedule
from otel_ai_feedback.demo.story import Chapter, Replay

OUTPUTS = """
    select
        output_id, response_id, conversation_id, subject, output_hash, output_length, input_hash,
        input_sketch, class, model, release, feature, arraySort(mapKeys(done)), time, ended_at,
        delivered_by, text_rate
    from outputs
    order by output_id
"""


@dataclasses.dataclass(frozen=True)
class Past(Replay):
    """A replay in which nothing runs."""

    def chapters(self, run):
        return [Chapter(run.start, run.end, (self.corpus,), live=False)]


@pytest.mark.long
def test_the_store_cannot_tell_the_past_from_the_running_service(
    settings, clean, wiped, small_corpus
):
    stories = [Replay(small_corpus), Past(small_corpus)]
    found = []
    with serve.running(settings, port=0, jobs_every=None) as server:
        run = schedule(clean, stories[0], 2, time.time())
        for story in stories:
            truth = play(settings, server.url, story, run)
            server.run_jobs()
            found.append((truth, clean.query(OUTPUTS).result_rows))
            wiped(clean)
    (live_truth, live), (past_truth, past) = found
    assert past_truth == live_truth
    assert len(live) == len(live_truth.outputs)
    assert past == live
