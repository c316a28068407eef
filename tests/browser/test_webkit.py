"""The script in WebKit, by the WebDriver of WebKitGTK; Playwright would need a build of its own."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from .conftest import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
MINI_BROWSER = next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # what WebDriver calls a reference to an element
CONTROL, END = "\ue009", "\ue010"

PAGE = """
const [answer, draft] = arguments;
document.body.innerHTML = `
  <article><div></div><button id="copy">Copy</button>
  <b data-ai-action="rating:-1" data-ai-reason="outdated">Bad</b></article>
  <form><textarea>hello there my friend</textarea><button id="use">Use</button></form>`;
const shown = document.querySelector("div");
shown.textContent = "word ".repeat(200);
shown.dataset.aiOutput = answer;
document.querySelector("textarea").dataset.aiDraft = draft;
document.querySelector("form").onsubmit = () => false;
document.querySelector("#copy").onclick = () => navigator.clipboard.writeText(shown.textContent);
window.thrown = [];
addEventListener("error", (event) => thrown.push(event.message));
"""


class Window:
    """A window of the browser; commands go to the driver at ``driver``."""

    def __init__(self, driver):
        options = {"binary": str(MINI_BROWSER), "args": ["--automation"]}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._web = httpx.Client(base_url=driver, timeout=120)
        self._at = ""
        self._at = f"/{self.post('session', capabilities=capabilities)['sessionId']}"

    def post(self, command, **parameters):
        path = f"/session{self._at}/{command}" if self._at else f"/{command}"
        answer = self._web.post(path, json=parameters)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def run(self, script, *args):
        return self.post("execute/sync", script=script, args=args)

    def click(self, selector):
        found = self.post("element", using="css selector", value=selector)[ELEMENT]
        self.post(f"element/{found}/click")

    def press(self, *keys):
        """Hold all of them, one after the other, then let go."""
        down = [{"type": "keyDown", "value": key} for key in keys]
        up = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.post("actions", actions=[{"type": "key", "id": "keys", "actions": down + up}])

    def close(self):
        self._web.delete(f"/session{self._at}")
        self._web.close()


@contextlib.contextmanager
def started(*command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def driver():
    """Address of a WebKitWebDriver with a screen of its own."""
    if not (shutil.which("WebKitWebDriver") and shutil.which("Xvfb") and MINI_BROWSER):
        pytest.skip("needs the Debian packages webkit2gtk-driver and xvfb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said, says = os.pipe()
    with started("Xvfb", "-displayfd", str(says), "-screen", "0", "1280x900x24", pass_fds=[says]):
        display = f":{os.read(said, 20).decode().strip()}"
        # Its sandbox wants more than a container grants.
        environment = {"DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        with started("WebKitWebDriver", f"--port={port}", env=os.environ | environment):
            url = f"http://127.0.0.1:{port}"
            until(lambda: _is_up(url))
            yield url
    os.close(said)
    os.close(says)


def _is_up(url):
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/status").is_success


@pytest.fixture
def window(driver):
    window = Window(driver)
    yield window
    window.close()


def test_copies_ratings_drafts_and_closing(chain, window):
    answer, draft = chain.outputs("an answer", "a draft")
    window.post("url", url=f"{chain.site}/page?loose")
    window.run(PAGE, answer, draft)
    chain.wait_for(1, "seen")
    window.click("#copy")
    window.run("getSelection().selectAllChildren(document.querySelector('div'))")
    window.press(CONTROL, "c")
    window.click("textarea")
    window.press(CONTROL, END)
    window.press("!")
    window.press("?")
    window.click("#use")
    window.click("b")
    chain.wait_for(1, "edit")
    assert window.run("return thrown") == []
    window.run("document.querySelector('div').append('more')")
    time.sleep(0.3)
    window.post("url", url="about:blank")
    chain.wait_for(1, "close")
    copies = chain.wait_for(2, "copy")
    assert [copy.particulars["method"] for copy in copies] == ["button", "selection"]
    assert [copy.value for copy in copies] == [1, 1]
    (rating,) = chain.wait_for(1, "rating")
    assert (rating.value, rating.particulars["reason"]) == (-1, "outdated")
    (edit,) = chain.wait_for(1, "edit")
    assert edit.value == pytest.approx(2 / 23)
    ids = chain.output_ids()
    assert {row.output_id for row in (*copies, rating)} == {ids[0]}
    assert edit.output_id == ids[1]
