"""What reading looks like: seen, dwell, closed at once, printed."""

import pytest

from .chain import TEXT

pytestmark = pytest.mark.browser
LONG = "\n".join(["a line of eight words, so they say"] * 200)


def test_seen_is_what_was_on_screen(tab):
    first, second = tab.chain.outputs("one", "two")
    tab.open()
    tab.show(first, "one")
    tab.page.evaluate(
        "for (let i = 0; i < 200; i++) document.body.append(document.createElement('hr'))"
    )
    tab.show(second, "two")
    (row,) = tab.wait_for(1, "seen")
    assert row.output_id == tab.chain.output_ids()[0]
    tab.page.keyboard.press("End")
    assert [row.output_id for row in tab.wait_for(2, "seen")] == tab.chain.output_ids()


def test_dwell_counts_visible_seconds_depth_and_selection(tab):
    (handle,) = tab.chain.outputs(LONG)
    tab.open()
    tab.page.evaluate("document.body.style.cssText = 'white-space: pre; margin: 0'")
    start = tab.page.evaluate("performance.now()")
    tab.show(handle, LONG)
    tab.page.wait_for_timeout(1200)
    height = tab.page.evaluate("document.querySelector('[data-ai-output]').offsetHeight")
    tab.page.evaluate("scrollTo(0, document.querySelector('[data-ai-output]').offsetHeight / 4)")
    reached = tab.page.evaluate("scrollY + innerHeight")
    tab.select(0, len(LONG) // 10)
    tab.page.wait_for_timeout(1200)
    tab.hide()
    most = (tab.page.evaluate("performance.now()") - start) / 1000
    (row,) = tab.wait_for(1, "dwell")
    assert 2 < row.value <= most
    assert float(row.particulars["scroll_depth"]) == pytest.approx(reached / height, abs=0.01)
    assert float(row.particulars["selected_share"]) == pytest.approx(0.1, abs=0.01)


def test_hidden_time_is_not_dwell(tab):
    tab.open().answer()
    tab.page.wait_for_timeout(700)
    tab.hide()
    tab.page.wait_for_timeout(2000)
    tab.close()
    (row,) = tab.wait_for(1, "dwell")
    assert row.value < 2


def test_closed_at_once(tab):
    tab.open().answer()
    tab.page.wait_for_timeout(300)
    tab.close()
    (row,) = tab.wait_for(1, "close")
    (dwell,) = tab.wait_for(1, "dwell")
    assert row.value == pytest.approx(dwell.value / (40 / 4), abs=0.02)
    assert [row.output_id] == tab.chain.output_ids()


def test_words_without_spaces_between_them_are_words_too(tab):
    tab.open().answer("我们应该在交钥匙前八周开始准备搬家" * 5)
    tab.page.wait_for_timeout(300)
    tab.close()
    (row,) = tab.wait_for(1, "close")
    assert row.value < 0.2


def test_leaving_later_is_not_closing_at_once_and_hiding_is_no_closing(tab):
    tab.open().answer()
    tab.page.wait_for_timeout(700)
    tab.hide()
    tab.wait_for(1, "seen")
    tab.page.wait_for_timeout(5000)
    tab.close()
    tab.wait_for(1, "dwell")
    assert tab.chain.actions("close") == []


def test_each_token_starts_the_five_seconds_again(tab):
    handle = tab.open().answer("begin")
    for _ in range(6):
        tab.page.wait_for_timeout(1000)
        tab.page.evaluate("document.querySelector('[data-ai-output]').append(' and more')")
    tab.close()
    (row,) = tab.wait_for(1, "close")
    assert row.value > 0.5  # six seconds for thirteen words
    assert handle


def test_what_is_not_there_yet_is_not_seen(tab):
    (handle,) = tab.chain.outputs(TEXT)
    tab.open()
    tab.show(handle, "")
    tab.page.wait_for_timeout(2500)
    assert tab.chain.actions("seen") == []
    tab.page.evaluate("document.querySelector('[data-ai-output]').append('token')")
    tab.wait_for(1, "seen")


def test_printed(tab):
    tab.open().answer()
    tab.wait_for(1, "seen")
    tab.page.pdf()
    (row,) = tab.wait_for(1, "share")
    assert row.particulars["method"] == "print"
