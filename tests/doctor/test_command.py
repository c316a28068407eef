"""The command as its user meets it."""

import json

import pytest

from otel_ai_feedback import doctor
from otel_ai_feedback.cli import main


@pytest.mark.slow
def test_prints_what_is_wrong_and_how_to_fix_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OTEL_AI_FEEDBACK_STATE_DIR", str(tmp_path / "state"))
    assert main(["doctor", "--no-probe", "--store", f"chdb://{tmp_path}/none"]) == 1
    said = capsys.readouterr().out
    assert f"FAIL store.reachable: there is no store in {tmp_path}/none, " in said
    assert " failures, " in said


@pytest.mark.slow
def test_json_has_every_finding(settings, clean, server, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("OTEL_AI_FEEDBACK_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.url)
    status = main(["doctor", "--json", "--store", settings.store])
    document = json.loads(capsys.readouterr().out)
    failing = [f["check"] for f in document["findings"] if f["state"] == "failure"]
    # Whether the server's jobs had come to run, and had said so, is a matter of time.
    assert failing in ([], ["store.jobs"])
    assert status == document["failures"] == len(failing)
    assert {f["check"].partition(".")[0] for f in document["findings"]} == set(doctor.AREAS)
    for finding in document["findings"]:
        assert set(finding) == {"check", "state", "seen", "fix"}
        assert finding["seen"]
        assert finding["fix"] or finding["state"] in ("ok", "not applicable")


@pytest.mark.parametrize(
    "arguments", [["--page", "chat"], ["--wait", "0"], ["--grafana", "ftp://g"]]
)
def test_misuse_is_2(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *arguments])
    assert ended.value.code == 2
    assert arguments[1] in capsys.readouterr().err


def test_wrong_settings_are_2(capsys, monkeypatch):
    monkeypatch.setenv("OTEL_AI_FEEDBACK_HASH", "md5")
    assert main(["doctor"]) == 2
    assert "OTEL_AI_FEEDBACK_HASH: 'md5' must be" in capsys.readouterr().err


def test_a_token_file_that_is_not_there(capsys, tmp_path):
    file = tmp_path / "token"
    assert main(["doctor", "--grafana", "http://g", "--grafana-token-file", str(file)]) == 2
    assert str(file) in capsys.readouterr().err


def test_a_check_that_breaks_is_a_failure_and_the_others_go_on(settings, monkeypatch):
    def broken(_):
        raise RuntimeError("boom")
        yield

    monkeypatch.setattr(doctor, "AREAS", {"key": broken, "page": doctor.AREAS["page"]})
    found = list(doctor.examine(doctor.Visit(settings)))
    assert [finding.check for finding in found] == ["key.unexpected", "page.reachable"]
    assert "boom" in found[0].seen


def test_an_extra_that_is_missing_is_named(settings, monkeypatch):
    def needs(_):
        raise ModuleNotFoundError("no", name="clickhouse_connect")
        yield

    monkeypatch.setattr(doctor, "AREAS", {"store": needs})
    (found,) = doctor.examine(doctor.Visit(settings))
    assert found.state == "not applicable"
    assert "pip install 'otel-ai-feedback[" in found.fix
