"""Vercel's AI SDK, in both forms of its telemetry.

It runs in Node, where our span processor does not: what is tested is that its spans are read when a
Python process sends them on.
"""

import shutil
from pathlib import Path

import pytest

from capture.fakes import ANSWER, url
from otel_ai_feedback.capture.sources import (
    find_answer,
    find_last_user_turn,
    find_response_id,
    recognise,
)
from otel_ai_feedback.capture.sources.source import Recorded

from . import programs, recorded
from .environments import NODE_REQUIREMENTS
from .models import QUESTION

PROGRAM = Path(__file__).with_name("vercel.mjs")
FORMS = ["now", "legacy"]


@pytest.fixture
def run_node(node, models, tmp_path):
    """``run_node(form, model=None)``: what the program sent; of all cases, or of one model."""

    def run_node(*arguments):
        # Node looks for packages beside the program.
        program = node / PROGRAM.name
        shutil.copy(PROGRAM, program)
        command = ("node", str(program), *arguments)
        return programs.execute(command, url(models), tmp_path, {"QUESTION": QUESTION})

    return run_node


def read(spans):
    """Of each model call: model, answer, question and response id."""
    for span in spans:
        found = Recorded(span["attributes"], span["events"], None, span["scope"])
        sources = recognise(found)
        if sources:
            yield (
                span["attributes"]["gen_ai.request.model"],
                find_answer(sources, found).text,
                find_last_user_turn(sources, found),
                find_response_id(sources, found),
            )


@pytest.mark.parametrize("form", FORMS)
def test_every_case(run_node, form):
    found = list(read(run_node(form).spans))
    assert found == [
        ("whole", ANSWER, QUESTION, "chatcmpl-1"),
        ("streamed", ANSWER, QUESTION, "chatcmpl-1"),
        ("agent", None, QUESTION, "chatcmpl-1"),
        ("agent", ANSWER, QUESTION, "chatcmpl-1"),
        ("thinks", ANSWER, QUESTION, "resp_thinks"),
        # Of a stream that was aborted it records nothing.
        ("aborted", None, QUESTION, None),
    ]


@pytest.mark.parametrize("form", FORMS)
def test_recorded(run_node, models, form):
    package = NODE_REQUIREMENTS[0].replace("@", "==")
    name = {"now": "vercel", "legacy": "vercel-legacy"}[form]
    recorded.keep(name, package, lambda: run_node(form, "gpt-4o"), models.server_port)
