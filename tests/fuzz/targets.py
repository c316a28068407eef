"""What strangers reach, as functions of bytes that must refuse in their own words or not at all.

``test_smoke.py`` gives each of them some hundred inputs in CI; ``run.py`` goes on for as long as it
is told, guided by coverage.
"""

import base64
import gzip
import json
import struct
from datetime import timezone
from email.errors import MessageError

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.datastructures import QueryParams

from otel_ai_feedback.capture.linking import handles
from otel_ai_feedback.capture.text import hashing, normalise, sketch
from otel_ai_feedback.capture.web import beacon
from otel_ai_feedback.pages.filters import Filter
from otel_ai_feedback.pages.requests import local
from otel_ai_feedback.pages.sessions import Sessions
from otel_ai_feedback.serve import text_lookup
from otel_ai_feedback.serve.body import TooLargeError, UndecodableError
from otel_ai_feedback.serve.clickhouse import compression, framing, grants, statement
from otel_ai_feedback.serve.clickhouse import request as client_request
from otel_ai_feedback.serve.clickhouse.users import User
from otel_ai_feedback.serve.otlp import json_encoding, logs, traces
from otel_ai_feedback.store.gate import DeniedError
from otel_ai_feedback.triage import file, webhook
from otel_ai_feedback.triage.notification import AlertError, parse

KEY = b"k" * 32
NOW = 1_795_000_000
_LIMIT = 1 << 20
_WRITER = User("w", "writer", text=False, digest=b"")
_READER = User("r", "reader", text=False, digest=b"")


class _NoSessions:
    """Where nobody is signed in."""

    def find(self, session_id):
        return None


_SESSIONS = Sessions(_NoSessions())


def _text(data):
    """Any text, lone surrogates too."""
    return data.decode("utf-8", "surrogateescape")


def otlp_traces(data):
    """The body of ``/v1/traces``, and the same as the engine would get it."""
    _quiet(lambda: traces.rows(data), DecodeError)


def otlp_logs(data):
    """The body of ``/v1/logs``."""
    _quiet(lambda: logs.rows(data), DecodeError)


def otlp_as_json(data):
    """A body in JSON: what it says is written again as Protobuf, and read."""
    for request, rows in (
        (ExportTraceServiceRequest(), traces.rows),
        (ExportLogsServiceRequest(), logs.rows),
    ):
        with_message = request

        def read(message=with_message, rows=rows):
            json_encoding.parse(data, message)
            rows(message.SerializeToString())

        _quiet(read, UndecodableError, DecodeError)


def actions(data):
    """The body of a beacon."""
    found = _quiet(
        lambda: beacon.read(data, NOW * 10**9, "browser"),
        beacon.MalformedBeaconError, beacon.TooManyActionsError,
    )  # fmt: skip
    if found is not None:
        assert len(found.reported) + len(found.refused) <= 100


def handle(data):
    """What a page gives back as a handle: nobody can make one, so none may be believed."""
    for text in (data.decode("latin-1"), base64.urlsafe_b64encode(data).decode()):
        believed = _quiet(lambda text=text: handles.verify(text, KEY, NOW),
                          handles.RefusedHandleError)  # fmt: skip
        assert believed is None


def compressed(data):
    """Bodies of the ClickHouse interface: an encoding of HTTP, and ClickHouse's own frames."""
    for encoding in ("gzip", "lz4", "zstd"):
        found = _quiet(lambda e=encoding: compression.decompress(data, e, _LIMIT),
                       UndecodableError, TooLargeError)  # fmt: skip
        assert found is None or len(found) <= _LIMIT
    for body in (data, framing.frames(data, framing.NONE)[:16] + data):
        found = _quiet(lambda b=body: framing.unframe(b, _LIMIT), UndecodableError, TooLargeError)
        assert found is None or len(found) <= _LIMIT
    assert framing.unframe(framing.frames(data), len(data)) == data
    assert compression.decompress(gzip.compress(data), "gzip", len(data)) == data


def sql(data):
    """A statement: what is no plain insert into a raw table is nothing that a writer may send."""
    cut = len(data) // 2
    for query, body in ((data, b""), (b"", data), (data[:cut], data[cut:])):
        found = _quiet(lambda q=query, b=body: statement.parse(q, b), UnicodeDecodeError)
        if isinstance(found, statement.Insert):
            refused = _refused(lambda f=found: grants.check_insert(_WRITER, f))
            into = statement.target(found.sql)
            if not refused:
                assert into is not None
                assert into[1] in grants.RAW_TABLES
            assert _refused(lambda f=found: grants.check_insert(_READER, f))
    _quiet(lambda: grants.settings(_READER, {_text(data): "1"}), DeniedError)
    _quiet(lambda: grants.settings(_READER, {"max_execution_time": _text(data)}), DeniedError)


def form(data):
    """A multipart form of the ClickHouse interface."""
    for kind in ("multipart/form-data; boundary=x", _text(data[:80])):
        _quiet(lambda k=kind: client_request.form(k, data),
               MessageError, UnicodeError, ValueError)  # fmt: skip


def triage_file(data):
    """A triage file."""
    _quiet(lambda: file.parse(data.decode("utf-8", "replace"), []), file.TriageFileError)


def notification(data):
    """The body and the headers of Grafana's webhook."""
    for alert in _quiet(lambda: parse(data), AlertError) or ():
        json.dumps(alert.details, allow_nan=False).encode()
        assert alert.starts_at is None or alert.starts_at.tzinfo is timezone.utc
        assert isinstance(alert.key["rule"], str)
    word = data.decode("latin-1")
    headers = {
        "Authorization": word,
        webhook.SIGNATURE_HEADER: word,
        webhook.TIMESTAMP_HEADER: str(NOW),
    }
    assert webhook.refusal("a secret of sixteen", headers, data, NOW)
    assert webhook.refusal("a secret of sixteen", {webhook.TIMESTAMP_HEADER: word}, data, NOW)


def normalised(data):
    """A text of the model or of a user: whatever it is, its hash is of one shape."""
    text = _text(data)
    once = normalise.normalise(text)
    assert normalise.normalise(once.decode()) == once
    assert len(hashing.hash_text(text, KEY)) == len("hmac-sha256:") + 32
    assert len(hashing.hash_text(text, None)) == len("sha256:") + 32
    sketch.sketch(text, KEY)


def exchange(data):
    """What reviewers are shown of rows that anyone may have sent."""
    text = data.decode("utf-8", "replace")
    for name in ("gen_ai.input.messages", "gen_ai.output.messages", "input.value", "output.value",
                 "gen_ai.prompt.0.content", "gen_ai.completion.0.content"):  # fmt: skip
        span = {"scope": text, "attributes": {name: text, "gen_ai.operation.name": "chat"},
                "event_names": [name, text],
                "event_attributes": [{name: text}, {"x": text}]}  # fmt: skip
        kinds = ("gen_ai.client.inference.operation.details", "gen_ai.choice",
                 "gen_ai.user.message", text)  # fmt: skip
        rows = [{"event": kind, "body": text, "attributes": {name: text}} for kind in kinds]
        found = text_lookup.read([span], rows)
        for turn in (*found.turns, *text_lookup.read([], rows).turns):
            turn.text.encode()


def address(data):
    """Addresses, cookies and choices of pages."""
    text = data.decode("latin-1")
    assert _SESSIONS.find(text) is None
    next_ = local(text)
    assert next_.startswith("/")
    assert next_[1:2] not in ("/", "\\")
    chosen = Filter.parse(QueryParams([("group", text), ("days", text), ("model", text)]))
    assert chosen.link().startswith("/")


TARGETS = {
    each.__name__: each
    for each in (otlp_traces, otlp_logs, otlp_as_json, actions, handle, compressed, sql, form,
                 triage_file, notification, normalised, exchange, address)
}  # fmt: skip

# What to begin with: sound inputs, so that what is near them is found.
SEEDS = {
    "otlp_as_json": [
        b'{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue"'
        b':"a"}}]},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":'
        b'"eee19b7ec3c1b174","name":"x","startTimeUnixNano":"1795000000000000000",'
        b'"endTimeUnixNano":"1795000001000000000","kind":3,"attributes":[{"key":"k","value":'
        b'{"arrayValue":{"values":[{"doubleValue":1.5},{"bytesValue":"AA=="}]}}}]}]}]}]}'
    ],
    "actions": [
        b'{"sent":1795000000000,"actions":[{"action_id":"a","handle":"h","action":"copy",'
        b'"value":0.8,"time":1794999999000,"method":"button","kept_share":0.5,"checkpoint":30}]}'
    ],
    "handle": [struct.pack(">BBQQQQB", 1, 0, 1, 2, 3, NOW, 1) + b"s" * 16],
    "compressed": [gzip.compress(b"x" * 100), framing.frames(b"x" * 100)],
    "sql": [
        b"insert into ai_feedback.otel_traces (SpanName, `Links.TraceId`) format Native\nxx",
        b"select * from file('/etc/passwd') format JSON",
        b"insert into otel_logs values (1)",
    ],
    "form": [b'--x\r\nContent-Disposition: form-data; name="param_a"\r\n\r\nvalue\r\n--x--\r\n'],
    "triage_file": [
        b"people:\n  - {name: Ana <a@b.c>, contact: 'slack://x/y/z', hours: Mon-Fri 9-17}\n"
        b"rotas:\n  quality: {people: [Ana], starts: 2025-12-01, every: week}\nquiet: false\n",
        b"a: &a [1]\nb: *a\n? [1, 2]\n: {}\n",
        b"people: [{name: Ana, contact: 'json://x'}]\nrotas: {q: {people: [a: b], overrides: "
        b"[{person: [], from: 2026-01-01, to: 2026-01-02}]}}\nescalation: [{notify: {}}]\n",
    ],
    "notification": [
        b'{"alerts":[{"status":"firing","labels":{"alertname":"x","severity":"critical"},'
        b'"annotations":{"summary":"s"},"values":{"A":1.5},"startsAt":"2026-01-01T00:00:00Z",'
        b'"generatorURL":"http://g"}]}'
    ],
    "exchange": [
        b'[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
        b'[{"role":"user","content":[{"type":"text","text":"hi"}]}]',
    ],
    "normalised": ["\u00e9 e\u0301\u200b\u202e\ud7ff \u1112\u1161\u11ab".encode()],
    "address": [b"/review?x=1", b"YW5h.1795000000.abcdef", b"a/b/c"],
}
for _name, _rows in (("otlp_traces", ExportTraceServiceRequest()),):
    json_encoding.parse(SEEDS["otlp_as_json"][0], _rows)
    SEEDS[_name] = SEEDS["otlp_logs"] = [_rows.SerializeToString()]


def _quiet(call, *expected):
    """What a call gives; ``None`` when it refuses in one of the ways that it may."""
    try:
        return call()
    except expected:
        return None


def _refused(call):
    try:
        call()
    except DeniedError:
        return True
    return False
