"""The layout is the architecture: imports between the rooms go one way."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src/otel_ai_feedback"
BASE = {
    "attributes", "config", "escaping", "evaluators", "formats", "json_output", "secret_file",
    "setting_values", "_version", "intervals", "signals", "tagging_remedies", "toml_files",
}  # fmt: skip
ROOMS = BASE | {
    "store", "pages", "review", "triage", "alerts", "compare", "grafana", "serve", "capture",
    "warehouse",
}  # fmt: skip
MAY_IMPORT = {
    "intervals": set(),
    # Statements alone.
    "health": set(),
    "signals": {"attributes"},
    "capture": BASE,
    "store": BASE,
    "pages": BASE | {"store"},
    "alerts": BASE | {"store"},
    "compare": BASE | {"store", "pages"},
    "warehouse": BASE | {"store"},
    # These three do not import each other.
    "review": BASE | {"store", "pages", "compare"},
    "triage": BASE | {"store", "pages", "alerts"},
    "grafana": BASE | {"store", "pages", "alerts"},
    # Its endpoint for beacons is the one of the middleware.
    "serve": ROOMS - {"serve"},
    "web": {"capture"},
    # Looks at everything from outside.
    "doctor": ROOMS - {"serve"},
    "demo": ROOMS,
    "cli": ROOMS | {"doctor", "demo"},
}
CAPTURE_MAY_LOAD = {"opentelemetry", "otel_ai_feedback"}


def _imports(file: Path):
    package = ["otel_ai_feedback", *file.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _files(room: str):
    return [*(PACKAGE / room).rglob("*.py")] or [PACKAGE / f"{room}.py"]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(room):
    rooms = {p.stem for p in PACKAGE.iterdir()} - {"__init__", "__pycache__"}
    for file in _files(room):
        for name in _imports(file):
            parts = name.split(".")
            if parts[0] == "otel_ai_feedback" and len(parts) > 1 and parts[1] in rooms - {room}:
                assert parts[1] in MAY_IMPORT[room], f"{file} imports {name}"


def test_every_room_has_its_place():
    rooms = {file.relative_to(PACKAGE).parts[0] for file in PACKAGE.glob("*/**/*.py")}
    assert rooms == {room for room in MAY_IMPORT if (PACKAGE / room).is_dir()}
    modules = {file.stem for file in PACKAGE.glob("*.py")} - {"__init__"}
    assert modules == {name for name in BASE if (PACKAGE / f"{name}.py").is_file()}


@pytest.mark.parametrize("name", sorted(BASE - {"intervals"}))
def test_what_everything_rests_on_imports_nothing_else(name):
    for imported in _imports(PACKAGE / f"{name}.py"):
        parts = imported.split(".")
        if parts[0] == "otel_ai_feedback" and len(parts) > 1:
            assert parts[1] in BASE, f"{name} imports {imported}"


def _graph():
    """Every module with the modules of this package that it imports, type-only imports included."""
    files = {}
    for file in PACKAGE.rglob("*.py"):
        parts = ("otel_ai_feedback", *file.relative_to(PACKAGE).with_suffix("").parts)
        files[".".join(parts).removesuffix(".__init__")] = file
    graph = {}
    for name, file in files.items():
        # "from room import module" names the room as well, which only holds the module.
        found = set(_imports(file)) & files.keys()
        graph[name] = {m for m in found if not any(o.startswith(f"{m}.") for o in found)} - {name}
    return graph


def _circle(graph):
    """The modules of one circle; empty when there is none."""
    left = {name: set(found) for name, found in graph.items()}
    while free := {name for name, found in left.items() if not found & left.keys()}:
        left = {name: found for name, found in left.items() if name not in free}
    return sorted(left)


def test_no_module_imports_in_a_circle():
    assert _circle(_graph()) == []


def test_a_circle_is_found():
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}) == list("abcd")


def test_capture_needs_only_opentelemetry_and_the_standard_library():
    for file in [*(PACKAGE / "capture").rglob("*.py"), PACKAGE / "__init__.py"]:
        for name in _imports(file):
            top = name.split(".")[0]
            assert top in sys.stdlib_module_names | CAPTURE_MAY_LOAD | {""}, f"{file}: {name}"


def test_a_long_file_says_why_it_is_one():
    tracked = subprocess.run(
        ["git", "ls-files", "*.py", "*.sql", "*.js", "*.mjs", "*.css", "*.html"],
        cwd=ROOT, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    if not tracked:
        pytest.skip("not a checkout")
    for name in tracked:
        lines = (ROOT / name).read_text().splitlines()
        if len(lines) > 400:
            reason = " ".join("\n".join(lines[:40]).split())
            assert "One file, although it is long" in reason, f"{name}: {len(lines)} lines"
