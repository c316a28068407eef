"""Two local servers: one that answers like OpenAI, one that collects OTLP over HTTP."""

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ANSWER = "Paris is the capital of France.\r\n\r\nIt has been\tso since 987 — ça va?  😀 \n"
CALL = {"id": "call_1", "type": "function", "function": {"name": "search", "arguments": "{}"}}


@contextmanager
def serving(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class OpenAI(BaseHTTPRequestHandler):
    """Chat completions; the model's name says how to answer.

    ``empty`` says nothing, ``tools`` calls a tool, ``agent`` calls it and answers once it has the
    result, ``two`` gives two choices, ``says x`` says x, ``broken`` refuses, every other model
    gives the answer.
    """

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.complete(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def complete(self, request):
        model = request["model"]
        if model == "broken":
            self.answer(400, {"error": {"message": "no", "type": "invalid_request_error"}})
            return
        messages = self.messages(model, request["messages"])
        if request.get("stream"):
            self.stream(model, messages)
            return
        choices = [
            {"index": index, "message": message, "finish_reason": reason(message), "logprobs": None}
            for index, message in enumerate(messages)
        ]
        self.answer(200, self.envelope("chat.completion", model, choices))

    def messages(self, model, conversation):
        """What the model says: a message for each choice."""
        if model == "agent":
            called = any(message["role"] == "tool" for message in conversation)
            model = "any" if called else "tools"
        if model == "tools":
            return [{"role": "assistant", "content": None, "tool_calls": [CALL]}]
        answer = model.removeprefix("says ") if model.startswith("says ") else ANSWER
        contents = {"empty": [""], "two": [ANSWER, "Rome"]}.get(model, [answer])
        return [{"role": "assistant", "content": content} for content in contents]

    def envelope(self, kind, model, choices):
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return {
            "id": "chatcmpl-1", "object": kind, "created": 1_795_464_000, "model": model,
            "choices": choices, **({"usage": usage} if kind == "chat.completion" else {}),
        }  # fmt: skip

    def stream(self, model, messages):
        self.begin_events()
        for index, message in enumerate(messages):
            deltas = [{"content": piece} for piece in pieces(message["content"] or "")]
            if "tool_calls" in message:
                calls = enumerate(message["tool_calls"])
                deltas = [{"tool_calls": [{"index": number, **call} for number, call in calls]}]
            ends = [None] * len(deltas) + [reason(message)]
            for delta, end in zip([*deltas, {}], ends, strict=True):
                delta = {"role": "assistant", **delta} if delta else {}
                choice = {"index": index, "delta": delta, "finish_reason": end}
                self.event(self.envelope("chat.completion.chunk", model, [choice]))
        self.wfile.write(b"data: [DONE]\n\n")

    def begin_events(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, chunk):
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def pieces(text):
    return [text[at : at + 7] for at in range(0, len(text), 7)]


def reason(message):
    return "tool_calls" if "tool_calls" in message else "stop"


class Collector(BaseHTTPRequestHandler):
    """Keeps what arrives on the server object: ``spans``, their ``scopes``, and ``logs``."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.body()
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    self.server.spans += scope.spans
                    for span in scope.spans:
                        self.server.scopes[span.span_id] = scope.scope.name
        elif self.path == "/v1/logs":
            for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
                for scope in resource.scope_logs:
                    self.server.logs += scope.log_records
                    self.server.log_resources.append(resource.resource)
        self.server.bodies.append(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def body(self):
        """The request's body; exporters in JavaScript send theirs in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *args):
        pass


@contextmanager
def collecting():
    with serving(Collector) as server:
        server.spans, server.logs, server.log_resources, server.bodies = [], [], [], []
        server.scopes = {}
        yield server


def url(server, path=""):
    return f"http://127.0.0.1:{server.server_port}{path}"


def plain(attributes):
    """OTLP attributes as a dict of plain values."""
    return {attribute.key: plain_value(attribute.value) for attribute in attributes}


def plain_value(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [plain_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return plain(value.kvlist_value.values)
    return None if kind is None else getattr(value, kind)
