"""What the script costs a page with many answers: CPU time and long tasks, with and without it.

Tasks are measured by the CPU time of the page's main thread, as a busy machine makes every task
long by the clock. Needs Chromium (``CHROMIUM``, by default /usr/bin/chromium); without one it says
so and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from otel_ai_feedback.capture.web.script_files import DIRECTORY

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
ANSWERS = 500
LONG_TASK_MS = 50
WORDS = "the quick brown fox jumps over the lazy dog and then it rests a while "
FILL = """({ answers, words }) => {
  for (let i = 0; i < answers; i++) {
    const answer = document.createElement("div");
    answer.dataset.aiOutput = "handle" + i;
    answer.innerHTML = ("<p>" + words.repeat(8) + i + "</p>").repeat(3);
    document.body.append(answer);
  }
  document.body.getBoundingClientRect();
}"""
# What a person does on a long page; a streamed answer grows at its end meanwhile.
WORK = """async ({ script, answers, rounds }) => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  if (script) await import(script);
  const last = document.body.lastChild;
  for (let round = 0; round < rounds; round++) {
    last.append(" token");
    scrollTo(0, (document.body.scrollHeight * round) / rounds);
    if (round % 20 == 0) {
      getSelection().selectAllChildren(document.body.children[round % answers]);
      document.dispatchEvent(new ClipboardEvent("copy", { bubbles: true }));
    }
    await pause(10);
  }
  await pause(300);
}"""
# One task of a thread, with its CPU time.
CATEGORIES = ["toplevel", "__metadata"]
TASK = "ThreadControllerImpl::RunTask"


class Quiet(SimpleHTTPRequestHandler):
    """Serves the script files and an empty page; takes beacons."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """A script file, or the page."""
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>page</title><body></body>")

    def do_POST(self) -> None:
        """A beacon."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()


def measure(browser: Any, url: str, script: str | None, rounds: int) -> dict[str, float]:
    """One page; milliseconds of CPU time."""
    page = browser.new_page()
    page.goto(url)
    page.evaluate(FILL, {"answers": ANSWERS, "words": WORDS})
    page.wait_for_timeout(500)
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.evaluate(WORK, {"script": script, "answers": ANSWERS, "rounds": rounds})
    tasks = cpu_ms(json.loads(browser.stop_tracing())["traceEvents"])
    page.close()
    return {
        "longest_task_ms": round(max(tasks), 1),
        "long_tasks": sum(task > LONG_TASK_MS for task in tasks),
        "main_thread_ms": round(sum(tasks), 1),
    }


def cpu_ms(events: list[dict[str, Any]]) -> list[float]:
    """CPU time of each task of the page's main thread, which is the busiest of its kind."""
    threads = {
        (event["pid"], event["tid"]): [0.0]
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    for event in events:
        thread = threads.get((event["pid"], event["tid"]))
        if thread is not None and event["name"] == TASK and "tdur" in event:
            thread.append(event["tdur"] / 1000)
    return max(threads.values(), key=sum)


def main() -> None:
    """Measure the same page without and with the script, in turns."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    smoke = parser.parse_args().smoke
    if not Path(CHROMIUM).exists():
        print(json.dumps({"bench": "page_cost", "skipped": f"no Chromium at {CHROMIUM}"}))
        return
    from playwright.sync_api import sync_playwright

    handler = partial(Quiet, directory=str(DIRECTORY))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, sync_playwright() as running:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        pairs = [
            (
                measure(browser, url, None, 20 if smoke else 200),
                measure(browser, url, "/feedback.js", 20 if smoke else 200),
            )
            for _ in range(1 if smoke else 5)
        ]
        version = browser.version
        browser.close()
        server.shutdown()
    middle = sorted(pairs, key=lambda pair: pair[1]["longest_task_ms"])[len(pairs) // 2]
    result = {
        "bench": "page_cost",
        "chromium": version,
        "answers": ANSWERS,
        "without": middle[0],
        "with": middle[1],
        "long_tasks_with": [pair[1]["long_tasks"] for pair in pairs],
        "long_tasks_without": [pair[0]["long_tasks"] for pair in pairs],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
