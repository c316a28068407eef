"""Chats of frameworks as their own documentation builds them: seen with markup or without."""

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
FRAMEWORKS = Path(__file__).with_name("frameworks")
ANSWER = "Plan the move backwards from the day you hand over the keys, and mark each box."
OTHER = "Cats nap for most of the day, and hunt for the rest of it."


@pytest.fixture(scope="module")
def build(files, tmp_path_factory):
    """Builds one of the pages, as an application would."""
    if shutil.which("npm") is None:
        pytest.skip("no npm; install Node.js")
    directory = tmp_path_factory.mktemp("frameworks") / "app"
    shutil.copytree(FRAMEWORKS, directory)
    run = {"cwd": directory, "check": True, "timeout": 600}
    install = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(install, **run)

    def build(entry):
        name = f"{Path(entry).stem}.js"
        subprocess.run(["node", "build.mjs", entry, files / name], **run)
        return f"/files/{name}"

    return build


def load(tab, source, query):
    tab.open(query)
    tab.page.evaluate("source => { import(source) }", source)


def ask(tab, field, text):
    """Type a question; the model says it back to front."""
    tab.page.locator(field).last.fill(text[::-1])
    tab.page.keyboard.press("Enter")


def shown(tab):
    return tab.page.locator("[data-ai-output]").all_inner_texts()


def copy_by_hand(tab, index):
    tab.page.evaluate(
        "index => getSelection().selectAllChildren("
        "document.querySelectorAll('[data-ai-output]')[index])",
        index,
    )
    tab.page.keyboard.press("Control+c")


def test_assistant_ui_without_markup(tab, build):
    load(tab, build("assistant_ui.jsx"), "?loose&auto")
    for count, text in enumerate((ANSWER, OTHER), start=1):
        ask(tab, "textarea:visible", text)
        tab.until(f"document.querySelectorAll('.answer [data-ai-output]').length == {count}")
        tab.page.get_by_text(text).wait_for()
    tab.page.wait_for_timeout(500)
    assert [ANSWER in shown(tab)[0], OTHER in shown(tab)[1]] == [True, True]
    first = tab.page.locator(".answer").first
    first.hover()
    first.get_by_text("Copy").click()
    tab.wait_for(1, "copy")  # two at once may come in any order
    copy_by_hand(tab, 1)
    found = tab.wait_for(2, "copy")
    assert [row.particulars["method"] for row in found] == ["button", "selection"]
    assert [row.output_id for row in found] == tab.chain.output_ids()
    assert [row.value for row in found] == pytest.approx([1, 1], abs=0.02)
    tab.page.locator(".answer").last.get_by_text("Again").click()
    (row,) = tab.wait_for(1, "regenerate")
    assert row.output_id == tab.chain.output_ids()[1]


def test_copilotkit_without_markup(tab, build):
    load(tab, build("copilotkit.jsx"), "?loose&auto")
    for count, text in enumerate((ANSWER, OTHER), start=1):
        ask(tab, "textarea:visible", text)
        tab.until(f"document.querySelectorAll('[data-ai-output]').length == {count}")
        tab.page.get_by_text(text).wait_for()
    tab.page.wait_for_timeout(500)
    assert [ANSWER in shown(tab)[0], OTHER in shown(tab)[1]] == [True, True]
    tab.wait_for(2, "seen")
    tab.page.get_by_test_id("copilot-copy-button").first.click()
    tab.wait_for(1, "copy")  # two at once may come in any order
    copy_by_hand(tab, 1)
    found = tab.wait_for(2, "copy")
    assert [row.particulars["method"] for row in found] == ["button", "selection"]
    assert [row.output_id for row in found] == tab.chain.output_ids()
    assert [row.value for row in found] == pytest.approx([1, 1], abs=0.02)


def test_svelte_with_the_handle_as_an_attribute(tab, build):
    load(tab, build("svelte.js"), "?loose")
    for count, text in enumerate((ANSWER, OTHER), start=1):
        ask(tab, "input", text)
        tab.until(f"document.querySelectorAll('textarea').length == {count}")
    tab.wait_for(2, "seen")
    tab.page.get_by_text("Copy").first.click()
    tab.wait_for(1, "copy")  # two at once may come in any order
    copy_by_hand(tab, 1)
    found = tab.wait_for(2, "copy")
    assert [row.output_id for row in found] == tab.chain.output_ids()
    tab.page.locator("textarea").last.focus()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type("!")
    tab.page.get_by_text("Use").last.click()
    (row,) = tab.wait_for(1, "edit")
    assert row.value == pytest.approx(1 / (len(OTHER) + 1))
    assert row.output_id == tab.chain.output_ids()[1]
