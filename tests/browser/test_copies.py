"""Copies: how much of the answer, and by which way."""

import pytest

from .chain import TEXT

pytestmark = pytest.mark.browser


def clipboard(tab):
    return tab.page.evaluate("navigator.clipboard.readText()")


def copied(tab, method):
    (row,) = tab.wait_for(1, "copy")
    assert row.particulars["method"] == method
    assert row.source == "browser"
    assert row.link_method == "handle"
    assert [row.output_id] == tab.chain.output_ids()
    return row.value


def test_a_selection_by_keyboard(tab):
    tab.open().answer()
    tab.select(0, len(TEXT) // 2)
    tab.page.keyboard.press("Control+c")
    assert clipboard(tab) == TEXT[: len(TEXT) // 2]
    assert copied(tab, "selection") == pytest.approx(0.5, abs=0.01)


def test_a_selection_by_menu(tab):
    tab.open().answer()
    tab.select(0, len(TEXT))
    tab.page.evaluate("document.execCommand('copy')")  # what the menu's entry does
    assert copied(tab, "selection") == 1


def test_the_whole_page(tab):
    tab.open("?body=" + "<p>menu</p>" * 9).answer()
    tab.wait_for(1, "seen")
    tab.page.keyboard.press("Control+a")
    tab.until("getSelection().toString().includes('w039')")
    tab.page.keyboard.press("Control+c")
    assert copied(tab, "selection") == 1


@pytest.mark.parametrize(
    "write",
    [
        "navigator.clipboard.writeText(text)",
        """navigator.clipboard.write([new ClipboardItem({
          "text/plain": new Blob([text], { type: "text/plain" }),
          "text/html": new Blob([`<b>${text}</b>`], { type: "text/html" }) })])""",
        """(() => { const field = document.createElement("textarea"); field.value = text;
          document.body.append(field); field.select(); document.execCommand("copy");
          field.remove(); })()""",
    ],
    ids=["writeText", "write", "a field, as older pages do"],
)
def test_the_pages_own_button(tab, write):
    tab.open().answer()
    tab.page.evaluate(
        f"""text => {{
          const button = document.createElement("button");
          button.textContent = "Copy";
          button.onclick = () => {write};
          document.body.append(button);
        }}""",
        f"**{TEXT}**",  # the source, not what is shown
    )
    tab.page.get_by_text("Copy").click()
    assert copied(tab, "button") == 1
    assert clipboard(tab) == f"**{TEXT}**"


def test_dragged_out(tab):
    tab.open("?body=<textarea></textarea>").answer()
    tab.select(0, len(TEXT))
    box = tab.page.locator("[data-ai-output]").bounding_box()
    tab.page.mouse.move(box["x"] + 30, box["y"] + 8)
    tab.page.mouse.down()
    target = tab.page.locator("textarea").bounding_box()
    tab.page.mouse.move(target["x"] + 10, target["y"] + 10, steps=5)
    tab.page.mouse.move(target["x"] + 20, target["y"] + 20)
    tab.page.mouse.up()
    assert tab.page.locator("textarea").input_value() == TEXT
    assert copied(tab, "drag") == 1


def test_of_equal_answers_the_one_beside_the_button(tab):
    handles = tab.chain.outputs(TEXT, TEXT)
    tab.open("?body=<section></section><section></section>")
    for place, handle in enumerate(handles, start=1):
        tab.show(handle, into=f"section:nth-of-type({place})")
    tab.page.evaluate(
        """text => document.querySelectorAll("section").forEach(section => {
          const button = document.createElement("button");
          button.onclick = () => navigator.clipboard.writeText(text);
          section.append(button);
        })""",
        TEXT,
    )
    tab.page.locator("button").last.click()
    (row,) = tab.wait_for(1, "copy")
    assert row.output_id == tab.chain.output_ids()[1]


def test_what_is_something_else_is_no_copy(tab):
    tab.open().answer()
    tab.page.evaluate("navigator.clipboard.writeText('https://example.com/share/w001')")
    tab.select(0, len(TEXT))
    tab.page.keyboard.press("Control+c")
    assert copied(tab, "selection") == 1
