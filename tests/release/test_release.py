"""What a release consists of."""

import io
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from otel_ai_feedback._version import __version__

ROOT = Path(__file__).parents[2]
# Other people's packages and nothing of ours: their own tests are in tests/instrumentations.
INSTRUMENTATIONS = {"anthropic", "langchain", "openai"}


def build(folder):
    subprocess.run(
        [sys.executable, ROOT / "release/archive.py", "--output", folder], check=True, timeout=60
    )
    (file,) = folder.glob("*.tar.gz")
    return file.read_bytes()


def test_the_archive_has_what_grafana_and_collectors_need_and_is_the_same_every_time(tmp_path):
    first = build(tmp_path / "a")
    assert first == build(tmp_path / "b")
    with tarfile.open(fileobj=io.BytesIO(first)) as opened:
        names = opened.getnames()
        folder = f"otel-ai-feedback-{__version__}-provisioning"
        rules = opened.extractfile(f"{folder}/grafana/alerting/ai_feedback_rules.yaml").read()
    assert rules == (ROOT / "grafana/alerting/ai_feedback_rules.yaml").read_bytes()
    for needed in (
        "grafana/dashboards/overview.json", "grafana/datasources/ai_feedback.yaml",
        "docker-compose.yml", "deploy/secrets.sh", "LICENSE",
    ):  # fmt: skip
        assert f"{folder}/{needed}" in names
    assert not [name for name in names if "/secrets/" in name or "__pycache__" in name]


def test_the_version_is_in_one_place():
    """Elsewhere it is read from there, or built."""
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", __version__)
    listed = subprocess.run(
        ["git", "grep", "-lF", f'version = "{__version__}"', "--", "*.py", "*.toml"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    assert listed in ([], ["src/otel_ai_feedback/_version.py"])
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text()


def test_every_extra_is_tried():
    sys.path.insert(0, str(ROOT / "release"))
    try:
        import check
    finally:
        sys.path.pop(0)
    extras = (ROOT / "pyproject.toml").read_text().partition("[project.optional-dependencies]")[2]
    named = set(re.findall(r"^([a-z]+) = \[", extras.partition("\n[")[0], re.MULTILINE))
    assert named - {"instruments", "test", "docs"} - INSTRUMENTATIONS == set(check.EXTRAS) - {""}
    for extra in check.EXTRAS:
        assert (ROOT / f"release/exercises/{extra or 'core'}.py").is_file()


@pytest.mark.packages
def test_the_wheel_is_whole_typed_and_works_when_it_is_installed():
    """On this Python, without an extra and with the one that has most files."""
    done = subprocess.run(
        [
            sys.executable, ROOT / "release/check.py", "--extra", "", "--extra", "serve",
            "--python", f"{sys.version_info.major}.{sys.version_info.minor}",
        ],
        capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["wrong"] == 0
    assert [set(extras) for extras in document["seconds"].values()] == [{"core", "serve"}]
