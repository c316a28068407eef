"""The page's own controls, wherever they stand."""

import pytest

from .chain import TEXT

pytestmark = pytest.mark.browser


def add(tab, html, into="body"):
    tab.page.evaluate(
        "([html, into]) => document.querySelector(into).insertAdjacentHTML('beforeend', html)",
        [html, into],
    )


def test_each_control_says_its_action(tab):
    tab.open().answer()
    names = ["accept", "reject", "undo", "insert", "regenerate", "share"]
    for name in names:
        add(tab, f"<button data-ai-action='{name}'><b>{name}</b></button>")
        tab.page.get_by_text(name).click()
    found = tab.wait_for(6, *names)
    assert [row.action for row in found] == names
    assert {row.value for row in found} == {None}
    assert {row.output_id for row in found} == set(tab.chain.output_ids())


def test_a_rating_has_the_number_of_its_control(tab):
    tab.open().answer()
    for number in ("1", "-1", "4"):
        add(tab, f"<button data-ai-action='rating:{number}'>rate {number}</button>")
        tab.page.get_by_text(f"rate {number}", exact=True).click()
    assert [row.value for row in tab.wait_for(3, "rating")] == [1, -1, 4]


def test_a_control_is_about_the_answer_that_it_is_in_beside_or_below(tab):
    handles = tab.chain.outputs("one", "two", "three")
    tab.open("?body=<main></main>")
    for number, handle in enumerate(handles):  # flat: answer, control, answer, control ...
        tab.show(handle, f"text {number}", into="main")
        add(tab, f"<button data-ai-action='accept'>yes {number}</button>", "main")
    add(tab, "<button data-ai-action='reject'>no</button>", "[data-ai-output]:nth-of-type(2)")
    for number in (2, 0, 1):
        tab.page.get_by_text(f"yes {number}").click()
    tab.page.get_by_text("no", exact=True).click()
    found = tab.wait_for(4, "accept", "reject")
    ids = tab.chain.output_ids()
    assert [row.output_id for row in found] == [ids[2], ids[0], ids[1], ids[1]]


def test_keyboards_and_shadow_roots(tab):
    (handle,) = tab.chain.outputs(TEXT)
    tab.open()
    tab.page.evaluate(
        """([handle, text]) => {
          const host = document.createElement("chat-message");
          host.attachShadow({ mode: "open" }).innerHTML =
            `<div data-ai-output="${handle}">${text}</div>
             <button data-ai-action="accept"></button>`;
          document.body.append(host);
          host.shadowRoot.querySelector("button").focus();
        }""",
        [handle, TEXT],
    )
    tab.page.keyboard.press("Enter")
    (row,) = tab.wait_for(1, "accept")
    assert [row.output_id] == tab.chain.output_ids()
