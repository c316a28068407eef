"""A demo that is killed loses nothing that it needs: started again it ends as if undisturbed."""

import signal
import time

from .conftest import Program, finished

ROWS_BEFORE_KILL = (300, 1_200)


def spans(program):
    done = program.run("query", "select count() from otel_traces", "--format", "TSV")
    return int(done.stdout) if done.returncode == 0 else 0


def test_killed_twice_it_ends_like_the_undisturbed(replayed, tmp_path):
    _, undisturbed = replayed
    program = Program(tmp_path)
    acknowledged = 0
    for rows in ROWS_BEFORE_KILL:
        process = program.replay()
        while (seen := spans(program)) < acknowledged + rows:
            assert process.poll() is None, process.communicate()
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        acknowledged = spans(program)
        assert acknowledged >= seen

    document = finished(program.replay())
    # Rates are per day, and the days of two runs begin at different minutes of their windows.
    for name in ("outputs", "actions", "classes", "linked_share"):
        assert document[name] == undisturbed[name], name
    assert spans(program) > acknowledged
    assert program.query("select count() > uniqExact(TraceId, SpanId) from otel_traces") == [
        (1,)
    ]  # what was sent twice is there twice, and counts once
