"""How long does someone take who has only the README?

Three ways, each from an empty folder with an empty home, letter by letter as the README has it:

``demo``
    Clone, install, run the command under its marker, until the overview says how each feature
    stands. Beside that how long it takes from the installed environment, and its size on disk.
``app``
    Clone, install, start ``serve`` and the FastAPI application, ask a question and report a copy;
    until the list of answers shows it. A model server on this machine answers.
``wrong``
    The same application without the line that makes spans of model calls; until the first page
    names what is missing, from the question on.

Prints one JSON line::

    python bench/newcomer.py
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[1]
GOALS = {"demo_installed": 60, "demo": 90, "app": 180, "wrong": 15}
"""Seconds, on 2 quiet cores."""
GOAL_MEGABYTES = 650
GIVE_UP_SECONDS = 1800
POLL_SECONDS = 1.0
INSTRUMENTATION = "OpenAIInstrumentor().instrument()"


def readme_command(readme: str) -> str:
    """The command line under the marker of the demo."""
    found = re.findall(r"<!-- command: demo -->\s*```sh\n(.+?)\n```", readme, re.DOTALL)
    if len(found) != 1:
        raise SystemExit(f"README.md must give exactly one command line, not {len(found)}")
    command: str = found[0]
    return command


def block(readme: str, after: str, language: str) -> str:
    """The first block in a language after some words."""
    found = re.search(rf"{re.escape(after)}.*?```{language}\n(.*?)```", readme, re.DOTALL)
    if not found:
        raise SystemExit(f"README.md has no block in {language} after {after!r}")
    return found[1]


def free_port() -> int:
    """A port that no one has: the usual one may be taken on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def page(url: str) -> str:
    """A page, or nothing while there is none."""
    with suppress(OSError), urlopen(url, timeout=120) as answer:
        return str(answer.read().decode())
    return ""


def wait(what: str, found: Callable[[], Any]) -> Any:
    """What is found in the end."""
    until = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < until:
        if answer := found():
            return answer
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"gave up waiting for {what}")


@contextmanager
def running(command: str, folder: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """Run a command line until the block is left; gives the lines that it has said so far."""
    process = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    said: list[str] = []

    def listen(lines: IO[str]) -> None:
        for line in lines:
            said.append(line.rstrip())

    assert process.stdout is not None
    listener = threading.Thread(target=listen, args=(process.stdout,), daemon=True)
    listener.start()
    try:
        yield said
        if process.poll() not in (None, 0):
            raise SystemExit("\n".join([f"{command!r} ended:", *said[-20:]]))
    finally:
        if process.poll() is None:
            # Not SIGINT: what a shell starts in the background does not hear it.
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(120)


class Model(BaseHTTPRequestHandler):
    """A model server that knows one answer."""

    def do_POST(self) -> None:
        """Give it."""
        self.rfile.read(int(self.headers["content-length"]))
        message = {"role": "assistant", "content": "The Rhine, the Nile and the Amazon."}
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

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def demo(command: str, folder: Path, environment: dict[str, str]) -> None:
    """The demo, until its overview says how each feature stands."""
    with running(f"{command} --listen 127.0.0.1:{free_port()}", folder, environment) as said:

        def told() -> bool:
            url = re.search(r"^Pages: (\S+)", "\n".join(said), re.MULTILINE)
            return url is not None and page(url[1]).count('class="sentence"') >= 2

        wait("the overview", told)


def application(
    readme: str, folder: Path, environment: dict[str, str], *, complete: bool
) -> tuple[float, float]:
    """The FastAPI application: when it was asked, and when what was waited for was there."""
    app = block(readme, "**FastAPI**", "python")
    missing = app.replace(INSTRUMENTATION, "pass")
    if missing == app:
        raise SystemExit(f"the application of the README has no line {INSTRUMENTATION}")
    (folder / "app.py").write_text(app if complete else missing)
    (folder / "page.html").write_text(block(readme, "In the page, whichever", "html"))
    with ExitStack() as stack:
        model = ThreadingHTTPServer(("127.0.0.1", 0), Model)
        threading.Thread(target=model.serve_forever, daemon=True).start()
        stack.callback(model.shutdown)
        serve, port = f"http://127.0.0.1:{free_port()}", free_port()
        python = environment["PYTHON"]
        program = Path(python).with_name("otel-ai-feedback")
        started = f"{program} serve --listen {serve.removeprefix('http://')}"
        stack.enter_context(running(started, folder, environment))
        given = environment | {
            "OTEL_SERVICE_NAME": "support",
            "OTEL_EXPORTER_OTLP_ENDPOINT": serve,
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_BSP_SCHEDULE_DELAY": "1000",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model.server_port}/v1",
            "OPENAI_API_KEY": "none",
        }
        command = f"{python} -m uvicorn app:app --port {port}"
        stack.enter_context(running(command, folder, given))
        wait("the pages", lambda: page(f"{serve}/healthz"))
        url = f"http://127.0.0.1:{port}"
        wait("the application", lambda: page(url))
        asked = time.monotonic()
        handle = post(f"{url}/chat", {"question": "Name three rivers."})
        if complete:
            now = time.time() * 1000
            action = {"action_id": "1", "handle": handle, "action": "copy", "time": now}
            post(f"{url}/_ai_feedback/actions", {"sent": now, "actions": [action | {"value": 1.0}]})
            wait("the copy in the list", lambda: ">copied<" in page(f"{serve}/outputs"))
        else:
            wait("what is missing", lambda: "instrumentation is missing" in page(serve))
        return asked, time.monotonic()


def post(url: str, document: dict[str, Any]) -> str:
    """Send JSON; gives the handle that came with the answer, if one did."""
    request = Request(url, json.dumps(document).encode(), {"content-type": "application/json"})
    with urlopen(request, timeout=120) as answer:
        handle: str = answer.headers.get("AI-Feedback-Handle", "")
        return handle


def megabytes(folder: Path) -> int:
    """What a folder takes on disk."""
    kilobytes = subprocess.run(["du", "-sk", str(folder)], capture_output=True, check=True).stdout
    return int(kilobytes.split()[0]) // 1024


def main() -> int:
    """Go each way once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="use what is installed here")
    parser.add_argument("--only", choices=["demo", "app", "wrong"], help="one of the ways")
    options = parser.parse_args()
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as directory:
        empty = Path(directory)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OTEL_")},
            "HOME": str(empty),
            "XDG_STATE_HOME": str(empty / "state"),
            "XDG_CACHE_HOME": str(empty / "cache"),
            "PIP_CACHE_DIR": str(empty / "pip"),
        }
        environment.pop("VIRTUAL_ENV", None)
        began = time.monotonic()
        folder = ROOT
        if not options.smoke:
            folder = empty / "clone"
            subprocess.run(["git", "clone", "--quiet", f"file://{ROOT}", str(folder)], check=True)
        readme = (folder / "README.md").read_text()
        command = readme_command(readme)
        installing, _, starting = command.rpartition(" && ")
        if options.smoke:
            here = Path(sys.executable).parent
            starting = starting.replace(".venv/bin", str(here)) + " --days 1"
            python = Path(sys.executable)
        else:
            subprocess.run(["bash", "-euc", installing], cwd=folder, env=environment, check=True)
            python = folder / ".venv/bin/python"
            found["megabytes"] = megabytes(folder / ".venv")
        installed = time.monotonic()
        environment["PYTHON"] = str(python)
        if options.only in (None, "demo"):
            demo(starting, folder, environment)
            found["demo_installed"] = time.monotonic() - installed
            found["demo"] = time.monotonic() - began
        work = empty / "work"
        work.mkdir()
        if not options.smoke:
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", "fastapi"], check=True)
        for way, complete in (("app", True), ("wrong", False)):
            if options.only in (None, way):
                start = time.monotonic()
                environment["XDG_STATE_HOME"] = str(empty / way)
                asked, there = application(readme, work, environment, complete=complete)
                # Of the wrong way what counts is how soon the page says so.
                found[way] = there - (start - installed + began if complete else asked)
    print(
        json.dumps(
            {
                "bench": "newcomer",
                "smoke": options.smoke,
                **{name: round(value, 1) for name, value in found.items()},
                "goals": GOALS | {"megabytes": GOAL_MEGABYTES},
                "within_goals": all(
                    value <= (GOALS | {"megabytes": GOAL_MEGABYTES})[name]
                    for name, value in found.items()
                ),
                "load_average": [round(load, 1) for load in os.getloadavg()],
            }
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
