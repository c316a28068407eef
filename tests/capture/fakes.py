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
    """Chat completions; the model's name says how to answer."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model = request["model"]
        if model == "broken":
            self.answer(400, {"error": {"message": "no", "type": "invalid_request_error"}})
            return
        if request.get("stream"):
            self.stream(model)
            return
        message = {"role": "assistant", "content": ANSWER}
        if model == "empty":
            message["content"] = ""
        if model == "tools":
            message = {"role": "assistant", "content": None, "tool_calls": [CALL]}
        choices = [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}]
        if model == "two":
            other = {**choices[0], "index": 1, "message": {"role": "assistant", "content": "Rome"}}
            choices.append(other)
        self.answer(200, self.envelope("chat.completion", model, choices))

    def envelope(self, kind, model, choices):
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return {
            "id": "chatcmpl-1", "object": kind, "created": 1_795_464_000, "model": model,
            "choices": choices, **({"usage": usage} if kind == "chat.completion" else {}),
        }  # fmt: skip

    def stream(self, model):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        pieces = [ANSWER[at : at + 7] for at in range(0, len(ANSWER), 7)]
        for piece in pieces:
            delta = {
                "index": 0,
                "delta": {"role": "assistant", "content": piece},
                "finish_reason": None,
            }
            self.event(self.envelope("chat.completion.chunk", model, [delta]))
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        self.event(self.envelope("chat.completion.chunk", model, [last]))
        self.wfile.write(b"data: [DONE]\n\n")
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


class Collector(BaseHTTPRequestHandler):
    """Keeps what arrives on the server object as ``spans`` and ``logs``."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    self.server.spans += scope.spans
        elif self.path == "/v1/logs":
            for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
                for scope in resource.scope_logs:
                    self.server.logs += scope.log_records
                    self.server.log_resources.append(resource.resource)
        self.server.bodies.append(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@contextmanager
def collecting():
    with serving(Collector) as server:
        server.spans, server.logs, server.log_resources, server.bodies = [], [], [], []
        yield server


def url(server, path=""):
    return f"http://127.0.0.1:{server.server_port}{path}"


def plain(attributes):
    """OTLP attributes as a dict of plain values."""
    return {
        a.key: getattr(a.value, a.value.WhichOneof("value") or "string_value") for a in attributes
    }
