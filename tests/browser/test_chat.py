"""The example: a chat with streamed answers, a copy button, an editor, ratings and regenerate."""

import httpx
import pytest

from .chain import Chain, Tab

pytestmark = pytest.mark.browser


@pytest.fixture
def talk(context, chat, clean):
    tab = Tab(context.new_page(), Chain(chat, clean))
    tab.open(path="/")
    tab.page.get_by_placeholder("Ask anything").fill("How do I plan a move?")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_text("before you leave.").wait_for()
    return tab


def test_everything_a_person_can_do(talk):
    page, chain = talk.page, talk.chain
    (seen,) = chain.wait_for(1, "seen")
    page.get_by_text("Copy").click()
    page.get_by_title("Good answer").click()
    page.get_by_role("button", name="Edit").click()
    page.locator("textarea").focus()
    page.wait_for_timeout(300)
    page.keyboard.press("Control+Home")
    page.keyboard.type("Expensive Ann, ")
    page.get_by_role("button", name="Use").click()
    page.get_by_text("Regenerate").click()
    (copy,) = chain.wait_for(1, "copy")
    (rating,) = chain.wait_for(1, "rating")
    (edit,) = chain.wait_for(1, "edit")
    (again,) = chain.wait_for(1, "regenerate")
    assert copy.value == pytest.approx(1)
    assert copy.particulars["method"] == "button"
    assert rating.value == 1
    assert 0 < edit.value < 0.05
    assert float(edit.particulars["kept_share"]) == 1
    assert len({row.output_id for row in (seen, copy, rating, edit, again)}) == 1
    talk.page.get_by_text("before you leave.").nth(1).wait_for()
    chain.wait_for(2, "seen")


def test_stopped_while_it_still_streams(context, chat, clean):
    tab = Tab(context.new_page(), Chain(chat, clean))
    tab.open(path="/")
    tab.page.get_by_placeholder("Ask anything").fill("How do I plan a move?")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_text("Plan the move").wait_for()
    tab.page.wait_for_timeout(100)
    tab.close()
    found = tab.chain.wait_for(2, "close")  # the page's, and what the service noticed itself
    assert {row.source for row in found} == {"browser", "server"}
    assert all(row.value is None or row.value < 0.5 for row in found)
    assert httpx.get(chat).status_code == 200
