"""The image for the OpenTelemetry Operator, as far as it goes without a container engine.

The commands of the Dockerfile are carried out here; the folder is copied and put on the path as the
operator does, under a Python that has nothing of it, and a program that knows nothing of telemetry.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import yaml

from capture.fakes import ANSWER, OpenAI, collecting, plain, serving, url
from otel_ai_feedback.capture.text.hashing import hash_text

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/kubernetes"
KEY = "k" * 32
PROGRAM = """
import openai
ask = openai.OpenAI(max_retries=0).chat.completions.create
ask(model="m", messages=[{"role": "user", "content": "What is the capital of France?"}])
"""
pytestmark = [pytest.mark.packages, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """A service's own Python, with nothing but the client of its model."""
    directory = tmp_path_factory.mktemp("service")
    venv.create(directory, with_pip=True)
    subprocess.run([directory / "bin/pip", "install", "--quiet", "openai"], check=True)
    return directory / "bin/python"


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """What the operator's init container leaves in the pod."""
    made, volume = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("volume")
    dockerfile = (FOLDER / "autoinstrumentation/Dockerfile").read_text()
    commands = re.findall(r"^RUN (pip install .+)$", dockerfile, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        words = command.replace("/autoinstrumentation", str(made)).split()[1:]
        place = ROOT if words[-1] == "." else FOLDER / "autoinstrumentation"
        subprocess.run([sys.executable, "-m", "pip", "--quiet", *words], cwd=place, check=True)
    return shutil.copytree(made, volume / "otel-auto-instrumentation-python")


def test_a_service_that_knows_nothing_of_it_is_captured(python, copied, tmp_path):
    told = yaml.safe_load((FOLDER / "instrumentation.yaml").read_text())["spec"]["python"]
    plainly = {e["name"]: e["value"] for e in told["env"] if "value" in e}
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    path = f"{copied}/opentelemetry/instrumentation/auto_instrumentation:{copied}"
    with serving(OpenAI) as model, collecting() as collector:
        subprocess.run(
            [python, "-c", PROGRAM],
            cwd=tmp_path, check=True, timeout=300,
            env=ours | plainly | {
                "PYTHONPATH": path,
                "OTEL_EXPORTER_OTLP_ENDPOINT": url(collector),
                "OTEL_SERVICE_NAME": "shop",
                "OTEL_AI_FEEDBACK_KEY": KEY,
                "OPENAI_API_KEY": "none",
                "OPENAI_BASE_URL": url(model, "/v1"),
            },
        )  # fmt: skip
        spans = [plain(span.attributes) for span in collector.spans]
    (tagged,) = (span for span in spans if "ai_feedback.output.time" in span)
    assert tagged["ai_feedback.output.hash"] == hash_text(ANSWER, KEY.encode())
    assert "ai_feedback.input.hash" in tagged
