"""The applications of the README, made from it alone, reach an action that found its answer."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from otel_ai_feedback import serve
from otel_ai_feedback.store import facts

from .pages import ROOT

README = (ROOT / "README.md").read_text()
ANSWER = "The Rhine, the Nile and the Amazon are three rivers."
# What the README leaves to a Django project: the page and the view that answers.
URLS = """
import json
from pathlib import Path

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from openai import OpenAI


@csrf_exempt
def chat(request):
    completion = OpenAI().chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": json.loads(request.body)["question"]}],
    )
    return JsonResponse({"answer": completion.choices[0].message.content})


urlpatterns = [
    path("", lambda request: HttpResponse(Path("page.html").read_text())),
    path("chat", chat),
]
"""
WAIT_SECONDS = 120


def block(after, language):
    """The first block in a language after some words."""
    return re.search(rf"{re.escape(after)}.*?```{language}\n(.*?)```", README, re.DOTALL)[1]


def fastapi(directory, port):
    (directory / "app.py").write_text(block("**FastAPI**", "python"))
    return ["-m", "uvicorn", "app:app", "--port", port]


def flask(directory, port):
    (directory / "app.py").write_text(block("**Flask**", "python"))
    return ["-m", "flask", "run", "--port", port]


def django(directory, port):
    command = [sys.executable, "-m", "django", "startproject", "shop", "."]
    subprocess.run(command, cwd=directory, check=True)
    (directory / "shop/wsgi.py").write_text(block("**Django**", "python"))
    (directory / "shop/urls.py").write_text(URLS)
    return ["manage.py", "runserver", "--noreload", port]


class Model(BaseHTTPRequestHandler):
    """A model server on this machine that knows one answer."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        message = {"role": "assistant", "content": ANSWER}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        completion = {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "gpt-4o-mini",
            "choices": [choice],
        }  # fmt: skip
        body = json.dumps(completion).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def model():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()


@pytest.fixture
def receiver(clean, settings):
    with serve.running(settings, port=0, jobs_every=None) as server:
        yield server.url


@contextlib.contextmanager
def running(make, directory, model, receiver):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    (directory / "page.html").write_text(block("In the page, whichever", "html"))
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    given = {
        "OTEL_SERVICE_NAME": "support",
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_AI_FEEDBACK_STATE_DIR": str(directory / "state"),
        "OPENAI_BASE_URL": model,
        "OPENAI_API_KEY": "none",
    }
    process = subprocess.Popen(
        [sys.executable, *make(directory, port)], cwd=directory, env=ours | given,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=60)


def opened(process, web):
    """The page, once the application answers."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            return web.get("/")
        time.sleep(0.3)
    raise AssertionError(process.communicate(timeout=10)[1] if process.poll() is not None else "")


@pytest.mark.slow
@pytest.mark.parametrize("make", [fastapi, flask, django])
def test_an_application_of_the_readme_reaches_a_linked_action(
    make, tmp_path, model, receiver, clean
):
    with (
        running(make, tmp_path, model, receiver) as (process, url),
        httpx.Client(base_url=url, timeout=60) as web,
    ):
        page = opened(process, web)
        for script in re.findall(r'src="(/_ai_feedback/[^"]+)"', page.text):
            assert web.get(script).status_code == 200
        answered = web.post("/chat", json={"question": "Name three rivers."})
        assert answered.json() == {"answer": ANSWER}
        now = time.time() * 1000
        action = {
            "action_id": "1", "handle": answered.headers["AI-Feedback-Handle"], "action": "copy",
            "value": 1.0, "time": now,
        }  # fmt: skip
        sent = web.post("/_ai_feedback/actions", json={"sent": now, "actions": [action]})
        assert sent.status_code == 204
        until = time.monotonic() + WAIT_SECONDS
        found = []
        while not found and time.monotonic() < until:
            time.sleep(0.5)
            facts.catch_up(clean)
            found = clean.query(
                "select o.service, o.model, a.action from actions as a join outputs as o "
                "using (output_id)"
            ).result_rows
    assert found == [("support", "gpt-4o-mini", "copy")]
    # The answer is listed with its user actions.
    facts.catch_up(clean)
    outputs = httpx.get(f"{receiver}/outputs", timeout=60).text
    assert "gpt-4o-mini" in outputs
    assert '<span class="chip">copied</span>' in outputs
