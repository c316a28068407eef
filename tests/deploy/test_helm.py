"""The Helm chart, linted and rendered by Helm itself, built from its Go modules.

No cluster is at hand here; that a pod starts is not tested.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from otel_ai_feedback.config import PREFIX, Settings
from otel_ai_feedback.triage import file as triage_file

from . import build_helm

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/ai-feedback"
OUR_SETTINGS = {PREFIX + name.upper() for name in Settings.__dataclass_fields__}
TRIAGE = "owner: Ana <ana@example.org>\nnotify: json://alerts.example.org\n"
EVERYTHING = {
    "image": {"tag": "1.2.3", "pullSecrets": ["registry"]},
    "settings": {"timezone": "Europe/Berlin", "segments": "none", "trusted_proxies": 1},
    "secretSettings": {"triage_secret": {"name": "ai-feedback", "key": "triage"}},
    "triage": TRIAGE,
    "peopleSecretName": "people",
    "storage": {"size": "5Gi", "className": "fast"},
    "resources": {"limits": {"memory": "512Mi"}},
    "networkPolicy": {"enabled": False},
    "podAnnotations": {"a": "b"},
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
}


def test_values_are_those_of_the_schema():
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(values) == set(schema["properties"]) - {"global"}
    assert {PREFIX + name.upper() for name in values["settings"]} <= OUR_SETTINGS


@pytest.fixture(scope="module")
def helm():
    """Run Helm, built the first time; its standard output, or its complaint."""
    if shutil.which("go") is None and not os.environ.get("CI"):
        pytest.skip("building Helm needs Go (https://go.dev/dl)")
    program = build_helm.build()

    def run(*arguments, values=None, ok=True):
        done = subprocess.run(
            [program, *arguments, "--kube-version", "1.30.0", "--values", "-"],
            input=yaml.safe_dump(values or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done.stdout if ok else done.stderr

    return run


@pytest.fixture(scope="module")
def rendered(helm):
    def rendered(values=None):
        text = helm("template", "loop", str(CHART), "--namespace", "ai", values=values)
        return {d["kind"]: d for d in yaml.safe_load_all(text) if d}

    return rendered


@pytest.mark.collector
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("values", [{}, EVERYTHING])
def test_it_passes_lint_and_the_schemas_of_kubernetes(helm, rendered, values):
    assert "0 chart(s) failed" in helm("lint", "--strict", str(CHART), values=values)
    for document in rendered(values).values():
        kubernetes_validate.validate(document, "1.30", strict=True)


@pytest.mark.collector
def test_the_pod_is_that_of_the_manifests(rendered):
    """Kustomize and Helm start the same pod."""
    told = yaml.safe_load_all((ROOT / "deploy/kubernetes/embedded/serve.yaml").read_text())
    (by_hand,) = (d for d in told if d["kind"] == "StatefulSet")
    pods = [d["spec"]["template"]["spec"] for d in (by_hand, rendered()["StatefulSet"])]
    for pod in pods:
        (container,) = pod["containers"]
        for own in ("image", "imagePullPolicy", "resources", "env"):
            container.pop(own, None)
    assert pods[0] == pods[1]


@pytest.mark.collector
def test_all_values_have_their_place(rendered):
    found = rendered(EVERYTHING)
    assert set(found) == {"StatefulSet", "Service", "ConfigMap"}
    triage = yaml.safe_load(found["ConfigMap"]["data"]["triage.yaml"])
    assert triage == yaml.safe_load(TRIAGE)
    assert triage_file.parse(found["ConfigMap"]["data"]["triage.yaml"], []) is not None
    (container,) = found["StatefulSet"]["spec"]["template"]["spec"]["containers"]
    environment = {entry["name"]: entry for entry in container["env"]}
    assert environment.keys() <= OUR_SETTINGS
    assert environment["OTEL_AI_FEEDBACK_TRUSTED_PROXIES"]["value"] == "1"
    assert environment["OTEL_AI_FEEDBACK_PEOPLE"]["value"].startswith(
        container["volumeMounts"][-1]["mountPath"]
    )
    assert container["image"].endswith(":1.2.3")


@pytest.mark.collector
@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"setings": {}}, "setings"),
        ({"settings": {"TIMEZONE": "UTC"}}, "TIMEZONE"),
        ({"storage": {"size": "20"}}, "size"),
        ({"secretName": ""}, "secretName"),
        ({"service": {"port": 0}}, "port"),
    ],
)
def test_wrong_values_are_refused_by_name(helm, wrong, named):
    assert named in helm("template", "loop", str(CHART), values=wrong, ok=False)
