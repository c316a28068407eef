"""One nasty string through every way out: nothing of it acts on who reads it."""

import csv
import email
import email.policy
import io
import json
import logging
import socketserver
import threading
from datetime import datetime, timezone
from types import SimpleNamespace

import pyarrow.parquet
import pytest
from apprise.plugins import slack

from otel_ai_feedback import escaping
from otel_ai_feedback.cli import main
from otel_ai_feedback.cli.output import print_json, print_line, warn
from otel_ai_feedback.review.conversation_text import readable
from otel_ai_feedback.review.document import Document, Section, Table
from otel_ai_feedback.review.export import write
from otel_ai_feedback.triage import message
from otel_ai_feedback.triage.sending import send

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


@pytest.fixture
def incident():
    now = datetime(2026, 11, 1, tzinfo=timezone.utc)
    return SimpleNamespace(
        severity="page", title=NASTY, owner="anna", state="open", incident_id="i1",
        acknowledge_due=now, resolve_due=now,
    )  # fmt: skip


@pytest.fixture
def body(incident):
    opened = SimpleNamespace(
        kind="opened",
        note=NASTY,
        author=NASTY,
        details={
            "annotations": {"summary": NASTY, "runbook_url": f"https://evil.example/{NASTY}"},
            "values": {NASTY: 1.0},
            "changes": [{"text": NASTY, "time": "2026-10-31T23:00:00+00:00", "kind": "release"}],
        },
    )
    person = SimpleNamespace(name="anna", calendar=SimpleNamespace(zone="UTC"))
    due = SimpleNamespace(person=person, why="assigned", takes_over=False)
    return message.body(incident, [opened], due, "http://serve")


def test_a_chat_message(incident, body):
    title = message.title(incident)
    for text in (title, body):
        assert_still(text)
        assert "https://evil" not in text
        assert not [mark for mark in ("<", ">", "@here", "@everyone", "](") if mark in text]
    assert "\n" not in title
    assert "\nERROR" not in body
    assert "http://serve/triage/i1/acknowledge" in body, "our own link is one"


@pytest.mark.parametrize(
    ("address", "links"),
    [
        ("https://wiki.example/run?a=1&b=%20#c", True),
        ("HTTP://wiki.example/ü", True),
        ("https://wiki.example/ <!channel>", False),
        ("https://wiki.example/|name", False),
        ("https://wiki.example/\nERROR", False),
        ("https://wiki.example/\u202egnp.exe", False),
        ("https://bank.example@evil.example/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_an_address_is_a_link_when_it_is_nothing_else(address, links):
    assert escaping.is_web_address(address) is links
    assert escaping.chat_link(address) == (address if links else escaping.chat(address))


def test_slack(incident, body, monkeypatch):
    sent = []

    def request(method, url, data=None, **_):
        sent.append(json.loads(data))
        return SimpleNamespace(status_code=200, content=b"ok", text="ok")

    monkeypatch.setattr(slack.requests, "request", request)
    address = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#alerts"
    send(address, message.title(incident), body)
    (payload,) = sent
    said = json.dumps(payload, ensure_ascii=False)
    assert_still(said)
    assert not [mark for mark in ("<!", "<@", "<http", "@here", "https://evil") if mark in said]
    assert payload["channel"] == "#alerts"


class _Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as takes one message."""

    def handle(self):
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                taken = list(iter(self.rfile.readline, b".\r\n"))
                self.server.taken.append((self.server.envelope, b"".join(taken)))
            elif verb in (b"MAIL", b"RCPT"):
                self.server.envelope += line
            self.wfile.write(b"250 yes\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def mail_server():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.envelope, server.taken = b"", []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_e_mail_has_no_header_and_no_recipient_of_others(incident, body, mail_server):
    incident.title = f"{NASTY}\r\nBcc: eve@evil.example\r\n\r\nforged"
    port = mail_server.server_address[1]
    address = f"mailto://127.0.0.1:{port}?from=a@ours.example&to=b@ours.example&name=Alerts"
    send(address, message.title(incident), body)
    ((envelope, data),) = mail_server.taken
    assert b"evil" not in envelope
    assert envelope.lower().count(b"rcpt to:") == 1
    read = email.message_from_bytes(data, policy=email.policy.default)
    assert not {"bcc", "cc"} & {name.lower() for name in read}
    assert len(read.get_all("subject")) == len(read.get_all("to")) == len(read.get_all("from")) == 1
    assert_still(read["subject"])
    assert "eve" not in f"{read['to']} {read['from']}"
    parts = [part for part in read.walk() if not part.is_multipart()]
    for part in parts:
        text = part.get_content()
        assert "<script" not in text
        assert "https://evil" not in text


def test_json(capsys):
    print_json({"text": NASTY})
    printed = capsys.readouterr().out
    assert_still(printed)
    assert json.loads(printed) == {"text": NASTY}


def test_files_of_reviewed_outputs_hold_the_text_as_it_is(tmp_path):
    rows = [{"output": readable(NASTY), "class": None}, {"output": "plain", "class": "verbatim"}]
    for name in ("rows.jsonl", "rows.parquet"):
        write(rows, tmp_path / name)
    lines = (tmp_path / "rows.jsonl").read_bytes().decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == rows, "a line is a row"
    assert lines[-1] == ""
    table = pyarrow.parquet.read_table(tmp_path / "rows.parquet")
    assert table.to_pylist() == rows
    assert table.column_names == ["output", "class"]


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
