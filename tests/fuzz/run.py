"""Fuzz one target, or all in turn, guided by coverage.

``python tests/fuzz/run.py sql --seconds 600`` needs ``pip install atheris``, which has wheels for
some versions of Python only. It ends with 1, and shows the input, when something was raised that
may not be.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main():
    """Run each target in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if options.one:
        return _one(options.one, options.seconds)
    from tests.fuzz.targets import TARGETS

    failed = []
    for name in options.target or TARGETS:
        done = subprocess.run(
            [sys.executable, __file__, "--one", name, "--seconds", str(options.seconds)],
            stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        last = next(
            (line for line in reversed(done.stderr.splitlines()) if line.startswith("Done")), ""
        )
        print(f"{name}: {last or 'failed'}", flush=True)
        if done.returncode:
            print(done.stderr[-5000:], flush=True)
            failed.append(name)
    return 1 if failed else 0


def _one(name, seconds):
    import atheris

    with atheris.instrument_imports(include=["otel_ai_feedback"]):
        from tests.fuzz.targets import SEEDS, TARGETS

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(SEEDS[name]):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup(
            [sys.argv[0], f"-max_total_time={seconds}", "-max_len=4096", "-rss_limit_mb=3000",
             corpus],
            TARGETS[name],
        )  # fmt: skip
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
