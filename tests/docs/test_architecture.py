"""The files that docs/architecture.md sends people to are there."""

import re

from .pages import DOCS, ROOT

PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "src/otel_ai_feedback"
# By the beginning of a question: what its files must contain, or the change goes somewhere else.
SOUGHT = {
    "A new instrumentation puts": r"\bSOURCES\b",
    "An action is matched": r"\bambiguous\b",
    "The script misses a copy": r"\bcopy\b",
    "The receiver must accept": r"ExportTraceServiceRequest",
    "A signal needs another name": r"Signal\(",
    "A drift threshold": r"6, 3\.5",
    "Another tool's feedback": r"gen_ai",
    "An alert needs another": r"threshold=",
    "A health check needs another": r"jobs-late",
    "An incident goes to the wrong": r"\bowner\b",
    "A number or a date": r"def percent",
    "A word on a page": r"pattern = ",
}


def _section(title):
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def test_ten_questions_where_a_change_would_go_name_files_that_exist():
    table = _section("Where would this change go?")
    rows = re.findall(r"^\| (?!question|---)(.+?) \| (.+?) \|$", table, re.MULTILINE)
    assert len(rows) >= 10
    for question, answer in rows:
        named = re.findall(r"`([^`]+)`", answer)
        assert named, question
        for file in named:
            assert (ROOT / file).is_file(), f"{question}: {file}"
            # What has to be changed stands there.
            sought = next(word for asked, word in SOUGHT.items() if asked in question)
            assert re.search(sought, (ROOT / file).read_text()), f"{question}: {sought} in {file}"


def test_the_way_of_data_names_modules_that_exist():
    named = re.findall(r"`((?:\w+/)+\w+\.py)`", _section("Three pieces of data, all the way"))
    assert len(named) > 15
    for file in named:
        assert (PACKAGE / file).is_file(), file


def test_every_room_is_in_the_table():
    for room in PACKAGE.iterdir():
        if room.is_dir() and room.name != "__pycache__":
            assert f"| `{room.name}/` |" in PAGE, room.name
