"""A store as the demo leaves it, for benchmarks that ask what people ask."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = [
    sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())",
]  # fmt: skip


def arguments(description: str | None) -> argparse.Namespace:
    """What such a benchmark takes on its command line."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=28, help="of the demo; default 28")
    parser.add_argument("--state", type=Path, help="where a demo has run; by default one is run")
    parser.add_argument("--only", default="", metavar="PATTERN", help="what is measured")
    parser.add_argument(
        "--smoke", action="store_true", help="a short demo, each once; fails beyond the ceiling"
    )
    options = parser.parse_args()
    if options.smoke:
        options.days = 3
    return options


@contextmanager
def state(options: argparse.Namespace) -> Iterator[dict[str, str]]:
    """The environment in which commands find the demo's store."""
    with tempfile.TemporaryDirectory() as directory:
        environment = os.environ | {
            "OTEL_AI_FEEDBACK_STATE_DIR": str(options.state or directory),
        }
        if options.state is None:
            subprocess.run(
                [*PROGRAM, "demo", "--once", "--json", "--days", str(options.days)],
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        yield environment
