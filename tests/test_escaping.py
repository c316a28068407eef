"""One nasty string through every way out: nothing of it acts on who reads it."""

import csv
import io
import logging
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest

from otel_ai_feedback import escaping
from otel_ai_feedback.cli import main
from otel_ai_feedback.cli.output import print_line, warn
from otel_ai_feedback.review.document import Document, Section, Table
from otel_ai_feedback.triage import message

NASTY = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp.exe\u2066\u2028<!channel> <@U1> @here @everyone "
    "[click](https://evil.example/) https://evil.example/ <a href=x>a</a> <script>alert(1)</script>"
    "\r\nERROR root: forged\n=cmd|' /C calc'!A0 `code` *bold* | cell\x00\ud800"
)
ACTS = ("\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u2028", "\x00", "\r", "\ud800")


def assert_still(text):
    assert not [mark for mark in ACTS if mark in text], text
    assert "owned" in text, "what is there is still shown"


def test_a_terminal(capsys):
    print_line(NASTY)
    warn(NASTY)
    printed = capsys.readouterr()
    assert_still(printed.out)
    assert_still(printed.err)


def test_a_log():
    record = logging.LogRecord("a", logging.ERROR, "", 0, "said %s", (NASTY,), None)
    text = escaping.LogFormatter("%(levelname)s %(message)s").format(record)
    assert_still(text)
    lines = text.splitlines()
    assert lines[0].startswith("ERROR said")
    assert all(line.startswith("    ") for line in lines[1:]), "no line of it passes for another"


def test_a_spreadsheet(clean, settings, capfdbinary):
    texts = ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", 'a","=1', '"=1', "a\n=1", "a,", "", "plain"]
    sql = (
        "select arrayJoin([" + ", ".join(f"'{text}'" for text in texts) + "]) as `=head`, "
        "-2.5 as number"
    ).replace("\t", "\\t").replace("\r", "\\r").replace("\n", "\\n")  # fmt: skip
    for arguments in (["--format", "CSVWithNames"], []):
        written = "" if arguments else " format CSVWithNames"
        assert main(["query", sql + written, "--store", settings.store, *arguments]) == 0
        printed = capfdbinary.readouterr().out.decode()
        head, *rows = csv.reader(io.StringIO(printed, newline=""))
        assert head == ["'=head", "number"]
        assert [row[1] for row in rows] == ["-2.5"] * len(texts)
        for (shown, _), text in zip(rows, texts, strict=True):
            assert shown == (f"'{text}" if text[:1] in tuple("=+-@\t\r") else text)


def test_a_chat_message():
    opened = SimpleNamespace(
        kind="opened",
        note=NASTY,
        author=NASTY,
        details={
            "annotations": {"summary": NASTY},
            "values": {NASTY: 1.0},
            "changes": [{"text": NASTY, "time": "2026-10-31T23:00:00+00:00", "kind": "release"}],
        },
    )
    now = datetime(2026, 11, 1, tzinfo=timezone.utc)
    incident = SimpleNamespace(
        severity="page", title=NASTY, owner="anna", state="open", incident_id="i1",
        acknowledge_due=now, resolve_due=now,
    )  # fmt: skip
    person = SimpleNamespace(name="anna", calendar=SimpleNamespace(zone="UTC"))
    due = SimpleNamespace(person=person, why="assigned", takes_over=False)
    title = message.title(incident)
    body = message.body(incident, [opened], due, "http://serve")
    for text in (title, body):
        assert_still(text)
        assert "https://evil" not in text
        assert not [mark for mark in ("<", ">", "@here", "@everyone", "](") if mark in text]
    assert "\n" not in title
    assert "\nERROR" not in body
    assert "http://serve/triage/i1/acknowledge" in body, "our own link is one"


@pytest.fixture
def document():
    section = Section(NASTY)
    section.parts.append(NASTY)
    section.add(Table([NASTY], [[NASTY]]))
    return Document(NASTY, [section])


def test_a_report_in_markdown(document):
    text = document.markdown()
    assert_still(text)
    assert "<script" not in text.replace("\\<", "")
    assert "[click](" not in text
    assert "\nERROR" not in text


def test_a_report_in_html(document):
    text = document.html()
    assert_still(text)
    assert "<script" not in text
    assert "<a href=x" not in text
