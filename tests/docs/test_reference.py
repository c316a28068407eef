"""What can be read from the code has its place on a page, and says what the code says."""

import re
import runpy
from pathlib import Path

import pytest

from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.config import Settings
from otel_ai_feedback.setting_values import HEALTH_ALARMS
from otel_ai_feedback.store.relations import tables, views
from otel_ai_feedback.store.statements import statement
from otel_ai_feedback.toml_files import toml
from otel_ai_feedback.warehouse.datasets import DATASETS

from .pages import DOCS, PAGES, ROOT, name

REFERENCE = runpy.run_path(str(DOCS / "make/reference.py"))


@pytest.mark.parametrize("page", PAGES[1:], ids=name)
def test_pages_are_those_that_the_code_writes(page):
    assert page.read_text() == REFERENCE["rendered"](page.read_text()), (
        "run `python docs/make/reference.py`"
    )


def test_every_block_that_can_be_made_is_on_a_page():
    text = "".join(page.read_text() for page in PAGES)
    made = set(re.findall(r"<!-- made: ([a-z-]+(?: [a-z-]+)?) -->", text))
    commands = {f"command {command}" for command in REFERENCE["_commands"]()}
    datasets = {f"warehouse {dataset.name}" for dataset in DATASETS}
    with_arguments = {"command", "warehouse"}
    assert made == commands | datasets | set(REFERENCE["MADE"]) - with_arguments


def test_every_setting_is_described_once():
    text = Settings.__doc__ or ""
    for field in Settings.__dataclass_fields__:
        assert len(re.findall(rf"^ {{8}}{field}: ", text, re.MULTILINE)) == 1, field
    assert set(REFERENCE["described"](text)) == set(Settings.__dataclass_fields__)


def test_every_option_has_its_help():
    for command, (_, parser) in REFERENCE["_commands"]().items():
        for part in REFERENCE["_parts"](parser):
            for option in part._actions:
                assert option.help or REFERENCE["_label"](option) == "", (command, option.dest)


def test_every_view_is_on_the_page_of_views():
    page = (DOCS / "views.md").read_text()
    for view in views():
        assert re.search(rf"`{view.name}[`(]", page), view.name


def test_every_table_is_on_the_page_of_the_store():
    made = {table.name for table in tables()}
    page = (DOCS / "store.md").read_text()
    section = page.partition("## What is in it")[2].partition("\n## ")[0]
    told = {
        table
        for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        for table in re.findall(r"`(\w+)`", row)
    }
    assert made <= told
    assert told <= made | {view.name for view in views()}


def test_every_rule_has_its_page_and_every_page_its_rule():
    runbooks = {file.stem for file in (DOCS / "runbooks").glob("*.md")}
    assert runbooks == {rule.name for rule in RULES}


def test_every_dashboard_has_its_page():
    boards = {file.stem for file in (ROOT / "grafana/dashboards").glob("*.json")}
    assert boards == {file.stem for file in (DOCS / "dashboards").glob("*.md")}


def test_thresholds_of_health_are_those_of_the_view():
    text = statement("health/tables/health_checks.set").text
    defaults = {
        alarm: float(threshold)
        for alarm, threshold in re.findall(r"\('([\w-]+)', '\w+', '\w+', ([\d.]+)\)", text)
    }
    page = (DOCS / "health.md").read_text()
    told = {
        alarm: float(threshold)
        for alarm, threshold in re.findall(
            r"^\| \[`([\w-]+)`\].*\| `([\d.]+)` \|$", page, re.MULTILINE
        )
    }
    assert told == defaults
    assert set(told) == set(HEALTH_ALARMS)


def test_figures_of_the_readme_are_those_of_their_pages():
    text = (ROOT / "README.md").read_text()
    rows = re.findall(
        r"^\| (.+?) \| (.+?) \| \[.+?\]\((docs/\S+?\.md)(?:#\S+)?\) \|$", text, re.MULTILINE
    )
    assert len(rows) == 5
    for what, told, page in rows:
        figure = re.match(r"[\d.,]+(?: (?:and|of) [\d.,]+)?", told)
        assert figure is not None, what
        assert re.search(rf"\b{figure[0]}\b", (ROOT / page).read_text()), (what, told, page)


def test_every_page_has_its_place_in_the_navigation():
    listed = []

    def walk(entries):
        for entry in entries:
            for target in entry.values():
                if isinstance(target, str):
                    listed.append(target)
                else:
                    walk(target)

    walk(toml((ROOT / "zensical.toml").read_text())["project"]["nav"])
    there = {str(Path(page).relative_to(DOCS)) for page in PAGES[1:]}
    assert sorted(listed) == sorted(there), "list it under `nav` in zensical.toml"
