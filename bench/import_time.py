"""What importing the capture part costs over the SDK's own imports; prints one JSON line.

``ms`` are medians of CPU milliseconds, each in an interpreter of its own and from cached byte code:

- ``sdk``: to import the SDK for traces and logs, which a service that exports them has done anyway;
- ``capture``: after that, to import ``otel_ai_feedback``;
- ``instrument``: after both, to call ``otel_ai_feedback.instrument()`` with a tracer provider; most
  of it is the GenAI utilities of OpenTelemetry, where those are installed.

They are taken in turns, because the machine's speed changes in the course of a run. ``ratio`` is
``capture`` to ``sdk``. ``modules`` counts what ``capture`` loads that the SDK has not: our own
modules, and others by name.

    python bench/import_time.py
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from typing import Any

from opentelemetry.sdk.version import __version__ as sdk_version

ROUNDS = 15
PACKAGE = "otel_ai_feedback"
STEPS = {
    "sdk": "import opentelemetry.sdk.trace.export, opentelemetry.sdk._logs.export",
    "capture": f"import {PACKAGE}",
    "instrument": f"{PACKAGE}.instrument(opentelemetry.sdk.trace.TracerProvider())",
}
CHILD = f"""
import json, sys, time
found = {{}}
for name, step in {STEPS!r}.items():
    before, start = set(sys.modules), time.process_time_ns()
    exec(step)
    took = (time.process_time_ns() - start) / 1e6
    found[name] = took, sorted(set(sys.modules) - before)
print(json.dumps(found))
"""


def measured(byte_code: str) -> dict[str, Any]:
    """Milliseconds and new modules of each step, in a new interpreter.

    Args:
        byte_code: Directory of the cached byte code.
    """
    environment = os.environ | {"PYTHONPYCACHEPREFIX": byte_code}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    run = subprocess.run(
        [sys.executable, "-c", CHILD], check=True, capture_output=True, text=True, env=environment
    )
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def main() -> None:
    """Import again and again."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    rounds = 1 if parser.parse_args().smoke else ROUNDS
    with tempfile.TemporaryDirectory() as byte_code:
        # Not counted: it writes the byte code.
        modules = measured(byte_code)["capture"][1]
        found = [measured(byte_code) for _ in range(rounds)]
    ours = [name for name in modules if name.partition(".")[0] == PACKAGE]
    result = {
        "bench": "import_time",
        "python": platform.python_version(),
        "sdk": sdk_version,
        "ms": {name: round(statistics.median(run[name][0] for run in found), 1) for name in STEPS},
        "ratio": round(statistics.median(run["capture"][0] / run["sdk"][0] for run in found), 2),
        "modules": {"ours": len(ours), "others": sorted(set(modules) - set(ours))},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
