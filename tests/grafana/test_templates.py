"""What rules and notifications say, rendered as Grafana and Alertmanager render it."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

pytest.importorskip("grafana_foundation_sdk", reason="needs Python 3.11")

from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.grafana.options import Options
from otel_ai_feedback.grafana.provisioning import files
from otel_ai_feedback.triage import file
from otel_ai_feedback.triage.provisioning import provisioning

pytestmark = pytest.mark.collector

SOURCES = Path(__file__).with_name("templates")
LABELS = {
    "alertname": "x", "service": "chat", "environment": "production", "feature": "support/eu",
    "series": "copied", "direction": "fell", "segment_kind": "all", "segment": "", "part": "jobs",
    "stage": "receiver", "mode": "wrong price", "class": "used", "kind": "human", "model": "small",
    "release": "1.4", "severity": "critical", "owner": "quality", "reviewer": "ana",
    "judge": "relevance",
}  # fmt: skip


@pytest.fixture(scope="module")
def render(tmp_path_factory):
    """Runs the program; takes what it reads."""
    if shutil.which("go") is None and not os.environ.get("CI"):
        pytest.skip("rendering Go's templates needs Go (https://go.dev/dl)")
    place = tmp_path_factory.mktemp("templates") / "program"
    shutil.copytree(SOURCES, place)
    build = subprocess.run(
        ["go", "build", "-trimpath", "-o", "program", "."],
        cwd=place, env=os.environ | {"CGO_ENABLED": "0"}, capture_output=True, text=True,
    )  # fmt: skip
    assert build.returncode == 0, build.stderr

    def run(**given):
        done = subprocess.run(
            [place / "program"], input=json.dumps(given), capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def written():
    """The rules as they are provisioned, by name."""
    document = yaml.safe_load(files(Options())["alerting/ai_feedback_rules.yaml"])
    return {rule["title"]: rule for group in document["groups"] for rule in group["rules"]}


def test_annotations_are_sentences_with_numbers(render, written):
    asked, names = [], []
    for rule in RULES:
        values = dict.fromkeys(rule.quantities, 0.25)
        for name, text in written[rule.name]["annotations"].items():
            asked.append({"Text": text, "Labels": LABELS, "Values": values})
            names.append((rule.name, name))
    made = render(Annotations=asked, Definitions="", Templates=[], Notifications=[])["annotations"]
    for where, text in zip(names, made, strict=True):
        assert "error" not in text[:6], (where, text)
        assert not re.search(r"<no value>|map\[|\{\{|\{0", text), (where, text)
    summaries = {
        rule: text for (rule, name), text in zip(names, made, strict=True) if name == "summary"
    }
    for rule in RULES:
        if any(f"{{{name}}}" in rule.summary for name in rule.quantities):
            assert "0.25" in summaries[rule.name], summaries[rule.name]


def test_a_notification_names_the_rule_and_the_cause(render):
    triage = file.parse("owner: Ana <ana@example.org>\nnotify: json://127.0.0.1:1/x\n", RULES)
    made = provisioning(triage, "http://serve")
    definitions = made["ai_feedback_templates.yaml"]["templates"][0]["template"]
    began = "2026-11-30T09:30:00Z"
    firing = {
        "Status": "firing", "StartsAt": began,
        "Labels": {"alertname": "quality-fell", "severity": "critical", "service": "chat"},
        "Annotations": {"summary": "Quality of chat fell", "runbook_url": "http://serve/r"},
    }  # fmt: skip
    broken = {
        "Status": "firing", "StartsAt": began,
        "Labels": {"alertname": "DatasourceError", "rulename": "quality-fell"},
        "Annotations": {"Error": "dial tcp: connection refused"},
    }  # fmt: skip
    title, message, broken_title, broken_message = render(
        Annotations=[],
        Definitions=definitions,
        Templates=["ai_feedback.title", "ai_feedback.message"],
        Notifications=[[firing], [broken]],
    )["notifications"]
    assert title == "[critical] quality-fell on chat"
    assert message.startswith("firing: Quality of chat fell\nsince 2026-11-30 09:30 UTC\n")
    assert broken_title == "[warning] quality-fell: DatasourceError"
    assert "rule quality-fell was not evaluated" in broken_message
    assert "Cause: dial tcp: connection refused" in broken_message
