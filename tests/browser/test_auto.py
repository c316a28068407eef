"""Pages that carry no markup: the answer is found by its text."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from instrumentations.environments import environment

from .chain import Chain, Tab
from .conftest import serving

pytestmark = pytest.mark.browser
AI_SDK = Path(__file__).with_name("ai_sdk")
ANSWER = (
    "Plan the move backwards from the day you hand over the keys, and mark each box.\n\nThen rest."
)
FETCH = """async ([kind, text]) => {
  const body = JSON.stringify({ text });
  const response = await fetch("/stream?as=" + kind, { method: "POST", body });
  const card = document.createElement("article");
  card.innerHTML = "<h4>Assistant</h4><div class=text></div><button>Copy</button>";
  document.querySelector("main").append(card);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let all = "";
  for (let piece; !(piece = await reader.read()).done; ) {
    for (const line of kind == "text" ? [piece.value] : piece.value.split("\\n\\n")) {
      const part = kind == "text" ? { delta: line }
        : line.startsWith("data: {") ? JSON.parse(line.slice(6)) : {};
      all += part.delta ?? "";
    }
    // Sampled again for each piece, as renderers of Markdown do.
    card.querySelector(".text").innerHTML = all.split("\\n\\n").map(p => `<p>${p}</p>`).join("");
  }
}"""


def ask(tab, kind, text=ANSWER):
    tab.page.evaluate(FETCH, [kind, text[::-1]])


@pytest.mark.parametrize("kind", ["text", "parts"])
def test_a_page_that_calls_fetch(tab, kind):
    tab.open("?auto&body=<nav>Plan the move</nav><main></main>")
    ask(tab, kind)
    tab.page.wait_for_selector(".text[data-ai-output]")
    tab.page.wait_for_timeout(500)
    assert tab.page.locator("[data-ai-output]").count() == 1
    tab.page.evaluate("text => navigator.clipboard.writeText(text)", ANSWER)
    (row,) = tab.chain.wait_for(1, "copy")
    assert [row.output_id] == tab.chain.output_ids()
    assert row.value == 1
    assert row.link_method == "request"


@pytest.mark.parametrize("element", ["li", "div", "td"])
def test_lines_in_a_shadow_root(tab, element):
    """As chat elements show them: below a root of their own, each line an element."""
    lines = ["Two spoons of flour", "Half a cup of milk", "One egg and some butter"]
    tab.open("?auto&body=<main></main>")
    tab.page.evaluate(
        """async ([element, text]) => {
          const body = JSON.stringify({ text });
          const all = await (await fetch("/stream?as=text", { method: "POST", body })).text();
          const root = document.querySelector("main").attachShadow({ mode: "open" });
          root.append(document.createElement("section"));
          for (const line of all.split("\\n")) {
            const child = document.createElement(element);
            child.textContent = line;
            root.firstChild.append(child);
          }
        }""",
        [element, "\n".join(lines)[::-1]],
    )
    tab.until("document.querySelector('main').shadowRoot.querySelector('[data-ai-output]')")
    (row,) = tab.chain.wait_for(1, "seen")
    assert [row.output_id] == tab.chain.output_ids()


def test_each_answer_gets_its_own_handle(tab):
    tab.open("?auto&body=<main></main>")
    for text in (ANSWER, "Something else altogether, about cats and their naps.", ANSWER):
        ask(tab, "text", text)
    tab.until("document.querySelectorAll('[data-ai-output]').length == 3")
    handles = tab.page.evaluate(
        "[...document.querySelectorAll('[data-ai-output]')].map(each => each.dataset.aiOutput)"
    )
    assert len(set(handles)) == 3
    assert len({row.output_id for row in tab.chain.wait_for(3, "seen")}) == 3


def test_a_response_that_is_not_shown_marks_nothing(tab):
    tab.open("?auto&body=<main></main>")
    tab.page.evaluate(
        """text => fetch("/stream?as=text", { method: "POST", body: JSON.stringify({ text }) })
          .then(response => response.text())
          .then(() => document.querySelector("main").append("Your title was saved, thank you."))""",
        ANSWER[::-1],
    )
    tab.page.wait_for_timeout(1500)
    assert tab.page.locator("[data-ai-output]").count() == 0


def test_nothing_is_read_ahead_of_the_page(tab):
    """A service makes its answer as fast as the page reads, and learns when that has enough."""
    tab.open("?body=<main></main>")
    made, cancelled = tab.page.evaluate(
        """async () => {
          let made = 0;
          let cancelled = "";
          const source = {
            pull: (controller) => controller.enqueue(new TextEncoder().encode(`piece ${++made} `)),
            cancel: (reason) => (cancelled = reason),
          };
          const headers = { "AI-Feedback-Handle": "A".repeat(68), "Content-Type": "text/plain" };
          window.fetch = async () =>
            new Response(new ReadableStream(source, { highWaterMark: 0 }), { headers });
          await import("/_ai_feedback/feedback-auto.js");
          const reader = (await fetch("/slow")).body.getReader();
          await reader.read();
          await reader.read();
          await new Promise((done) => setTimeout(done, 500));
          await reader.cancel("enough");
          return [made, cancelled];
        }"""
    )
    assert (made, cancelled) == (2, "enough")


def test_the_page_reads_its_responses_as_ever(tab):
    tab.open("?auto&body=<main></main>")
    whole = tab.page.evaluate(
        """async text => {
          const body = JSON.stringify({ text });
          const response = await fetch("/stream?as=text", { method: "POST", body });
          const twice = [await response.clone().text(), await response.text()];
          const stopped = new AbortController();
          const asked = fetch("/stream?as=text", { method: "POST", body, signal: stopped.signal });
          const second = await asked;
          stopped.abort();
          const name = await second.text().catch(error => error.name);
          const failed = await fetch("http://127.0.0.1:1/").catch(error => error.name);
          return [...twice, name, failed];
        }""",
        ANSWER[::-1],
    )
    assert whole == [ANSWER, ANSWER, "AbortError", "TypeError"]


@pytest.fixture(scope="module")
def ai_sdk(files, tmp_path_factory):
    """The AI SDK's chat, built as an application would build it."""
    if shutil.which("npm") is None:
        pytest.skip("no npm; install Node.js")
    directory = tmp_path_factory.mktemp("ai_sdk") / "app"
    shutil.copytree(AI_SDK, directory)
    run = {"cwd": directory, "check": True, "timeout": 240}
    subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], **run)
    options = ["--bundle", "--format=esm", "--jsx=automatic", "--minify", "--log-level=warning"]
    production = "--define:process.env.NODE_ENV='\"production\"'"
    outfile = f"--outfile={files}/ai_sdk.js"
    subprocess.run(["npx", "esbuild", "main.jsx", *options, production, outfile], **run)
    return "/files/ai_sdk.js"


def test_the_ai_sdk_untouched(tab, ai_sdk):
    tab.open("?auto")
    tab.page.evaluate("source => { import(source) }", ai_sdk)
    tab.page.locator("input").fill(ANSWER.replace("\n\n", " ")[::-1])
    tab.page.get_by_text("Send").click()
    place = tab.page.wait_for_selector("article:nth-of-type(2) [data-ai-output]")
    assert "hand over the keys" in place.text_content()
    tab.until("document.querySelector('article:nth-of-type(2)').textContent.includes('Then rest')")
    assert tab.page.locator("[data-ai-output]").count() == 1
    tab.page.evaluate(
        "getSelection().selectAllChildren(document.querySelector('[data-ai-output]'))"
    )
    tab.page.keyboard.press("Control+c")
    (row,) = tab.chain.wait_for(1, "copy")
    assert row.output_id in tab.chain.output_ids()
    assert json.dumps(row.particulars).count("keys") == 0


@pytest.fixture(scope="module")
def gradio(service, model):
    python = environment(
        "gradio",
        "gradio==6.31.0",
        "openai>=1.50",
        "opentelemetry-instrumentation-asgi>=0.66b2",
        "opentelemetry-instrumentation-genai-openai>=1.3b0",
    )
    settings = service | {"OPENAI_BASE_URL": model, "GRADIO_ANALYTICS_ENABLED": "False"}
    with serving(Path(__file__).parent, "gradio_app:app", python, **settings) as url:
        yield url


def test_gradio_without_its_queue(context, gradio, clean):
    tab = Tab(context.new_page(), Chain(gradio, clean)).open(path="/")
    asked = "Plan the move backwards from the day you hand over the keys, and mark each box."
    for count, question in enumerate((asked, asked.upper()), start=1):
        tab.page.get_by_label("Ask").fill(question)
        tab.page.keyboard.press("Enter")
        tab.until(f"document.querySelectorAll('[data-ai-output]').length == {count}")
    places = tab.page.locator("[data-ai-output]").all_inner_texts()
    assert places == [asked[::-1], asked.upper()[::-1]]
    assert len({row.output_id for row in tab.chain.wait_for(2, "seen")}) == 2
