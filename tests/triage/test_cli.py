"""``otel-ai-feedback triage`` and ``check`` as a user runs them."""

import io
import json
import sys

import pytest
import yaml
from raw_rows import output_id

from otel_ai_feedback.cli import main
from otel_ai_feedback.triage.dispatcher import Dispatcher

from .notifications import FILE, MONDAY, parsed


@pytest.fixture
def program(clean, settings, tmp_path, monkeypatch, capsys):
    """``program(*arguments)`` runs it beside a triage file: status, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTEL_AI_FEEDBACK_STATE_DIR", str(tmp_path))
    monkeypatch.delenv("OTEL_AI_FEEDBACK_TEST_DATA", raising=False)
    (tmp_path / "triage.yaml").write_text(FILE)

    def run(*arguments):
        status = main([*arguments, "--store", settings.store])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


@pytest.mark.slow
def test_from_the_list_to_the_end(program, incidents):
    key = incidents.take(parsed(), source="check").incident_id
    status, out, _ = program("triage", "list")
    assert status == 0
    assert out.startswith(f"{key}  open, ")
    assert "chat: copied fell (signal-drift, chat/production/chat)" in out
    assert program("triage", "ack", key[:6], "--author", "Ben")[1].startswith(
        f"{key}  acknowledged, Ben"
    )
    assert program("triage", "start", key, "--author", "Ben")[0] == 0
    assert "in progress, Cleo" in program(
        "triage", "hand-over", key, "--to", "Cleo", "--author", "Ben", "--note", "yours"
    )[1]  # fmt: skip
    status, _, err = program(
        "triage", "resolve", key, "--author", "Cleo", "--cause", "bad luck", "--fix", "x",
        "--moves", "copied",
    )  # fmt: skip
    assert (status, "cause is 'bad luck'" in err) == (2, True)
    status, out, _ = program(
        "triage", "resolve", key, "--author", "Cleo", "--cause", "prompt", "--fix", "shorter",
        "--moves", "copied", "--json",
    )  # fmt: skip
    document = json.loads(out)
    assert (document["state"], document["moves"]) == ("resolved", "copied:up")
    assert program("triage", "list")[1] == "No open incidents.\n"
    assert key in program("triage", "list", "--all")[1]
    assert program("triage", "ack", key, "--author", "Ana")[0] == 2
    assert program("triage", "ack", "zz", "--author", "Ana")[0] == 2


def test_accept_and_report(program, incidents):
    status, out, _ = program(
        "triage", "report-issue", "--service", "chat", "--note", "it was rude", "--author", "Kim",
        "--output", output_id("a"), "--json",
    )  # fmt: skip
    assert status == 0
    key = json.loads(out)["incident_id"]
    assert incidents.outputs(key) == [output_id("a")]
    assert incidents.get(key).source == "user"
    assert program("triage", "accept", key, "--author", "Ana", "--reason", "it was not")[0] == 0
    assert incidents.get(key).state == "accepted"


def test_explain_says_who_by_when_and_why(program, tmp_path):
    asked = ("triage", "explain", "--alert", "signal-drift", "--service", "chat")
    status, out, err = program(*asked, "--at", "2025-12-05T15:00:00+01:00")
    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "Owner: Ana.",
        "Acknowledge by Mon 8 Dec 2025, 14:00 UTC.",
        "Resolve by Fri 12 Dec 2025, 14:00 UTC.",
        "Why:",
        "  the default route is the first match for 'signal-drift' of 'chat' (warning)",
        "  on 2025-12-05 14:00 UTC it is Ana's week on rota 'quality'",
        "  1 day of business time to acknowledge, 5 days to resolve, by Ana's clock "
        "(Mon, Tue, Wed, Thu, Fri 09:00 to 17:00 UTC)",
        "Without a response:",
        "  Fri 5 Dec 2025, 14:00 UTC: Ana is notified",
        "  Mon 8 Dec 2025, 10:00 UTC: Ana is notified",
        "  Mon 8 Dec 2025, 14:00 UTC: Ben is notified and becomes the owner",
        "  Tue 9 Dec 2025, 14:00 UTC: Cleo is notified and becomes the owner",
        "  Thu 11 Dec 2025, 14:00 UTC: Ana is notified",
        "  Fri 12 Dec 2025, 14:00 UTC: Ben is notified",
    ]
    document = json.loads(program(*asked, "--at", "2025-12-05T14:00:00Z", "--json")[1])
    assert (document["owner"], document["steps"][2]["person"]) == ("Ana", "Ben")
    assert "no rule 'x'" in program("triage", "explain", "--alert", "x")[2]
    assert program("triage", "explain", "--alert", "x", "--severity", "bad")[0] == 2
    (tmp_path / "triage.yaml").unlink()
    status, _, err = program(*asked)
    assert (status, "triage init" in err) == (2, True)


@pytest.mark.slow
def test_a_message_that_is_unknown_is_listed_and_settled(program, clean, triage, incidents):
    incidents.take(parsed(), source="check", at=MONDAY)

    def killed(*_):
        raise SystemExit

    with pytest.raises(SystemExit):
        Dispatcher(clean, triage, "http://serve", killed).run(MONDAY)
    Dispatcher(clean, triage, "http://serve", killed).run(MONDAY)
    listed = program("triage", "list")[1]
    assert "may not have been sent" in listed
    (message,) = json.loads(program("triage", "list", "--json")[1])["messages"]
    settle = ("triage", "settle", message["notification_id"], "--author", "Ben")
    assert program(*settle, "--was", "received")[:2] == (0, "noted\n")
    assert program(*settle, "--was", "lost")[0] == 2
    assert json.loads(program("triage", "list", "--json")[1])["messages"] == []


def test_three_questions_a_test_message_and_a_file(program, tmp_path, monkeypatch, target):
    url, got = target
    (tmp_path / "triage.yaml").unlink()
    monkeypatch.setenv("WHERE", url.removeprefix("json://"))
    monkeypatch.setattr(
        sys, "stdin", io.StringIO("Ana <ana@example.org>\njson://${WHERE}/ana\nEurope/Berlin\n")
    )
    status, _, err = program("triage", "init")
    assert status == 0, err
    assert err.count("?") == 3
    assert [(path, title) for path, title, _ in got] == [("ana", "otel-ai-feedback: test")]
    document = yaml.safe_load((tmp_path / "triage.yaml").read_text())
    assert document == {
        "owner": "Ana <ana@example.org>",
        "notify": "json://${WHERE}/ana",
        "timezone": "Europe/Berlin",
    }
    assert program("triage", "explain", "--alert", "signal-drift")[1].startswith("Owner: Ana.")
    assert program("triage", "init")[0] == 2


def test_where_the_test_message_does_not_go_out_nothing_is_written(program, tmp_path):
    (tmp_path / "triage.yaml").unlink()
    answers = ("--owner", "Ana", "--zone", "UTC", "--notify")
    status, _, err = program("triage", "init", *answers, "json://127.0.0.1:1/x")
    assert (status, "nothing was written" in err) == (1, True)
    assert not (tmp_path / "triage.yaml").exists()
    assert program("triage", "init", *answers, "nowhere")[0] == 2
    assert program("triage", "init", *answers, "json://127.0.0.1:1/x", "--no-test")[0] == 0
    assert (tmp_path / "triage.yaml").read_text() == "owner: Ana\nnotify: json://127.0.0.1:1/x\n"


def test_check_without_a_triage_file_or_with_a_wrong_one_is_2(program, tmp_path):
    assert program("check")[0] == 0
    (tmp_path / "triage.yaml").write_text("owner: Ana\nnotify: json://h\nroutes: [{alert: x}]")
    status, _, err = program("check")
    assert (status, "it would have no owner" in err) == (2, True)
    (tmp_path / "triage.yaml").unlink()
    status, _, err = program("check")
    assert (status, "no owner configured" in err) == (2, True)
