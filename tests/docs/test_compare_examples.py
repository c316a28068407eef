"""The GitHub Action and the Argo Rollouts analysis of docs/compare.md do what the page says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

PROGRAM = "from otel_ai_feedback.cli import main; raise SystemExit(main())"
PAGE = (Path(__file__).parents[2] / "docs/compare.md").read_text()
ACTION, ANALYSIS = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))


def action_script():
    return ACTION["jobs"]["compare"]["steps"][-1]["run"]


def analysis_script():
    spec = ANALYSIS["spec"]
    (metric,) = spec["metrics"]
    (container,) = metric["provider"]["job"]["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["sh", "-c"]
    (script,) = container["args"]
    for number, argument in enumerate(spec["args"]):
        script = script.replace(f"{{{{args.{argument['name']}}}}}", f"v{number}")
    return script


def test_the_analysis_is_what_argo_rollouts_reads():
    assert (ANALYSIS["apiVersion"], ANALYSIS["kind"]) == (
        "argoproj.io/v1alpha1",
        "AnalysisTemplate",
    )
    (metric,) = ANALYSIS["spec"]["metrics"]
    # one failed measurement ends the rollout, and a job is not tried again by itself
    assert metric["failureLimit"] == 0
    assert metric["provider"]["job"]["spec"]["backoffLimit"] == 0
    assert "{{" not in analysis_script()


# GitHub's shell ends at the first command that fails, the container's does not
@pytest.mark.parametrize(
    ("script", "shell"), [(action_script, ["sh", "-e", "-c"]), (analysis_script, ["sh", "-c"])]
)
@pytest.mark.parametrize(("status", "fails"), [(0, False), (1, True), (3, False)])
def test_only_a_worse_version_is_held_back(script, shell, status, fails, tmp_path):
    stub = tmp_path / "otel-ai-feedback"
    stub.write_text(f'#!/bin/sh\necho "$@" > "{tmp_path}/asked"\nexit {status}\n')
    stub.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([*shell, script()], env=environment, check=False)
    assert (done.returncode != 0) is fails
    assert (tmp_path / "asked").read_text().startswith("compare --service chat --by ")


@pytest.mark.slow
@pytest.mark.parametrize("script", [action_script, analysis_script])
def test_the_command_is_one_that_the_package_knows(script, tmp_path):
    (command,) = re.findall(r"otel-ai-feedback ((?:[^;|]|\n)*)", script())
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *shlex.split(command)],
        env=os.environ | {"OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)},
        check=False,
    )
    # 2 is a mistake in the command; there is no answer yet of either version
    assert done.returncode == 3
