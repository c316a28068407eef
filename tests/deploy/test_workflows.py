"""The workflows of the repository's host: valid, pinned, and with the least rights."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_is_valid_pinned_and_of_few_rights(file):
    # the schema comes with the package, nothing is fetched
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema",
               "vendor.github-workflows", str(file)]  # fmt: skip
    subprocess.run(command, check=True)
    text = file.read_text()
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    for action in uses:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert job["permissions"]
    # What an outsider can name must not stand in a command.
    for command in re.findall(r"run: (?:\|\n(?: {10}.*\n)+|.*)", text):
        assert "${{" not in command
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")


def test_scripts_of_ci_can_be_read_and_say_how_they_are_used():
    for script in ("run", "supply-chain"):
        subprocess.run(["bash", "-n", ROOT / ".ci" / script], check=True)
    wrong = subprocess.run([ROOT / ".ci/supply-chain", "sbom"], capture_output=True, check=False)
    assert wrong.returncode == 2
    assert b"sbom FILE" in wrong.stderr


def test_only_the_release_may_write():
    rights = {
        file.name: {
            right
            for job in yaml.safe_load(file.read_text())["jobs"].values()
            for right, level in job["permissions"].items()
            if level == "write"
        }
        for file in WORKFLOWS
    }
    assert rights == {"ci.yml": set(), "release.yml": {"id-token", "contents"}}
