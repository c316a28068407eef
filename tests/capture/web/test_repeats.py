import json

from otel_ai_feedback.capture.web import beacon
from otel_ai_feedback.capture.web.repeats import Repeats

NOW = 1_795_000_000_000_000_000


def _sent(ids, handle="h", action="copy"):
    entries = [
        {"handle": handle, "action_id": each, "action": action, "time": 1000} for each in ids
    ]
    body = json.dumps({"sent": 1000, "actions": entries}).encode()
    return beacon.read(body, NOW, "browser")


def test_one_kind_on_one_answer_is_counted_across_beacons():
    repeats = Repeats()
    taken = [len(repeats.within(_sent([f"a{n}"])).reported) for n in range(30)]
    assert taken == [1] * 20 + [0] * 10
    assert repeats.within(_sent(["b"])).refused == ["repeated"]
    assert len(repeats.within(_sent(["b"], action="edit")).reported) == 1
    assert len(repeats.within(_sent(["b"], handle="other")).reported) == 1


def test_what_is_sent_again_is_the_same_action():
    repeats = Repeats()
    for _ in range(50):
        assert len(repeats.within(_sent([f"a{n}" for n in range(20)])).reported) == 20


def test_only_so_many_are_remembered():
    repeats = Repeats(max_kept=2)
    for handle in "abc":
        repeats.within(_sent(["x"], handle=handle))
    assert len(repeats._ids) == 2
