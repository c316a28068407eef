"""Scores of Langfuse over its public API, from a server that answers as recorded pages do."""

import json
import threading
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from raw_rows import insert, llm_span, output_id, span_id, trace_id
from test_evaluations import rows

from otel_ai_feedback.store import langfuse
from otel_ai_feedback.store.carriers import SOURCES

SINCE = datetime(2025, 11, 1, tzinfo=timezone.utc)
KEYS = ("pk-lf-1", "sk-lf-1")


def score(
    number, data_type="NUMERIC", value=0.8, source="EVAL", name="helpfulness", at=10, **subject
):
    return {"id": f"s{number}", "projectId": "p", "name": name, "value": value,
            "dataType": data_type, "source": source, "timestamp": f"2025-11-17T08:00:{at}.000Z",
            "environment": "default", "subject": subject or None}  # fmt: skip


def on(name):
    return {"kind": "observation", "id": span_id(name), "traceId": trace_id(name)}


SCORES = [
    score(1, **on("one")),
    score(2, "BOOLEAN", value=False, source="API", name="user-feedback", **on("one")),
    score(3, "CATEGORICAL", value="correct", source="ANNOTATION", name="answer", **on("one")),
    score(4, "TEXT", value="The user, Ann, was upset.", name="note", **on("one")),
    score(5, name="by trace", on="trace"),
    score(6, value=1e308, **on("one")),
]
SCORES[4]["subject"] = {"kind": "trace", "id": trace_id("two")}


class Server(ThreadingHTTPServer):
    """Two scores a page; ``v3`` says whether there is the newer interface."""

    def __init__(self, v3):
        super().__init__(("127.0.0.1", 0), Answer)
        self.v3, self.scores, self.asked = v3, list(SCORES), []

    @property
    def project(self):
        return langfuse.Project(f"http://127.0.0.1:{self.server_address[1]}", *KEYS)


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        asked = {key: value[0] for key, value in parse_qs(url.query).items()}
        self.server.asked.append((url.path, asked))
        page, found = 2, self.server.scores
        if "Basic cGstbGYtMTpzay1sZi0x" not in self.headers["Authorization"]:
            return self._say(401, {"message": "no"})
        if url.path.endswith("v3/scores") and self.server.v3:
            start = int(asked.get("cursor", 0))
            meta = {"limit": page}
            if start + page < len(found):
                meta["cursor"] = str(start + page)
            return self._say(200, {"data": found[start : start + page], "meta": meta})
        if url.path.endswith("v2/scores") and not self.server.v3:
            number = int(asked["page"])
            data = [_older(each) for each in found[(number - 1) * page : number * page]]
            meta = {"page": number, "limit": page, "totalPages": -(-len(found) // page)}
            return self._say(200, {"data": data, "meta": meta})
        return self._say(404, {"message": "gone"})

    def _say(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def _older(found):
    """A score as v2 gives it."""
    subject, kind, value = found["subject"], found["dataType"], found["value"]
    old = {key: each for key, each in found.items() if key not in ("subject", "value")}
    of_observation = subject["kind"] == "observation"
    old["observationId"] = subject["id"] if of_observation else None
    old["traceId"] = subject["traceId"] if of_observation else subject["id"]
    old["value"] = int(value) if kind == "BOOLEAN" else None if kind == "CATEGORICAL" else value
    old["stringValue"] = value if kind == "CATEGORICAL" else None
    return old


@pytest.fixture(params=[True, False], ids=["v3", "v2"])
def server(request):
    server = Server(request.param)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_scores_become_evaluations_once_and_texts_are_left_out(clean, server):
    insert(clean, [llm_span("one"), llm_span("two", at=5)])
    for _ in range(2):
        assert langfuse.read(clean, server.project, SINCE) == len(SCORES)
    assert rows(clean, "carrier, name, kind, score, label, passed, output_id") == [
        ("langfuse", "answer", "reviewer", None, "correct", 1, output_id("one")),
        ("langfuse", "by trace", "judge", 0.8, "", 1, output_id("two")),
        ("langfuse", "helpfulness", "judge", 0.8, "", 1, output_id("one")),
        ("langfuse", "user-feedback", "user", 0.0, "", 0, output_id("one")),
    ]
    refused = "select without_result, bad_score from evaluation_arrivals"
    assert clean.query(refused).result_rows == [(1, 1)]
    assert "upset" not in str(clean.query("select * from evaluation_state").result_rows)


def test_the_next_import_begins_a_day_before_where_the_last_one_ended(clean, server):
    langfuse.read(clean, server.project, SINCE)
    server.asked.clear()
    server.scores = [score(1, value=0.1, at=50, **on("one"))]
    assert langfuse.read(clean, server.project) == 1
    assert server.asked[0][1]["fromTimestamp"] == "2025-11-16T08:00:10+00:00"
    changed = clean.query(
        "select score from evaluation_state final where name = 'helpfulness'"
    ).result_rows
    assert changed == [(0.1,)]


def test_what_goes_wrong_is_said(clean, server):
    wrong = langfuse.Project(server.project.url, "pk", "no")
    with pytest.raises(langfuse.LangfuseError, match="401; check both keys"):
        langfuse.read(clean, wrong, SINCE)
    nowhere = langfuse.Project("http://127.0.0.1:1", *KEYS)
    with pytest.raises(langfuse.LangfuseError, match="check the address"):
        langfuse.read(clean, nowhere, SINCE)
    assert clean.query("select count() from import_cursors").result_rows == [(0,)]


def test_the_table_of_sources_says_what_an_import_makes_of_a_score(clean, server):
    (source,) = [each for each in SOURCES if each.carrier == "langfuse"]
    insert(clean, [llm_span("one")])
    server.scores = [
        {"id": "x", "timestamp": "2025-11-17T08:00:00Z", "subject": on("one"), **source.example}
    ]
    langfuse.read(clean, server.project, SINCE)
    assert rows(clean, "kind, name, score, label, passed, output_id") == [
        (source.kind, source.name, source.score, source.label, 1, output_id("one"))
    ]
