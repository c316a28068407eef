"""Is the release whole? Builds wheel and sdist, and tries each extra in an environment of its own.

    python release/check.py                                  every extra on every Python there is
    python release/check.py --python 3.11 --extra '' --extra serve

Needs `uv`, which finds interpreters and fetches those that are missing where it may. Prints one
JSON line; exits with 1 when something is wrong, after saying what.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import archive

ROOT = Path(__file__).parents[1]
PACKAGE = "otel_ai_feedback"
EXERCISES = Path(__file__).with_name("exercises")
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
EXTRAS = (
    "", "redis", "store", "serve", "parquet", "triage", "grafana", "grpc", "oidc", "completion",
    "demo",
)  # fmt: skip
# The builders of Grafana's dashboards need a newer Python.
LEAVES_OUT = {("3.10", "grafana")}

# Where files of the wheel come from that are not in the package's folder.
TAKEN_IN = {"grafana/dashboards": "grafana/made", "docs/runbooks": "grafana/runbooks"}
NEVER = re.compile(r"__pycache__|\.pyc$|\.map$|(^|/)tests?/|\.env|node_modules|(^|/)secrets/")


class WrongError(Exception):
    """Something is wrong with the release; the message says what."""


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Run a command and give its output.

    Raises:
        WrongError: It failed.
    """
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shown = " ".join(str(part) for part in command)
        raise WrongError(f"{shown}\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


def build(into: Path) -> tuple[Path, Path]:
    """Wheel and sdist, from what git knows."""
    run(sys.executable, "-m", "uv", "build", "--quiet", "--out-dir", into)
    (wheel,), (sdist,) = into.glob("*.whl"), into.glob("*.tar.gz")
    return wheel, sdist


def expected() -> set[str]:
    """What the package must hold, by path in it: all that git knows of it, and what is taken in."""
    found = set()
    source = f"src/{PACKAGE}/"
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", source)
    for name in listed.splitlines():
        if (ROOT / name).is_file():
            found.add(name.removeprefix(source))
    for folder, target in TAKEN_IN.items():
        found |= {
            f"{target}/{file.relative_to(ROOT / folder)}"
            for file in (ROOT / folder).rglob("*")
            if file.is_file()
        }
    return found


def check_contents(wheel: Path, sdist: Path, version: str) -> int:
    """Nothing is missing from the wheel, and nothing is in it that should not be.

    Returns:
        How many files it has.

    Raises:
        WrongError: Naming the files.
    """
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        metadata = opened.read(f"{PACKAGE}-{version}.dist-info/METADATA").decode()
        entry_points = opened.read(f"{PACKAGE}-{version}.dist-info/entry_points.txt").decode()
    inside = {name.removeprefix(f"{PACKAGE}/") for name in names if name.startswith(f"{PACKAGE}/")}
    beside = [name for name in names if not name.startswith((f"{PACKAGE}/", f"{PACKAGE}-"))]
    wanted = expected()
    for what, wrong in (
        ("missing from the wheel", wanted - inside),
        ("in the wheel and not in the package", inside - wanted),
        ("beside the package in the wheel", set(beside)),
        ("never to be shipped", {name for name in names if NEVER.search(name)}),
    ):
        if wrong:
            raise WrongError(f"{what}: {', '.join(sorted(wrong)[:20])}")
    if f"\nVersion: {version}\n" not in metadata:
        raise WrongError(f"the wheel's metadata do not have version {version}")
    for group in ("opentelemetry_instrumentor", "opentelemetry_pre_instrument", "console_scripts"):
        if f"[{group}]" not in entry_points:
            raise WrongError(f"the wheel has no entry points {group}")
    with tarfile.open(sdist) as opened_sdist:
        sources = {name.partition("/")[2] for name in opened_sdist.getnames()}
    for needed in ("pyproject.toml", "LICENSE", "README.md", f"src/{PACKAGE}/_version.py"):
        if needed not in sources:
            raise WrongError(f"{needed} is missing from the sdist")
    return len(names)


def interpreter(version: str) -> Path | None:
    """An interpreter of that version: found, of pyenv, or fetched where that may be."""
    uv = [sys.executable, "-m", "uv", "python"]
    find = [*uv, "find", "--no-project", version]
    found = subprocess.run(find, capture_output=True, text=True, check=False)
    if found.returncode:
        root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
        for own in sorted(root.glob(f"versions/{version}.*/bin/python"), reverse=True):
            return own
        subprocess.run([*uv, "install", version], capture_output=True, check=False)
        found = subprocess.run(find, capture_output=True, text=True, check=False)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def try_extra(wheel: Path, python: Path, extra: str, work: Path) -> float:
    """Install the wheel with an extra into an empty environment, and use it.

    Returns:
        Seconds.

    Raises:
        WrongError: It cannot be installed, or does not do what it should.
    """
    began = time.monotonic()
    environment = work / f"env-{extra or 'core'}"
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", python, environment)
    own = environment / "bin/python"
    wanted = f"{wheel}[{extra}]" if extra else str(wheel)
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", own, wanted)
    run(sys.executable, "-m", "uv", "pip", "check", "--quiet", "--python", own)
    for exercise in ("core", extra) if extra else ("core",):
        run(own, "-I", EXERCISES / f"{exercise}.py", work, cwd=work)
    return time.monotonic() - began


def check_types(wheel: Path, work: Path) -> None:
    """Check a user's program against the installed wheel, strictly: its mistakes must be found.

    Raises:
        WrongError: Types do not ship, or do not say what they should.
    """
    environment = work / "env-types"
    run(sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, environment)
    own = environment / "bin/python"
    run(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", own, wheel, "mypy")
    for file in EXERCISES.glob("typed_*.py"):
        done = subprocess.run(
            [own, "-I", "-m", "mypy", "--strict", "--no-incremental", str(file)],
            cwd=work, capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = file.read_text().splitlines()
        wanted = {number for number, line in enumerate(lines, 1) if "# wrong" in line}
        found = {int(n) for n in re.findall(r"^\S+?:(\d+): error:", done.stdout, re.MULTILINE)}
        if found != wanted:
            raise WrongError(
                f"mypy on {file.name} finds mistakes in lines {sorted(found)}, not in "
                f"{sorted(wanted)}:\n{done.stdout}{done.stderr}"
            )


def main(arguments: Sequence[str] | None = None) -> int:
    """Check everything that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", action="append", choices=PYTHONS, help="repeatable; all")
    parser.add_argument("--extra", action="append", choices=EXTRAS, help="repeatable; all")
    parser.add_argument("--no-types", action="store_true", help="leave out the check of types")
    options = parser.parse_args(arguments)
    version = archive.version()
    wrong: list[str] = []
    tried: dict[str, dict[str, float]] = {}
    lacking: list[str] = []
    files = 0
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        try:
            wheel, sdist = build(work / "dist")
            files = check_contents(wheel, sdist, version)
            if not options.no_types:
                check_types(wheel, work)
        except WrongError as error:
            wrong.append(str(error))
        for name in options.python or PYTHONS if not wrong else ():
            python = interpreter(name)
            if python is None:
                lacking.append(name)
                continue
            for extra in options.extra or EXTRAS:
                if (name, extra) in LEAVES_OUT:
                    continue
                with tempfile.TemporaryDirectory(dir=work) as own:
                    try:
                        seconds = try_extra(wheel, python, extra, Path(own))
                        tried.setdefault(name, {})[extra or "core"] = round(seconds, 1)
                        sys.stderr.write(f"Python {name}, extra {extra or 'none'}: works\n")
                    except WrongError as error:
                        wrong.append(f"Python {name}, extra {extra or 'none'}: {error}")
    for one in wrong:
        sys.stderr.write(f"{one}\n")
    print(
        json.dumps(
            {
                "check": "release",
                "version": version,
                "files": files,
                "seconds": tried,
                "no_interpreter": lacking,
                "wrong": len(wrong),
            }
        )
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
