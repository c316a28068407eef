"""The example in Next.js: the AI SDK and useChat, and no Python but serve."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from instrumentations import environments
from otel_ai_feedback.store import facts

from .chain import Chain, Tab
from .conftest import CHAT, answers, serving, until

# An installation and a build, on a machine that has other things to do.
pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]
EXAMPLE = Path(__file__).parents[2] / "examples/next-chat"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The example with the package that npm would publish, built."""
    if shutil.which("npm") is None:
        pytest.skip("no npm; install Node.js")
    directory = tmp_path_factory.mktemp("next") / "chat"
    left_out = shutil.ignore_patterns("node_modules", ".next", "package-lock.json")
    shutil.copytree(EXAMPLE, directory, ignore=left_out)
    package = json.loads((EXAMPLE / "package.json").read_text())
    package["dependencies"]["@otel-ai-feedback/node"] = f"file:{environments.packed()}"
    (directory / "package.json").write_text(json.dumps(package))
    run = {"cwd": directory, "check": True, "timeout": 600, "env": os.environ | QUIET}
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], **run)
    subprocess.run(["npx", "next", "build"], stdout=subprocess.DEVNULL, **run)
    return directory


QUIET = {"NEXT_TELEMETRY_DISABLED": "1"}


@pytest.fixture(scope="module")
def chat(built, service):
    """The running example; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    ours = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    with serving(CHAT, "model:app", PAUSE="0.005") as model:
        process = subprocess.Popen(
            ["node", "node_modules/next/dist/bin/next", "start", "--port", str(port)],
            env=ours | QUIET | service | {"OPENAI_BASE_URL": f"{model}/v1"},
            cwd=built,
        )
        try:
            until(lambda: process.poll() is not None or answers(url), 60)
            yield url
        finally:
            process.terminate()
            process.wait(20)


def ask(page, question, nth=0):
    page.get_by_placeholder("Ask anything").fill(question)
    page.keyboard.press("Enter")
    page.get_by_text("before you leave.").nth(nth).wait_for()


def test_copy_edit_reask_and_close(context, chat, engine, clean):
    tab = Tab(context.new_page(), Chain(chat, clean))
    tab.open(path="/")
    page, chain = tab.page, tab.chain
    ask(page, "How do I plan a move to another city?")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Edit").click()
    page.locator("textarea").focus()
    page.wait_for_timeout(300)
    page.keyboard.press("Control+Home")
    page.keyboard.type("Dear Ann, ")
    page.get_by_role("button", name="Use").click()
    (copy,) = tab.wait_for(1, "copy")
    (edit,) = tab.wait_for(1, "edit")
    assert copy.value == pytest.approx(1)
    assert 0 < edit.value < 0.05
    assert copy.output_id == edit.output_id
    ask(page, "How do I plan my move to another city?", nth=1)
    page.wait_for_timeout(300)
    page.close()
    # The first answer too, where all this took less than five seconds.
    assert until(lambda: chain.actions("close"))

    def asked():
        facts.catch_up(engine)
        rows = engine.query("""
            select conversation_id, input_hash, input_sketch, feature, model, delivered_by
            from outputs where input_sketch != '' order by time
        """).result_rows
        return rows if len(rows) == 2 else None

    first, second = until(asked)
    # One conversation, two questions that are nearly the same: what a re-ask is found by.
    assert first[0] == second[0] != ""
    assert first[1] != second[1]
    alike = sum(a == b for a, b in zip(_bins(first[2]), _bins(second[2]), strict=True)) / 128
    assert alike > 0.5
    assert [row[3:] for row in (first, second)] == [("chat", "gpt-4o-mini", "seen")] * 2
    texts = engine.query("""
        select count() from otel_traces
        where arrayExists(value -> value ilike '%keys%' or value ilike '%plan%',
                          mapValues(SpanAttributes))
    """).first_row[0]
    assert texts == 0, "no text of an answer or a question may leave"


def _bins(sketch):
    return [sketch[at : at + 2] for at in range(0, len(sketch), 2)]
