"""One table of requests and answers for this endpoint and for that of the Node package."""

import json
from pathlib import Path

import pytest

from otel_ai_feedback.capture.guard import GUARD
from otel_ai_feedback.capture.web.endpoint import Endpoint, HttpRequest
from otel_ai_feedback.capture.web.rates import Rates

NOW_NS = 1_795_464_000_000_000_000
CASES = json.loads((Path(__file__).parents[2] / "vectors/endpoint.json").read_text())
PARTICULARS = (
    "kept_share", "checkpoint", "scroll_depth", "selected_share", "method", "reason", "lost",
    "browser",
)  # fmt: skip


def body_of(step):
    if "json" in step:
        return json.dumps(step["json"]).encode()
    if "hex" in step:
        return bytes.fromhex(step["hex"])
    if "repeat" in step:
        unit, count = step["repeat"]
        return unit.encode() * count
    return step.get("text", "").encode()


def read(reported):
    """What was taken, as the table has it."""
    handle, action = reported
    particulars = {name: getattr(action.particulars, name) for name in PARTICULARS}
    found = {
        "handle": handle,
        "action": action.name,
        "action_id": action.given_id,
        "source": action.source,
        "ago_ns": NOW_NS - action.time_ns,
        "value": action.value,
    } | particulars
    if action.probe:
        found["probe"] = True
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case):
    taken = []

    def record(beacon):
        if case.get("accepts", True):
            taken.extend(beacon.reported)
        return case.get("accepts", True)

    def opted_out(header):
        return any(header(name) == "1" for name in case.get("opt_out_headers", []))

    options = dict(case.get("options", {}))
    for limits in ("rates", "action_rates"):
        if limits in options:
            options[limits] = Rates(**options[limits])
    endpoint = Endpoint(record, opted_out, lambda: NOW_NS, **options)
    before = GUARD.counts.snapshot()
    for step in case["steps"]:
        request = HttpRequest(
            step["method"],
            step["path"],
            step.get("query", ""),
            step["headers"],
            step.get("peer", "192.0.2.1"),
        )
        answer = endpoint.before_body(request) or endpoint.take(request, body_of(step))
        assert answer.status == step["status"], answer.body
        headers = dict(answer.headers)
        assert headers.items() >= step.get("has", {}).items()
        assert headers.keys().isdisjoint(step.get("lacks", []))
        if "error" in step:
            assert step["error"] in json.loads(answer.body)["error"]
        if "retry_after" in step:
            low, high = step["retry_after"]
            assert low <= int(headers["Retry-After"]) <= high
    assert [read(reported) for reported in taken] == case["recorded"]
    after = GUARD.counts.snapshot()
    counted = {
        name: count - before.get(name, 0)
        for name, count in after.items()
        if count != before.get(name, 0)
    }
    assert counted.items() >= case.get("counted", {}).items()
