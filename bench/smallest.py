"""On how small a machine does `serve` do a day of 1,000 answers?

Starts `serve` with the embedded engine and sends a day of outputs and user actions, as a Collector
would, in pieces; the jobs run as they always do, and each page is opened. With ``--limit`` the
process may not have more data (``RLIMIT_DATA``, which counts what is reserved too); the engine
sizes its caches by it, as by the limit of a container. Prints one JSON line: peak of the memory
that is its own (``anonymous``) and of what the system may take back (``file``: the engine's
program), in MiB, and whether everything was answered; if not, exits with 1.

    python bench/smallest.py
    python bench/smallest.py --limit 1024
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

PROGRAM = [
    sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())",
]  # fmt: skip
PAGES = ("/", "/outputs", "/health", "/traffic", "/charts", "/charts/signals")
DAY = 86_400
MIB = 1024 * 1024
PATIENCE = 120  # seconds until what was sent is counted


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--answers", type=int, default=1_000, help="of a day")
    options.add_argument("--limit", type=int, default=0, help="MiB of data; none by default")
    options.add_argument("--seconds", type=float, default=90, help="how long it goes on after it")
    options.add_argument("--smoke", action="store_true", help="few answers, as CI does")
    chosen = options.parse_args()
    if chosen.smoke:
        chosen.answers, chosen.seconds = 50, 3
    with tempfile.TemporaryDirectory() as directory:
        found = measured(Path(directory), chosen)
    print(json.dumps(found))
    sys.exit(bool(found["troubles"]))


def measured(directory: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """What `serve` took, and what it did not answer."""
    serve = started(directory, chosen.limit)
    peak: dict[str, int] = {}
    troubles: list[str] = []
    over = threading.Event()
    watching = threading.Thread(target=watch, args=(serve.pid, peak, over))
    watching.start()
    try:
        with httpx.Client(base_url=announced(serve), timeout=120) as client:
            for sent in bodies(chosen.answers):
                note(troubles, client.post("/v1/traces", json=sent))
            until = time.monotonic() + chosen.seconds
            while True:
                for page in PAGES:
                    note(troubles, client.get(page))
                if time.monotonic() > until:
                    break
                time.sleep(2)
            until = time.monotonic() + PATIENCE
            while f">{chosen.answers}<" not in client.get("/traffic").text:
                if time.monotonic() > until:
                    troubles.append("not all answers are counted")
                    break
                time.sleep(1)
    finally:
        over.set()
        watching.join()
        serve.terminate()
        serve.wait(60)
    return {"answers": chosen.answers, "limit": chosen.limit, **peak, "troubles": troubles}


def started(directory: Path, limit: int) -> subprocess.Popen[str]:
    """`serve`, with a store of its own."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OTEL_")},
        "OTEL_AI_FEEDBACK_STATE_DIR": str(directory),
        "OTEL_AI_FEEDBACK_KEY": secrets.token_hex(16),
    }

    def bound() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_DATA, (limit * MIB, limit * MIB))

    return subprocess.Popen(
        [*PROGRAM, "serve", "--json", "--listen", "127.0.0.1:0"],
        env=environment,
        cwd=directory,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=bound,
    )


def announced(serve: subprocess.Popen[str]) -> str:
    """Where it listens."""
    assert serve.stdout is not None
    said = ""
    for line in serve.stdout:
        said += line
        if line == "}\n":
            return str(json.loads(said)["url"])
    raise SystemExit("serve does not start")


def watch(pid: int, peak: dict[str, int], over: threading.Event) -> None:
    """Keep the most that a process had, in MiB."""
    names = {"RssAnon": "anonymous", "RssFile": "file", "VmRSS": "resident"}
    while not over.wait(0.2):
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            return
        for name, _, rest in (line.partition(":") for line in lines):
            if name in names:
                found = int(rest.split()[0]) // 1024
                peak[names[name]] = max(peak.get(names[name], 0), found)


def bodies(answers: int) -> list[dict[str, Any]]:
    """A day of outputs, each copied 9 seconds later, in requests of 50."""
    now = time.time()
    spans = []
    for number in range(answers):
        at = now - DAY / 2 + number * DAY / 3 / answers
        trace, span = secrets.token_hex(16), secrets.token_hex(8)
        spans += [output(trace, span, at, number % 40), copied(trace, span, at)]
    resource_attributes = pairs(
        {"service.name": "shop", "deployment.environment.name": "production",
         "ai_feedback.backfill": "true"}
    )  # fmt: skip
    return [
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": resource_attributes},
                    "scopeSpans": [{"spans": spans[start : start + 100]}],
                }
            ]
        }
        for start in range(0, len(spans), 100)
    ]


def output(trace: str, span: str, at: float, user: int) -> dict[str, Any]:
    """The span of a model call, as capture tags it."""
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.response.model": "small",
        "ai_feedback.output.time": int(at),
        "ai_feedback.output.hash": "hmac-sha256:" + secrets.token_hex(16),
        "ai_feedback.output.length": 400,
        "ai_feedback.request.span_id": span,
        "ai_feedback.request.seq": 1,
        "ai_feedback.handle.kind": "output",
        "ai_feedback.feature": "chat",
        "ai_feedback.subject": f"user-{user}",
    }
    return spanned(trace, span, at, 2.0, attributes)


def copied(trace: str, span: str, at: float) -> dict[str, Any]:
    """The action that someone copied it."""
    attributes = {
        "ai_feedback.action.name": "copy",
        "ai_feedback.action.id": secrets.token_hex(16),
        "ai_feedback.action.source": "browser",
        "ai_feedback.action.value": 1.0,
        "ai_feedback.output.time": int(at),
        "ai_feedback.link.method": "handle",
    }
    action = spanned(secrets.token_hex(16), secrets.token_hex(8), at + 9, 0.0, attributes)
    return action | {"links": [{"traceId": trace, "spanId": span}]}


def spanned(
    trace: str, span: str, at: float, seconds: float, attributes: dict[str, Any]
) -> dict[str, Any]:
    """A span in OTLP's JSON."""
    return {
        "traceId": trace,
        "spanId": span,
        "name": "chat",
        "kind": 3,
        "startTimeUnixNano": str(int(at * 1e9)),
        "endTimeUnixNano": str(int((at + seconds) * 1e9)),
        "attributes": pairs(attributes),
        "status": {},
    }


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    """Attributes in OTLP's JSON."""
    kinds = {str: "stringValue", float: "doubleValue", int: "intValue"}
    return [
        {"key": key, "value": {kinds[type(value)]: str(value) if type(value) is int else value}}
        for key, value in attributes.items()
    ]


def note(troubles: list[str], answer: httpx.Response) -> None:
    """Keep what was not answered well."""
    if answer.status_code != 200:
        troubles.append(f"{answer.request.url.path}: {answer.status_code}")


if __name__ == "__main__":
    main()
