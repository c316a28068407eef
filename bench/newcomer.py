"""How long does someone take who has only the README, from nothing to a signal on a chart?

Clones the repository into an empty folder with an empty home, runs the command line that the README
gives under its marker, letter by letter, and asks the pages at the address that it prints until a
chart shows the rate of a signal that was linked to an output. Prints one JSON line.

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).parents[1]
GOAL_SECONDS = 180
GIVE_UP_SECONDS = 1800
POLL_SECONDS = 3.0
# A point of a chart as the page has it for those who read numbers, with the outputs behind it.
_POINT = re.compile(
    r'<td data-v="([^"]+)" class="number">'
    r'<a href="[^"]*var-signal=(\w+)&amp;var-model=([^&"]+)&amp;'
)


def readme_command(readme: str) -> str:
    """The command line under the marker."""
    found = re.findall(r"<!-- command: demo -->\s*```sh\n(.+?)\n```", readme, re.DOTALL)
    if len(found) != 1:
        raise SystemExit(f"README.md must give exactly one command line, not {len(found)}")
    command: str = found[0]
    return command


def smoke_command(command: str) -> str:
    """Its last part alone, with what is installed here, and as few days as there can be."""
    program = Path(sys.executable).with_name("otel-ai-feedback")
    started = command.rpartition("&& ")[2].replace(".venv/bin/otel-ai-feedback", str(program))
    return f"{started} --days 1"


def free_port() -> int:
    """A port that no one has: the usual one may be taken on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def charted(url: str) -> dict[str, float]:
    """The rates above zero that a chart shows, by signal and model, each at its oldest point."""
    try:
        with urlopen(f"{url}/charts/signals", timeout=120) as answer:
            page = answer.read().decode()
    except (URLError, OSError):
        return {}
    found: dict[str, float] = {}
    for value, signal_name, model in _POINT.findall(page):
        # The first of a row's numbers of a model is the rate, n and the interval come after it.
        found.setdefault(f"{signal_name} of {model}", float(value))
    return {name: value for name, value in found.items() if value > 0}


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


def main() -> int:
    """Run it once and print the line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="use what is installed here")
    options = parser.parse_args()
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
        command = readme_command((folder / "README.md").read_text())
        if options.smoke:
            command = smoke_command(command)
        cloned = time.monotonic() - began
        listening = None
        shown: dict[str, float] = {}
        with running(f"{command} --listen 127.0.0.1:{free_port()}", folder, environment) as said:
            while not shown and time.monotonic() - began < GIVE_UP_SECONDS:
                url = re.search(r"http://[\w.:\[\]-]+:\d+", "\n".join(said))
                if url:
                    listening = listening or time.monotonic() - began
                    shown = charted(url[0])
                if not shown:
                    time.sleep(POLL_SECONDS)
            seconds = time.monotonic() - began
    print(
        json.dumps(
            {
                "bench": "newcomer",
                "smoke": options.smoke,
                "command": command,
                "cloned_after": round(cloned, 1),
                "page_after": None if listening is None else round(listening, 1),
                "seconds": round(seconds, 1),
                "goal_seconds": GOAL_SECONDS,
                "within_goal": bool(shown) and seconds <= GOAL_SECONDS,
                "signals": shown,
                "load_average": [round(load, 1) for load in os.getloadavg()],
            }
        )
    )
    return 0 if shown else 1


if __name__ == "__main__":
    raise SystemExit(main())
