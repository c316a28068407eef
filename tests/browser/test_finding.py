"""Answers are found wherever they appear, and whenever."""

import pytest

from .chain import TEXT

pytestmark = pytest.mark.browser


def seen(tab):
    (row,) = tab.wait_for(1, "seen")
    return [row.output_id] == tab.chain.output_ids()


def test_in_the_page_from_the_start(tab):
    (handle,) = tab.chain.outputs(TEXT)
    tab.open(f"?body=<p data-ai-output={handle}>{TEXT}</p>")
    assert seen(tab)


def test_when_its_handle_comes_after_its_text(tab):
    (handle,) = tab.chain.outputs(TEXT)
    tab.open(f"?body=<p data-ai-output=''>{TEXT}</p>")
    tab.page.evaluate("handle => document.querySelector('p').dataset.aiOutput = handle", handle)
    assert seen(tab)


def test_sampled_again_it_is_the_same_answer(tab):
    handle = tab.open().answer()
    tab.wait_for(1, "seen")
    tab.page.evaluate("document.querySelector('[data-ai-output]').remove()")
    tab.show(handle)
    tab.page.wait_for_timeout(800)
    tab.close()
    tab.wait_for(1, "dwell")
    tab.wait_for(1, "seen")


def test_an_element_that_is_used_for_the_next_answer(tab):
    first, second = tab.chain.outputs("one", "two")
    tab.open()
    tab.show(first, "one")
    tab.wait_for(1, "seen")
    tab.page.evaluate(
        """handle => {
          const element = document.querySelector("[data-ai-output]");
          element.dataset.aiOutput = handle;
          element.textContent = "two";
        }""",
        second,
    )
    assert [row.output_id for row in tab.wait_for(2, "seen")] == tab.chain.output_ids()


def test_in_a_shadow_root_with_copies(tab):
    (handle,) = tab.chain.outputs(TEXT)
    tab.open()
    tab.page.evaluate(
        """([handle, text]) => {
          const host = document.createElement("div");
          document.body.append(host);
          host.attachShadow({ mode: "open" }).innerHTML = `<p data-ai-output="${handle}"></p>`;
          host.remove();
          document.body.append(host);
          const answer = host.shadowRoot.firstChild;
          answer.textContent = text;
          getSelection().setBaseAndExtent(answer.firstChild, 0, answer.firstChild, text.length);
        }""",
        [handle, TEXT],
    )
    assert seen(tab)
    tab.page.keyboard.press("Control+c")
    assert [row.value for row in tab.wait_for(1, "copy")] == [1]


def test_in_a_custom_element_that_is_defined_later(tab):
    (handle,) = tab.chain.outputs(TEXT)
    tab.open("?body=<chat-answer></chat-answer>")
    tab.page.evaluate(
        """([handle, text]) => customElements.define("chat-answer", class extends HTMLElement {
          connectedCallback() {
            this.attachShadow({ mode: "open" });
            setTimeout(() => this.shadowRoot.innerHTML =
              `<p data-ai-output="${handle}">${text}</p>`, 50);
          }
        })""",
        [handle, TEXT],
    )
    assert seen(tab)


def test_in_a_frame_with_copies_and_its_own_clipboard(tab):
    (handle,) = tab.chain.outputs(TEXT)
    tab.open("?body=<iframe src=/page?attributes=data-not-used></iframe>")
    frame = tab.page.frames[1]
    frame.wait_for_load_state()
    frame.evaluate(
        """([handle, text]) => {
          document.body.innerHTML = `<p data-ai-output="${handle}">${text}</p>`;
        }""",
        [handle, TEXT],
    )
    assert seen(tab)
    frame.locator("p").click()
    frame.evaluate("text => navigator.clipboard.writeText(text)", TEXT)
    tab.wait_for(1, "copy")


def test_an_answer_cannot_name_itself_into_the_page(tab):
    tab.open()
    tab.show("__proto__", "text")
    tab.page.wait_for_timeout(700)
    assert tab.page.evaluate("({}).text === undefined && ({}).handle === undefined")
