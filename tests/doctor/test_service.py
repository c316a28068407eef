"""What is wrong in the environment of the service is found there, and the fix is named."""

import dataclasses
import json
import subprocess

import pytest

from .conftest import nobody

OPENINFERENCE = "openinference-instrumentation-openai"


def failed(findings):
    return {name for name, finding in findings.items() if finding.state == "failure"}


@pytest.mark.slow
def test_all_is_well_in_an_environment_that_has_everything(ask):
    assert failed(ask("settings", "key", "instrumentation", "content", "output")) == set()


def test_a_setting_that_is_misspelt(ask, monkeypatch):
    monkeypatch.setenv("OTEL_AI_FEEDBACK_STOER", "chdb:///x")
    found = ask("settings")["settings.valid"]
    assert found.state == "warning"
    assert found.fix == "rename OTEL_AI_FEEDBACK_STOER to OTEL_AI_FEEDBACK_STORE"


@pytest.mark.parametrize(
    ("name", "value", "check", "fix"),
    [
        ("OTEL_SDK_DISABLED", "true", "settings.switched_on", "unset OTEL_SDK_DISABLED"),
        (
            "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "redis, ai_feedback", "settings.switched_on",
            "remove ai_feedback (and *) from OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
        ),
        ("OTEL_TRACES_SAMPLER", "always_off", "settings.sampler", "unset OTEL_TRACES_SAMPLER"),
        (
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "40", "settings.limits",
            "unset OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        ),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "8", "settings.limits", "set it to 16 or more"),
    ],
)  # fmt: skip
def test_what_overrules_the_settings(ask, monkeypatch, name, value, check, fix):
    monkeypatch.setenv(name, value)
    found = ask("settings")[check]
    assert found.state == "failure"
    assert fix in found.fix


def test_a_sampler_that_keeps_nothing(ask, monkeypatch):
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0")
    assert ask("settings")["settings.sampler"].state == "failure"
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.1")
    assert "10.0%" in ask("settings")["settings.sampler"].seen


def test_a_limit_that_cuts_the_answer_leaves_it_without_a_hash(ask, monkeypatch):
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "60")
    found = ask("settings", "output", send_probe=False)
    assert found["settings.limits"].state == "warning"
    assert found["output.hash"].state == "failure"
    assert "settings.limits" in found["output.hash"].fix
    assert found["output.link"].state == "not applicable"


def test_a_key_that_cannot_be_read(ask, settings, tmp_path):
    (tmp_path / "key").mkdir()
    found = ask("key", only=dataclasses.replace(settings, state_dir=tmp_path))["key.shared"]
    assert found.state == "failure"
    assert "chmod 600" in found.fix
    assert "OTEL_AI_FEEDBACK_KEY" in found.fix


def test_a_key_that_is_too_short_or_too_open(ask, settings, tmp_path):
    own = dataclasses.replace(settings, state_dir=tmp_path)
    (tmp_path / "key").write_text("short")
    assert f"delete {tmp_path / 'key'}" in ask("key", only=own)["key.shared"].fix
    (tmp_path / "key").write_text("k" * 64)
    (tmp_path / "key").chmod(0o644)
    found = ask("key", only=own)["key.shared"]
    assert (found.state, found.fix) == ("warning", f"run `chmod 600 {tmp_path / 'key'}`")


def test_no_key_and_nowhere_to_make_one(ask, settings, seen_by_all):
    locked = seen_by_all / "locked"
    locked.mkdir(mode=0o555)
    own = dataclasses.replace(settings, state_dir=locked / "state")
    with nobody():
        found = ask("key", only=own)["key.shared"]
    assert found.state == "failure"
    assert "OTEL_AI_FEEDBACK_STATE_DIR" in found.fix


def test_the_doctor_makes_no_key(ask, settings, tmp_path):
    own = dataclasses.replace(settings, state_dir=tmp_path)
    assert ask("key", only=own)["key.shared"].state == "ok"
    assert not (tmp_path / "key").exists()


def test_a_client_without_an_instrumentation(ask, environment):
    found = ask("instrumentation", path=environment("openai 3.0"))
    assert found["instrumentation.seen"].state == "failure"
    assert "pip install opentelemetry-instrumentation-genai-openai" in (
        found["instrumentation.seen"].fix
    )
    assert "pip install otel-ai-feedback" in found["instrumentation.entry_point"].fix
    assert "otel_ai_feedback.instrument()" in found["instrumentation.loader"].fix


@pytest.mark.slow
def test_a_real_call_is_tried(ask):
    found = ask("instrumentation")["instrumentation.openai_call"]
    assert found.state == "ok"
    assert "made a tagged span" in found.seen


@pytest.mark.parametrize(
    ("spans", "error", "seen"),
    [(0, "", "made no span"), (2, "KeyError: 'x'", "2 spans, none of which is that of an answer")],
)
def test_an_instrumentation_that_is_installed_and_does_nothing(
    ask, monkeypatch, spans, error, seen
):
    said = json.dumps({"spans": spans, "tagged": 0, "error": error})
    monkeypatch.setattr(
        "otel_ai_feedback.doctor.instrumentations.subprocess.run",
        lambda command, **_: subprocess.CompletedProcess(command, 0, said, ""),
    )
    found = ask("instrumentation")["instrumentation.openai_call"]
    assert found.state == "failure"
    assert seen in found.seen
    assert error in found.seen
    assert "pip install --upgrade opentelemetry-instrumentation-genai-openai" in found.fix


def test_an_environment_that_is_not_the_service_s(ask, environment):
    found = ask("instrumentation", path=environment("requests 2"))["instrumentation.seen"]
    assert found.state == "not applicable"
    assert "environment of your service" in found.fix


@pytest.mark.parametrize(
    ("packages", "variables", "fix"),
    [
        (
            [OPENINFERENCE], {"OPENINFERENCE_HIDE_OUTPUTS": "true"},
            "unset OPENINFERENCE_HIDE_OUTPUTS",
        ),
        (["opentelemetry-haystack"], {}, "set HAYSTACK_CONTENT_TRACING_ENABLED=true"),
        (
            ["opentelemetry-instrumentation-openai-v2", "opentelemetry-util-genai 0.4b0"], {},
            "set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true",
        ),
        (
            ["opentelemetry-instrumentation-anthropic"], {"TRACELOOP_TRACE_CONTENT": "false"},
            "unset TRACELOOP_TRACE_CONTENT",
        ),
        (["langsmith"], {"LANGSMITH_HIDE_OUTPUTS": "true"}, "unset LANGSMITH_HIDE_OUTPUTS"),
        (
            ["google-adk 2.13.0"], {},
            "set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=SPAN_ONLY",
        ),
    ],
)  # fmt: skip
def test_content_that_is_off(ask, environment, monkeypatch, packages, variables, fix):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = ask("content", path=environment(*packages))["content.seen"]
    assert found.state == "failure"
    assert fix in found.fix


def test_content_that_may_stay_off(ask, environment):
    found = ask("content", path=environment("opentelemetry-instrumentation-genai-openai"))
    assert {finding.state for finding in found.values()} == {"ok"}


def test_a_completion_hook_that_no_one_has(ask, environment, monkeypatch):
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK", "uplaod")
    found = ask("content", path=environment("opentelemetry-instrumentation-genai-openai"))
    assert found["content.hook"].state == "warning"
    assert found["content.hook"].fix.startswith("unset OTEL_INSTRUMENTATION_GENAI_COMPLETION_HOOK")


def test_every_instrumentation_that_is_documented_is_known(environment):
    """The packages named in docs/instrumentations.md, Python's."""
    from otel_ai_feedback.doctor import packages

    named = [
        "opentelemetry-instrumentation-genai-anthropic", "opentelemetry-instrumentation-openai-v2",
        "openinference-instrumentation-langchain", "opentelemetry-instrumentation-openai",
        "pydantic-ai-slim", "logfire", "litellm", "langsmith", "langfuse", "mlflow-tracing",
        "strands-agents", "google-adk", "agent-framework-core", "opentelemetry-haystack",
    ]  # fmt: skip
    assert set(packages.instrumentations(named)) == {known.name for known in packages.KNOWN}
    assert packages.instrumentations(["opentelemetry-instrumentation-django"]) == {}
    for client in packages.CLIENTS.values():
        assert packages.instrumentations([client]), client
