"""Drafts that start from an answer: how much of it survives, and when."""

import pytest

from .chain import TEXT

pytestmark = pytest.mark.browser
FORM = "?body=<form method=dialog></form>"


def draft(tab, tag="textarea", into="form"):
    (handle,) = tab.chain.outputs(TEXT)
    with tab.page.expect_request("**/feedback-draft.js"):
        tab.show(handle, TEXT, tag=tag, attribute="data-ai-draft", into=into)
    tab.page.wait_for_timeout(300)


def test_edited_and_sent(tab):
    tab.open(FORM)
    draft(tab)
    tab.page.evaluate("document.querySelector('form').append(document.createElement('button'))")
    field = tab.page.locator("textarea")
    field.focus()
    tab.page.keyboard.press("Control+End")
    for _ in range(50):  # of 199 characters
        tab.page.keyboard.press("Backspace")
    tab.page.locator("button").click()
    (row,) = tab.wait_for(1, "edit")
    assert row.value == pytest.approx(50 / 199)
    assert float(row.particulars["kept_share"]) == pytest.approx(149 / 199)
    assert "checkpoint" not in row.particulars
    assert [row.output_id] == tab.chain.output_ids()


def test_used_as_it_was(tab):
    tab.open(FORM)
    draft(tab)
    tab.page.evaluate("document.querySelector('form').requestSubmit()")
    (row,) = tab.wait_for(1, "edit")
    assert row.value == 0
    assert float(row.particulars["kept_share"]) == 1


def test_accepted_by_a_control_beside_an_editable_element(tab):
    tab.open("?body=<section></section>")
    draft(tab, "div", "section")
    tab.page.evaluate(
        """() => {
          const editor = document.querySelector("[data-ai-draft]");
          editor.contentEditable = true;
          editor.insertAdjacentHTML("afterend", "<button data-ai-action=accept>Use</button>");
          editor.focus();
        }"""
    )
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.type("something of my own")
    tab.page.get_by_text("Use").click()
    accept, edit = sorted(tab.wait_for(2, "accept", "edit"))
    assert accept.output_id == edit.output_id
    assert edit.value > 0.8


def test_survival_at_each_checkpoint(tab):
    tab.page.clock.install()
    tab.open(FORM)
    draft(tab)
    tab.page.clock.run_for(2000)
    tab.page.clock.run_for(60_000)
    tab.page.locator("textarea").fill(TEXT[:99])
    tab.page.clock.run_for(900_000)
    tab.hide()
    found = tab.wait_for(5, "edit")
    kept = {
        int(row.particulars["checkpoint"]): float(row.particulars["kept_share"]) for row in found
    }
    assert kept == {30: 1, **dict.fromkeys((120, 300, 600, 900), pytest.approx(99 / 199))}


def test_a_draft_that_was_thrown_away_has_no_survival(tab):
    tab.page.clock.install()
    tab.open(FORM)
    draft(tab)
    tab.page.clock.run_for(40_000)
    tab.page.evaluate("document.querySelector('textarea').remove()")
    tab.page.clock.run_for(900_000)
    tab.hide()
    (row,) = tab.wait_for(1, "edit")
    assert row.particulars["checkpoint"] == "30"
