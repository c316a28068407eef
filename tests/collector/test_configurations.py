"""Every configuration is one that the Collector takes, and keeps what its page promises."""

import os
import re
import subprocess

import pytest
import yaml

from .processes import CONFIGURATIONS, ROOT

PLACES = ("single-host", "agent", "gateway")
READ = re.compile(r"\$\{env:(\w+)(:-[^}]*)?\}")


def _load(name):
    return yaml.safe_load((CONFIGURATIONS / f"{name}.yaml").read_text())


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Values for all that has no default."""
    directory = tmp_path_factory.mktemp("configuration")
    command = [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=localhost", "-days", "2",
        "-keyout", directory / "key.pem", "-out", directory / "cert.pem",
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return {
        "OTEL_AI_FEEDBACK_CLICKHOUSE_PASSWORD": "p",
        "OTEL_AI_FEEDBACK_GATEWAY": "gateway:4317",
        "OTEL_AI_FEEDBACK_GATEWAY_TOKEN": "t",
        "OTEL_AI_FEEDBACK_GATEWAY_CERT": str(directory / "cert.pem"),
        "OTEL_AI_FEEDBACK_GATEWAY_KEY": str(directory / "key.pem"),
        "OTEL_AI_FEEDBACK_QUEUE_DIR": str(directory),
    }


def _validate(binary, place, environment):
    return subprocess.run(
        [
            binary, "validate",
            "--config", CONFIGURATIONS / "feedback.yaml",
            "--config", CONFIGURATIONS / f"{place}.yaml",
        ],
        env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.collector
@pytest.mark.parametrize("place", PLACES)
def test_the_collector_takes_it(binary, environment, place):
    done = _validate(binary, place, environment)
    assert done.returncode == 0, done.stderr
    # A variable without a default that is not set is a line in the log; here all are.
    assert "unset" not in done.stderr


@pytest.mark.collector
def test_a_gateway_without_a_certificate_does_not_start(binary, environment):
    without = {key: value for key, value in environment.items() if "_CERT" not in key}
    done = _validate(binary, "gateway", without)
    assert done.returncode != 0
    assert "TLS" in done.stderr


def test_every_configuration_is_tested():
    files = {path.stem for path in CONFIGURATIONS.glob("*.yaml")}
    assert files == {"builder", "feedback", *PLACES}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_lost_in_an_outage_but_for_a_full_queue(place):
    (exporter,) = _load(place)["exporters"].values()
    assert exporter["retry_on_failure"]["max_elapsed_time"] == 0
    assert exporter["sending_queue"]["storage"] == "file_storage/queue"
    assert "batch" in exporter["sending_queue"]


@pytest.mark.parametrize("place", PLACES)
def test_the_parts_that_are_used_are_in_the_manifest(place):
    made = (CONFIGURATIONS / "builder.yaml").read_text()
    merged = [_load("feedback"), _load(place)]
    for kind, last in (
        ("extensions", "extension"), ("receivers", "receiver"),
        ("processors", "processor"), ("exporters", "exporter"),
    ):  # fmt: skip
        for configuration in merged:
            for name in configuration.get(kind, {}):
                module = name.partition("/")[0].replace("_", "")
                assert re.search(rf"/{module}({last})? v", made), name


@pytest.mark.parametrize("place", PLACES)
def test_texts_leave_last_and_memory_is_limited_first(place):
    for pipeline in _load(place)["service"]["pipelines"].values():
        assert pipeline["processors"][0] == "memory_limiter"
        assert pipeline["processors"][-1] == "transform/text"


def test_every_variable_has_its_line_in_the_page():
    page = (ROOT / "docs/collector.md").read_text()
    for path in CONFIGURATIONS.glob("*.yaml"):
        for name, _ in READ.findall(path.read_text()):
            assert f"`{name}`" in page, f"{name}, which {path.name} reads"


@pytest.mark.parametrize("text", ["gen_ai.output.messages", "input.value", "ai.response.text"])
def test_no_attribute_that_holds_text_is_named_among_those_that_stay(text):
    statements = (CONFIGURATIONS / "feedback.yaml").read_text()
    patterns = re.findall(r'keep_matching_keys\([a-z.]+, "(.+)"\)$', statements, re.MULTILINE)
    assert len(patterns) == 3
    for pattern in patterns:
        assert not re.search(pattern.replace("\\\\", "\\"), text)
