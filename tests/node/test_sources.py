"""Real packages of a service in JavaScript, through the package and serve, to the outputs.

Every source is asked for one answer at once and for one as a stream. The model's answer must have
the hash, and the user's question the hash and sketch, that the Python package makes of them.
"""

import json
import os
import shutil
import subprocess
import time

import pytest

from asking import asked
from capture.fakes import ANSWER, serving, url
from capture.telemetry import KEY
from instrumentations.models import QUESTION, Models
from instrumentations.programs import HASH, QUESTION_HASH
from otel_ai_feedback import serve
from otel_ai_feedback.capture.text.hashing import derive_key
from otel_ai_feedback.capture.text.sketch import sketch

from .conftest import HERE

SOURCES = (
    "ai-sdk", "ai-sdk-content-off", "ai-sdk-legacy", "ai-sdk-legacy-content-off", "ai-sdk-5",
    "openai", "openllmetry-openai", "openinference-openai", "openinference-langchain",
    "openllmetry-langchain", "genkit",
)  # fmt: skip
SKETCH = sketch(QUESTION, derive_key(KEY.encode(), b"sketch"))


@pytest.fixture(scope="module")
def receiver(engine, wiped, settings):
    wiped(engine)
    with serve.running(settings, port=0, jobs_every=None) as running:
        yield running.url


@pytest.fixture(scope="module")
def run(application, receiver):
    """``run(source)``: what the program counted."""
    shutil.copy(HERE / "sources.mjs", application)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}

    def run(source):
        with serving(Models) as models:
            done = subprocess.run(
                ("node", "sources.mjs", source),
                env=kept | {
                    "OPENAI_BASE_URL": f"{url(models)}/v1", "OPENAI_API_KEY": "none",
                    "QUESTION": QUESTION, "OTEL_SERVICE_NAME": source,
                    "OTEL_EXPORTER_OTLP_ENDPOINT": receiver, "OTEL_AI_FEEDBACK_KEY": KEY,
                },
                capture_output=True, text=True, timeout=200, cwd=application, check=False,
            )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def found(engine, statement, service, count):
    """So many rows of a service, as soon as they are there."""
    end = time.monotonic() + 60
    while True:
        rows = asked(engine, statement, service=service).result_rows
        if len(rows) >= count:
            return rows
        assert time.monotonic() < end, f"{rows} where {count} rows were expected"
        time.sleep(0.1)


@pytest.mark.parametrize("source", SOURCES)
def test_its_answers_are_outputs(engine, run, source):
    counted = run(source)
    assert counted == {"tagged": 2, "actions": 1}
    model = "openai/gpt-4o" if source == "genkit" else "gpt-4o"
    rows = found(
        engine,
        """
        select conversation_id, model, output_hash, output_length, input_hash, input_sketch
        from outputs where service = {service:String} and input_sketch != ''
        order by conversation_id
        """,
        source,
        2,
    )
    length = len(" ".join(ANSWER.split()))
    assert rows == [
        (f"{source} {number}", model, HASH, length, QUESTION_HASH, SKETCH) for number in (1, 2)
    ]
    actions = found(
        engine,
        """
        select action, value, link_method, output_id = (
            select output_id from outputs
            where service = {service:String} and conversation_id like '% 2'
        ) from actions where service = {service:String}
        """,
        source,
        1,
    )
    assert actions == [("copy", 0.5, "handle", True)]
