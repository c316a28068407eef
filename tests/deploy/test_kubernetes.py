"""The manifests: what Kubernetes' own schemas allow, and names that fit together and fit the code.

No cluster is at hand here; that a pod starts is not tested.
"""

import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from otel_ai_feedback.cli import _parser
from otel_ai_feedback.config import PREFIX, Settings, load

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/kubernetes"
LAYOUTS = ("embedded", "clickhouse")
OUR_SETTINGS = {PREFIX + name.upper() for name in Settings.__dataclass_fields__}


def documents(layout):
    """What ``kubectl apply --kustomize`` would apply, as it stands in the files."""
    told = yaml.safe_load((FOLDER / layout / "kustomization.yaml").read_text())
    return [
        document
        for file in told["resources"]
        for document in yaml.safe_load_all((FOLDER / layout / file).read_text())
    ]


def workloads(layout):
    kinds = ("StatefulSet", "Deployment", "Job")
    return [document for document in documents(layout) if document["kind"] in kinds]


def containers(layout):
    for workload in workloads(layout):
        pod = workload["spec"]["template"]["spec"]
        for container in pod["containers"]:
            yield workload, pod, container


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_is_what_the_schemas_of_kubernetes_allow(layout):
    for document in documents(layout):
        kubernetes_validate.validate(document, "1.30", strict=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_file_is_applied(layout):
    told = yaml.safe_load((FOLDER / layout / "kustomization.yaml").read_text())
    there = {file.name for file in (FOLDER / layout).iterdir()}
    assert there == {"kustomization.yaml", *told["resources"]}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_selectors_find_their_pods_and_ports(layout):
    pods = {w["metadata"]["name"]: w["spec"]["template"] for w in workloads(layout)}
    for document in documents(layout):
        spec = document["spec"]
        if document["kind"] == "Job":
            continue
        selector = spec.get("podSelector", spec.get("selector", {}))
        selector = selector.get("matchLabels", selector)
        (pod,) = (p for p in pods.values() if selector.items() <= p["metadata"]["labels"].items())
        named = {p["name"]: p["containerPort"] for p in pod["spec"]["containers"][0]["ports"]}
        if document["kind"] == "Service":
            for port in spec["ports"]:
                assert named[port["targetPort"]] == port["port"]
        if document["kind"] == "NetworkPolicy":
            for rule in spec["ingress"]:
                assert {port["port"] for port in rule["ports"]} <= set(named)
        if document["kind"] == "StatefulSet":
            assert spec["serviceName"] in {
                d["metadata"]["name"] for d in documents(layout) if d["kind"] == "Service"
            }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_containers_may_do_no_more_than_they_must(layout):
    for workload, pod, container in containers(layout):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        may = container["securityContext"]
        assert may["allowPrivilegeEscalation"] is False
        assert may["readOnlyRootFilesystem"] is True
        assert may["capabilities"] == {"drop": ["ALL"]}
        assert {"memory"} <= set(container["resources"]["limits"])
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert "latest" not in container["image"]
        runs_on = workload["kind"] != "Job"
        for probe in ("readinessProbe", "livenessProbe") if runs_on else ():
            port = container[probe]["httpGet"]["port"]
            assert port in {named["name"] for named in container["ports"]}
        volumes = {volume["name"] for volume in pod["volumes"]}
        claims = {
            claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", ())
        }
        assert mounted == volumes | claims


def test_the_server_listens_where_its_port_is_and_its_settings_are_ours():
    for layout in LAYOUTS:
        for _, _, container in containers(layout):
            if container["name"] == "collector":
                continue
            assert container["image"] == "otel-ai-feedback-server"
            assert {e["name"] for e in container["env"]} <= OUR_SETTINGS
            assert _parser().parse_args(container["args"]).command == container["args"][0]
            if container["name"] == "migrate":
                continue
            command, option, address = container["args"]
            assert (command, option) == ("serve", "--listen")
            plain = {e["name"]: e["value"] for e in container["env"] if "value" in e}
            load({"listen": address}, environ=plain, directory=FOLDER)
            assert int(address.rpartition(":")[2]) == container["ports"][0]["containerPort"]
            state = plain[f"{PREFIX}STATE_DIR"]
            assert state in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_users_are_those_of_the_images():
    server = (ROOT / "deploy/server/Dockerfile").read_text()
    collector = (ROOT / "deploy/collector/Dockerfile").read_text()
    for layout in LAYOUTS:
        for _, pod, container in containers(layout):
            user = pod["securityContext"]["runAsUser"]
            made = collector if container["name"] == "collector" else server
            assert re.search(rf"\b{user}\b", made)


def test_the_collector_gets_what_its_configuration_asks_for():
    (container,) = (c for _, _, c in containers("clickhouse") if c["name"] == "collector")
    given = {e["name"]: e.get("value") for e in container["env"]}
    known = set()
    for argument in container["args"]:
        name = Path(argument.removeprefix("--config=")).name
        text = (ROOT / "collector-config" / name).read_text()
        yaml.safe_load(text)
        assert set(re.findall(r"\$\{env:(\w+)\}", text)) <= set(given)
        known |= set(re.findall(r"\$\{env:(\w+)", text))
    assert set(given) <= known, "a variable that no configuration reads"
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert given[f"{PREFIX}OTLP_GRPC"].endswith(f":{ports['otlp-grpc']}")
    assert given[f"{PREFIX}OTLP_HTTP"].endswith(f":{ports['otlp-http']}")
    assert given[f"{PREFIX}HEALTH"].endswith(f":{ports['health']}")
    manifest = (ROOT / "collector-config/builder.yaml").read_text()
    release = re.search(r"version: ([\d.]+)", manifest)[1]
    assert container["image"] == f"otel/opentelemetry-collector-contrib:{release}"
    (mount,) = (m for m in container["volumeMounts"] if m["name"] == "queue")
    assert f":-{mount['mountPath']}}}" in (ROOT / "collector-config/feedback.yaml").read_text()


def test_secrets_and_maps_are_those_that_the_head_of_the_file_makes():
    for layout in LAYOUTS:
        given = set()
        head = (FOLDER / layout / "kustomization.yaml").read_text()
        for _, pod, container in containers(layout):
            for variable in container["env"]:
                if secret := variable.get("valueFrom", {}).get("secretKeyRef"):
                    assert f"secret generic {secret['name']} " in head
                    assert f"--from-literal={secret['key']}=" in head
            for volume in pod["volumes"]:
                if "secret" in volume:
                    for item in volume["secret"]["items"]:
                        assert f"--from-literal={item['key']}=" in head
                        given.add(f"/run/secrets/{volume['secret']['secretName']}/{item['path']}")
                if "configMap" in volume:
                    assert f"create configmap {volume['configMap']['name']} " in head
        users = [a for _, _, c in containers(layout) for a in c["args"] if a.startswith("--user=")]
        assert {user.partition(":")[2] for user in users} == given
        for file in re.findall(r"--from-file=(\S+)", head):
            assert (ROOT / file).is_file()


def test_the_operator_configures_the_service_that_exists():
    told = yaml.safe_load((FOLDER / "instrumentation.yaml").read_text())
    assert (told["apiVersion"], told["kind"]) == ("opentelemetry.io/v1alpha1", "Instrumentation")
    host, port = told["spec"]["exporter"]["endpoint"].removeprefix("http://").split(":")
    name, namespace = host.split(".")
    layout = yaml.safe_load((FOLDER / "embedded/kustomization.yaml").read_text())
    assert layout["namespace"] == namespace
    (service,) = (
        d for d in documents("embedded") if d["kind"] == "Service" and d["metadata"]["name"] == name
    )
    assert int(port) in {p["port"] for p in service["spec"]["ports"]}
    python = told["spec"]["python"]
    ours = {e["name"] for e in python["env"] if e["name"].startswith(PREFIX)}
    assert ours <= OUR_SETTINGS
    # what keeps re-asks and deliveries apart travels in logs
    assert {"name": "OTEL_LOGS_EXPORTER", "value": "otlp"} in python["env"]
    dockerfile = (FOLDER / "autoinstrumentation/Dockerfile").read_text()
    assert python["image"] in dockerfile


def test_the_image_copies_what_is_there_and_has_what_capture_needs():
    dockerfile = (FOLDER / "autoinstrumentation/Dockerfile").read_text()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
    text = (FOLDER / "autoinstrumentation/requirements.txt").read_text()
    pins = dict(line.split("==") for line in text.splitlines() if line and line[0] != "#")
    assert {
        "opentelemetry-distro", "opentelemetry-instrumentation",
        "opentelemetry-exporter-otlp-proto-http",
    } <= set(pins)  # fmt: skip
    # nothing that is compiled for one Python only
    assert not [name for name in pins if "grpc" in name]
    # the contract of the operator: a folder, and a cp to copy it with
    assert "FROM busybox:" in dockerfile
    assert "COPY --from=build /autoinstrumentation /autoinstrumentation" in dockerfile
