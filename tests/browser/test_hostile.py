"""Pages that break what scripts rely on: nothing is thrown, and what can be seen still is."""

import pytest

from .chain import TEXT

pytestmark = pytest.mark.browser

FREEZE = """for (const each of [Object, Array, Function, String, Promise, Map, Set, Element, Node,
  EventTarget, Event]) Object.freeze(each.prototype)"""
BREAKS = {
    "frozen prototypes": FREEZE,
    "fetch that throws": "window.fetch = () => { throw new Error('no') }",
    "fetch that returns nothing": "window.fetch = () => undefined",
    "no sendBeacon": "navigator.sendBeacon = undefined",
    "a frozen clipboard": "Object.freeze(navigator.clipboard)",
    "no clipboard": "Object.defineProperty(navigator, 'clipboard', { value: undefined })",
    "a clipboard that throws": "navigator.clipboard.writeText = () => { throw new Error('no') }",
    "no storage": "Object.defineProperty(window, 'sessionStorage', { get() { throw 1 } })",
    "storage full of rubbish": "sessionStorage.aiFeedback = '{'",
    "storage of another kind": "sessionStorage.aiFeedback = '[null, 1, {\"a\": 2}]'",
    "a broken MutationObserver": "window.MutationObserver = class { observe() { throw 1 } }",
    "a broken IntersectionObserver": """window.IntersectionObserver = class {
      observe() { throw 1 } unobserve() { throw 1 } }""",
    "no selection": "document.getSelection = window.getSelection = () => null",
    "no customElements": "Object.defineProperty(window, 'customElements', { value: undefined })",
    "a broken JSON": "JSON.stringify = () => { throw new Error('no') }",
    "toJSON on arrays": "Array.prototype.toJSON = function () { return this.length }",
}
BLIND = {"a broken MutationObserver", "a broken IntersectionObserver", "no selection"}
MUTE = {"a broken JSON", "toJSON on arrays", "fetch that throws", "fetch that returns nothing"}


@pytest.mark.parametrize("name", BREAKS)
def test_nothing_is_thrown(tab, name):
    (handle,) = tab.chain.outputs(TEXT)
    tab.page.add_init_script(BREAKS[name])
    tab.open("?body=<main></main><button data-ai-action=accept>Use</button>")
    tab.page.evaluate(
        """([handle, text]) => {
          const element = document.createElement("div");
          element.setAttribute("data-ai-output", handle);
          element.textContent = text;
          document.querySelector("main").append(element);
          const range = document.createRange();
          range.selectNodeContents(element);
          const selection = Object.getPrototypeOf(document).getSelection?.call(document)
            ?? Document.prototype.getSelection.call(document);
          selection.removeAllRanges();
          selection.addRange(range);
        }""",
        [handle, TEXT],
    )
    if name in MUTE | BLIND:
        tab.page.wait_for_timeout(700)
    else:
        tab.wait_for(1, "seen")
    tab.page.keyboard.press("Control+c")
    tab.page.get_by_text("Use").click()
    tab.page.wait_for_timeout(300)
    if name == "no sendBeacon":
        # What is left, fetch, may be cut short by the end of a tab; hiding comes before it.
        tab.hide()
        tab.wait_for(1, "copy")
    tab.close()
    if name not in MUTE | BLIND:
        tab.wait_for(1, "copy")
    if name not in MUTE | {"a broken MutationObserver", "a broken IntersectionObserver"}:
        tab.wait_for(1, "accept")


def test_odd_markup(tab):
    tab.open()
    for handle in ("", " ", "x" * 5000, "\ud7ff☃", "constructor", "__proto__", "undefined"):
        tab.show(handle)
        tab.show(handle, attribute="data-ai-draft", tag="textarea")
    tab.page.evaluate(
        """() => {
          for (const action of ["", ":", "nonsense", "rating", "rating:x", "rating:1e999"]) {
            const control = document.createElement("button");
            control.dataset.aiAction = action;
            document.body.prepend(control);
            control.click();
          }
          document.querySelectorAll("[data-ai-output]").forEach(each => each.remove());
        }"""
    )
    tab.page.wait_for_timeout(2500)
    tab.answer("good")
    tab.wait_for(1, "seen")


def test_the_pages_own_errors_stay_its_own(tab):
    tab.open().answer()
    refused = tab.page.evaluate(
        """async () => {
          const original = navigator.clipboard.writeText;
          try { await navigator.clipboard.writeText(Symbol()); } catch (error) {
            return error.name + original.length;
          }
        }"""
    )
    assert refused == "TypeError1"
