"""What the page about triage says is so."""

import re
from pathlib import Path

import pytest

from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.cli import _parser
from otel_ai_feedback.triage import file, people

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "triage.md").read_text()
VARIABLES = ("SLACK_A", "SLACK_B", "SLACK_C", "MAIL_USER", "MAIL_PASSWORD")


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_every_file_on_the_page_is_one(text):
    triage = file.parse(text, RULES, environ=dict.fromkeys(VARIABLES, "AAAAAAAAA"))
    assert triage.people


def test_every_key_is_on_the_page():
    keys = file._TOP | file._ROTA | file._OVERRIDE | file._ROUTE | file._STEP | people._PERSON
    for key in keys | file._QUIET:
        assert re.search(rf"\b{key}\b", PAGE), key


def test_every_action_is_on_the_page_about_the_command_line():
    page = (DOCS / "cli.md").read_text()
    actions = ("init", "explain", "list", "ack", "start", "hand-over", "resolve", "accept",
               "report-issue", "settle")  # fmt: skip
    for action in actions:
        assert f"otel-ai-feedback triage {action}" in page, action
    with pytest.raises(SystemExit):
        _parser().parse_args(["triage", "nothing"])
