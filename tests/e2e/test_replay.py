"""Real outputs of real models, from the client's call to a row in the store; also after a kill.

Both in one file, because the undisturbed replay is made once in a worker of pytest-xdist.
"""

import csv
import hashlib
import json
import signal
import time
from collections import Counter, defaultdict

import httpx
import pytest

from otel_ai_feedback.store import DATABASE, LOCAL_USER, server_file

from .conftest import DATA, Program, finished

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results():
    return [json.loads(line) for line in (DATA / "results.jsonl").open(encoding="utf-8")]


def prescribed_hash(text):
    """Of the conventions, written down a second time."""
    normal = b" ".join(text.encode().split())
    return "sha256:" + hashlib.sha256(normal).hexdigest()[:32] if normal else ""


def test_everything_is_counted_and_linked(replayed, results):
    _, document = replayed
    assert document["outputs"] >= len(results)
    assert document["actions"] > document["outputs"]
    assert document["linked_share"] >= 0.999
    assert document["lost_outputs"] == document["lost_actions"] == 0
    assert document["wrong_links"] == document["wrong_hashes"] == 0


def test_every_rate_has_its_uncertainty(replayed):
    _, document = replayed
    for series in ("copied", "edited_heavily", "reasked", "regenerated", "closed_fast",
                   "accepted", "rejected", "rated", "failed"):  # fmt: skip
        rate = document["rates"][series]
        assert 0 <= rate["low"] <= rate["rate"] <= rate["high"] <= 1
        # JSON documents give six significant digits.
        assert rate["rate"] == float(f"{rate['k'] / rate['n']:.6g}")
        assert rate["k"] > 0


def test_every_text_has_the_prescribed_hash(replayed, results):
    program, document = replayed
    rows = program.query("select model, output_hash, count() from outputs group by all")
    found = {(model, output_hash): int(count) for model, output_hash, count in rows}
    prescribed = Counter((row["name"], prescribed_hash(row["result"])) for row in results)
    assert found.keys() == prescribed.keys()
    # Some were given again to people who asked again: never fewer than there are.
    assert all(found[key] >= count for key, count in prescribed.items())
    assert sum(found.values()) == document["outputs"]


def test_empty_answers_are_failures_and_nothing_else_is(replayed):
    program, document = replayed
    rows = program.query(
        "select output_length = 0 as empty, class = 'failed' as failed, count() "
        "from outputs group by all order by all"
    )
    assert [(empty, failed) for empty, failed, _ in rows] == [(0, 0), (1, 1)]
    assert document["classes"]["failed"] == int(rows[1][2]) >= 69


def test_all_have_matured(replayed):
    program, _ = replayed
    assert program.query("select count() > 0 from outputs where matured_at > now64(3)") == [(0,)]


def test_people_judge_as_the_crowd_did(replayed):
    """Models that win more comparisons are copied more and asked again less."""
    program, _ = replayed
    won, compared = defaultdict(float), Counter()
    with (DATA / "crowd-comparisons.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            points = {"left": 1.0, "tie": 0.5, "right": 0.0}[row["winner"]]
            won[row["left"]] += points
            won[row["right"]] += 1 - points
            compared.update((row["left"], row["right"]))
    ranked = sorted(compared, key=lambda model: won[model] / compared[model])
    third = len(ranked) // 3
    worst, best = set(ranked[:third]), set(ranked[-third:])

    rates = defaultdict(lambda: [0, 0])
    for model, series, k, n in program.query(
        "select model, series, sum(k), sum(n) from signal_rates group by model, series"
    ):
        for name, models in (("best", best), ("worst", worst)):
            if model in models:
                rates[name, series][0] += int(k)
                rates[name, series][1] += int(n)

    def rate(name, series):
        k, n = rates[name, series]
        return k / n

    assert rate("best", "copied") > rate("worst", "copied") + 0.03
    assert rate("best", "reasked") < rate("worst", "reasked")


# Killed -----------------------------------------------------------------------------------------

ROWS_BEFORE_KILL = (300, 900)


def spans(program):
    """How many spans the running program has acknowledged; its command would ask slowly."""
    server = server_file.read(f"{program.directory}/store")
    if server is None:
        return 0
    try:
        answer = httpx.get(
            server.url,
            params={"query": f"select count() from {DATABASE}.otel_traces"},
            auth=(LOCAL_USER, server.token),
            timeout=60,
        )
    except httpx.TransportError:
        return 0
    return int(answer.text) if answer.is_success else 0


def stored(program):
    return program.query("select toUInt32(count()) from otel_traces")[0][0]


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
        acknowledged = stored(program)
        assert acknowledged >= seen

    document = finished(program.replay())
    # Rates are per day, and the days of two runs begin at different minutes of their windows.
    for name in ("outputs", "actions", "classes", "linked_share"):
        assert document[name] == undisturbed[name], name
    assert stored(program) > acknowledged
    assert program.query("select count() > uniqExact(TraceId, SpanId) from otel_traces") == [
        (1,)
    ]  # what was sent twice is there twice, and counts once
