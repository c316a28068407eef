"""Pages as people build them: editors, menus, renderers and parsers from npm."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .chain import TEXT, Chain, Tab
from .conftest import HERE, serving

pytestmark = pytest.mark.browser
PACKAGES = Path(__file__).with_name("packages")
OWN = "something of my own"
LIST = "apples\npears\nplums\nflour\nbutter\nsugar\ncinnamon\nlemons"
CODE = "import os\nimport sys\nimport json\nprint(os.getcwd())\nprint(sys.path)"
THAI = "สวัสดีครับ ขอบคุณที่ติดต่อเราเกี่ยวกับการคืนเงินของคุณ เราจะแจ้งผลให้ทราบภายในสามวันทำการ"
JAPANESE = "お問い合わせありがとうございます。ご注文の商品は三営業日以内にお届けできる見込みです。"


@pytest.fixture(scope="module")
def packages(files, tmp_path_factory):
    """Builds one of the pages, as an application would."""
    if shutil.which("npm") is None:
        pytest.skip("no npm; install Node.js")
    directory = tmp_path_factory.mktemp("packages") / "app"
    shutil.copytree(PACKAGES, directory)
    run = {"cwd": directory, "check": True, "timeout": 400}
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], **run)

    def build(name):
        options = ["--bundle", "--format=esm", "--jsx=automatic", "--log-level=error"]
        production = "--define:process.env.NODE_ENV='\"production\"'"
        outfile = f"--outfile={files}/{Path(name).stem}.js"
        command = ["npx", "esbuild", name, *options, "--loader:.ttf=dataurl", production, outfile]
        subprocess.run(command, **run)
        return f"/files/{Path(name).stem}.js"

    return build


@pytest.fixture(scope="module")
def editors(packages):
    return packages("editors.jsx")


@pytest.fixture(scope="module")
def answers(packages):
    return packages("answers.jsx")


@pytest.fixture(scope="module")
def streams(packages):
    return packages("streams.js")


def load(tab, source, query="?loose"):
    tab.open(query)
    tab.page.evaluate("source => import(source).then(() => 1)", source)


LONG = "\n".join(f"line {number} of some code" for number in range(300))
WINDOWS = {"codemirror": LONG, "monaco": LONG, "monaco, out of reach": LONG}
KINDS = ["textarea", "contenteditable", "tiptap", "lexical", "slate", "quill", *WINDOWS]


@pytest.mark.parametrize("kind", KINDS)
def test_an_editor(tab, editors, kind):
    text = WINDOWS.get(kind, TEXT)
    handles = tab.chain.outputs(*[f"{text}{number}" for number in range(5)])
    load(tab, editors)
    keyboard = tab.page.keyboard

    def select_all():
        keyboard.press("Control+a")
        tab.page.wait_for_timeout(200)  # some editors learn of a selection later

    def type_at_the_start():
        keyboard.type("x")

    def paste_over():
        tab.page.evaluate("text => navigator.clipboard.writeText(text)", OWN)
        select_all()
        keyboard.press("Control+v")

    def delete_all():
        select_all()
        keyboard.press("Backspace")

    def undo():
        keyboard.type("abc")
        tab.page.wait_for_timeout(400)
        for _ in range(3):
            keyboard.press("Control+z")

    def compose():
        """As people write Japanese: the text under the cursor changes until they confirm it."""
        session = tab.page.context.new_cdp_session(tab.page)
        for text in ("に", "にほ", "にほん"):
            at = {"selectionStart": len(text), "selectionEnd": len(text)}
            session.send("Input.imeSetComposition", {"text": text, **at})
            tab.page.wait_for_timeout(100)
        session.send("Input.insertText", {"text": "日本"})
        session.detach()

    changes = (type_at_the_start, paste_over, delete_all, undo, compose)
    for handle, change in zip(handles, changes, strict=True):
        tab.page.evaluate("given => draft(...given)", [kind, handle, text])
        tab.page.wait_for_timeout(400)
        field = tab.page.locator("textarea, [contenteditable], [role=textbox]").first
        field.click(position={"x": 40, "y": 8}, force=True)
        keyboard.press("Control+Home")
        change()
        tab.page.wait_for_timeout(200)
        tab.page.locator("[data-ai-action]").evaluate("button => button.click()")
    if kind == "monaco, out of reach":
        # A gap, never a guess: what is rendered is a window of the text.
        tab.wait_for(5, "accept")
        assert tab.chain.actions("edit") == []
        return
    ids = tab.chain.output_ids()
    found = {ids.index(row.output_id): row for row in tab.wait_for(5, "edit")}
    typed, pasted, deleted, undone, composed = (found[number] for number in range(5))
    assert 0 < typed.value < 0.01
    assert float(typed.particulars["kept_share"]) == 1
    assert pasted.value > 0.8
    assert float(pasted.particulars["kept_share"]) < 0.2
    assert deleted.value == 1
    assert float(deleted.particulars["kept_share"]) == 0
    assert undone.value < 0.02
    assert float(undone.particulars["kept_share"]) == 1
    assert composed.value == pytest.approx(2 / (len(text) + 2), rel=0.02)
    assert float(composed.particulars["kept_share"]) == 1


def test_a_composer_that_enter_empties_was_sent_as_it_was(tab, editors):
    (handle,) = tab.chain.outputs(TEXT)
    load(tab, editors)
    tab.page.evaluate("given => draft('composer', ...given)", [handle, TEXT])
    tab.page.wait_for_timeout(1500)
    tab.page.locator("textarea").focus()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type("!")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.type("the next question, which is nobody's answer")
    tab.page.wait_for_timeout(1500)
    (row,) = tab.wait_for(1, "edit")
    assert row.value == pytest.approx(1 / 200)
    assert "checkpoint" not in row.particulars
    tab.page.get_by_text("Use", exact=True).click()
    tab.wait_for(1, "accept")
    tab.wait_for(1, "edit")


def test_enter_that_confirms_a_composition_sends_nothing(tab, editors):
    (handle,) = tab.chain.outputs(TEXT)
    load(tab, editors)
    tab.page.evaluate("given => draft('composer', ...given)", [handle, TEXT])
    tab.page.wait_for_timeout(1500)
    tab.page.locator("textarea").focus()
    tab.page.keyboard.press("Control+End")
    session = tab.page.context.new_cdp_session(tab.page)
    at = {"selectionStart": 3, "selectionEnd": 3}
    session.send("Input.imeSetComposition", {"text": "にほん", **at})
    # what browsers report of a key that the input method takes
    tab.page.locator("textarea").evaluate(
        """field => field.dispatchEvent(new KeyboardEvent("keydown",
          { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))"""
    )
    session.send("Input.insertText", {"text": "日本"})
    tab.page.wait_for_timeout(500)
    tab.page.get_by_text("Use", exact=True).click()
    (row,) = tab.wait_for(1, "edit")
    assert row.value == pytest.approx(2 / 201)


@pytest.mark.parametrize("way", ["Control+c", "Control+x"])
def test_copied_out_of_a_draft(tab, editors, way):
    (handle,) = tab.chain.outputs(LONG)
    load(tab, editors)
    tab.page.evaluate("given => draft('codemirror', ...given)", [handle, LONG])
    tab.page.locator(".cm-content").click(position={"x": 40, "y": 8})
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.press(way)
    (row,) = tab.wait_for(1, "copy")
    assert row.value == 1


@pytest.mark.parametrize("opener", ["radix", "dialog", "headless", "modal", "popover"])
def test_a_layer_is_about_the_answer_whose_button_opened_it(tab, answers, opener):
    texts = ["Your parcel left on Monday.", "Call about the keys.", "Nothing else is needed."]
    handles = tab.chain.outputs(*texts)
    before = tab.chain.counted("unplaced")
    # opened from the header, it could be about any of them
    for place in ("article:nth-of-type(2)", "header"):
        load(tab, answers)
        tab.page.evaluate("given => chat(...given)", [handles, texts, {"opener": opener}])
        tab.page.locator(f"{place} .open").click()
        tab.page.get_by_text("Bad answer").locator("visible=true").click()
        tab.page.wait_for_timeout(2500)
    (row,) = tab.wait_for(1, "rating")
    assert row.output_id == tab.chain.output_ids()[1]
    assert row.value == -1
    assert tab.chain.counted("unplaced") == before + 1


def test_a_reason_is_sent_with_the_rating(tab, answers):
    handles = tab.chain.outputs("one", "two")
    load(tab, answers)
    tab.page.evaluate("given => chat(...given)", [handles, ["one", "two"], {"opener": "radix"}])
    tab.page.locator("article .open").first.click()
    tab.page.get_by_text("Bad answer").locator("visible=true").click()
    (row,) = tab.wait_for(1, "rating")
    assert row.particulars["reason"] == "outdated"


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("list", LIST),
        ("lines", LIST),
        ("markdown", "1. Pack the **books** first.\n2. Label [every](https://a.example/x) box."),
        ("code", CODE),
        ("text", THAI),
        ("text", JAPANESE),
        ("text", "👍"),
    ],
)
def test_copied_whole_by_a_button_whose_icon_changes_and_by_selection(tab, answers, shown, text):
    other = "Something else altogether."
    handles = tab.chain.outputs(other, text, text)
    load(tab, answers)
    tab.page.evaluate("given => chat(...given)", [handles, [other, text, text], {"shown": shown}])
    tab.wait_for(3, "seen")
    tab.page.locator(".copy i").last.click()
    tab.page.evaluate(
        "getSelection().selectAllChildren(document.querySelectorAll('[data-ai-output]')[2])"
    )
    tab.page.keyboard.press("Control+c")
    found = tab.wait_for(2, "copy")
    assert {row.output_id for row in found} == {tab.chain.output_ids()[2]}
    assert sorted(row.particulars["method"] for row in found) == ["button", "selection"]
    assert [row.value for row in found] == pytest.approx([1, 1], abs=0.02)


def test_copied_by_a_button_while_the_answer_is_off_the_screen(tab, packages):
    texts = [LIST, "Call about the keys."]
    handles = tab.chain.outputs(*texts)
    load(tab, packages("vue.js"))
    tab.page.evaluate("given => list(...given)", [handles, texts])
    tab.wait_for(2, "seen")
    tab.page.evaluate("scrollTo(0, 2500)")
    tab.page.get_by_text("Copy the first").click()
    (row,) = tab.wait_for(1, "copy")
    assert row.output_id == tab.chain.output_ids()[0]
    assert row.value == 1


@pytest.mark.parametrize("text", [THAI, JAPANESE])
def test_a_part_of_a_text_without_spaces(tab, answers, text):
    (handle,) = tab.chain.outputs(text)
    load(tab, answers)
    tab.page.evaluate("given => chat(...given)", [[handle], [text]])
    tab.select(0, len(text) // 2)
    tab.page.keyboard.press("Control+c")
    (row,) = tab.wait_for(1, "copy")
    assert row.value == pytest.approx(0.5, abs=0.06)


def test_copied_in_the_original_after_the_page_was_translated(tab, answers):
    handles = tab.chain.outputs(TEXT, "Call about the keys.")
    load(tab, answers)
    tab.page.evaluate("given => chat(...given)", [handles, [TEXT, "Call about the keys."]])
    tab.page.wait_for_timeout(1500)
    tab.page.evaluate(
        """() => {
          const translated = document.createElement("font");
          translated.innerHTML = "<font>Wörter, die niemand geschrieben hat.</font>";
          document.querySelector("[data-ai-output]").firstChild.replaceWith(translated);
        }"""
    )
    tab.page.wait_for_timeout(1200)
    tab.page.locator(".copy").first.click()
    (row,) = tab.wait_for(1, "copy")
    assert row.value == 1
    assert row.output_id == tab.chain.output_ids()[0]


def test_what_could_be_two_answers_is_copied_from_none(tab, answers):
    handles = tab.chain.outputs(TEXT, TEXT)
    load(tab, answers)
    tab.page.evaluate("given => chat(...given)", [handles, [TEXT, TEXT]])
    tab.wait_for(2, "seen")
    before = tab.chain.counted("unplaced")
    tab.page.evaluate("text => navigator.clipboard.writeText(text)", TEXT)
    tab.page.wait_for_timeout(3000)
    assert tab.chain.actions("copy") == []
    assert tab.chain.counted("unplaced") == before + 1


def test_a_link_in_an_answer_is_followed(tab, answers):
    text = "Label [every box](#boxes) twice."
    (handle,) = tab.chain.outputs(text)
    load(tab, answers)
    tab.page.evaluate("given => chat(...given)", [[handle], [text], {"shown": "markdown"}])
    tab.page.get_by_text("every box").click()
    tab.page.wait_for_timeout(2500)
    (row,) = tab.wait_for(1, "followed")
    assert "boxes" not in json.dumps(row.particulars)


# What reads a stream by the specification sees no comment; only an EventSource hides named events.
BY_SPECIFICATION = ["fetch-event-source", "eventsource-parser", "LangChain", "EventSource"]
PARSERS = {
    "off": [*BY_SPECIFICATION, "by hand", "iterated"],
    "comment": BY_SPECIFICATION,
    "event": ["EventSource"],
}


@pytest.fixture(scope="module", params=PARSERS)
def streaming(request, service, model, files):
    """The site, with the handle in its streams as the option says."""
    settings = service | {"OPENAI_BASE_URL": model, "FILES": str(files), "SSE": request.param}
    with serving(HERE, "served:app", **settings) as url:
        yield request.param, url


def test_parsers_see_a_stream_as_it_is(context, streaming, streams, clean):
    sse, url = streaming
    tab = Tab(context.new_page(), Chain(url, clean))
    for query in ("?loose", "?loose&auto"):
        load(tab, streams, query)
        for parser in PARSERS[sse]:
            said = [parser, TEXT[::-1]]
            got = tab.page.evaluate("([parser, text]) => streams[parser](text)", said)
            assert got[0] == '{"type": "start"}', parser
            assert got[-1] == "[DONE]", parser
            deltas = [json.loads(each).get("delta", "") for each in got[:-1]]
            assert "".join(deltas) == TEXT, parser


def test_a_stream_that_is_cancelled_ends_at_once(tab):
    tab.open("?auto")
    before = tab.chain.counted("broken_off")
    tab.page.evaluate(
        """async text => {
          const init = { method: "POST", body: JSON.stringify({ text }) };
          const reader = (await fetch("/stream?as=text", init)).body.getReader();
          await reader.read();
          await reader.cancel();
        }""",
        " ".join([TEXT] * 20),
    )
    for _ in range(100):
        if tab.chain.counted("broken_off") > before:
            break
        tab.page.wait_for_timeout(100)
    assert tab.chain.counted("broken_off") == before + 1


def test_a_failure_that_the_page_leaves_unhandled_is_reported_once(tab):
    tab.open("?auto")
    told = tab.page.evaluate(
        """async () => {
          const told = [];
          addEventListener("unhandledrejection", event => {
            told.push(event.reason.name);
            event.preventDefault();
          });
          fetch("http://127.0.0.1:1/");
          await new Promise(done => setTimeout(done, 1000));
          return told;
        }"""
    )
    assert told == ["TypeError"]
