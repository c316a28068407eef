"""Requests of programs are known by their user agent; those of people are not taken for them.

The Node package is held to the same table.
"""

import json
from pathlib import Path

import pytest

from otel_ai_feedback.capture.automated import Automated, kind_of_user_agent

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
CASES = json.loads((Path(__file__).parents[1] / "vectors/automated.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[json.dumps(case["above"])[:60] for case in CASES])
def test_case(case):
    above = case["above"]
    assert Automated(case.get("exclude", ())).kind(above) == case["kind"]
    if "exclude" not in case and type(user_agent := above.get("user_agent.original")) is str:
        assert kind_of_user_agent(user_agent) == case["kind"]


def test_a_crawlers_request_is_marked(telemetry):
    googlebot = {"user_agent.original": "Googlebot/2.1"}
    with telemetry.tracer.start_as_current_span("GET /ask", attributes=googlebot):
        telemetry.chat()
    with telemetry.tracer.start_as_current_span(
        "GET /ask", attributes={"user_agent.original": CHROME}
    ):
        telemetry.chat()
    marks = [
        (output.get("ai_feedback.probe"), output.get("user_agent.synthetic.type"))
        for output in telemetry.outputs
    ]
    assert marks == [(True, "bot"), (None, None)]
