"""The server's own pages in a browser: the demo's story, axe-core, and a narrow window."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "e2e"))

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

AXE = Path(__file__).with_name("axe")
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 400, "height": 800}
# One page of each kind is looked at.
KINDS = (
    (r"^/outputs/.+", "/outputs/*"),
    (r"^/triage/[0-9a-f]{12}$", "/triage/*"),
    (r"^/runbooks/.+", "/runbooks/*"),
)
UNLINKED = ("/review/send?output_id=none", "/sessions", "/nothing-here", "/runbooks/outage")
VIOLATIONS = """
() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(
    one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(' ')}`
))
"""
# Elements that stand out of the window, but not those that scroll by themselves.
TOO_WIDE = """
() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
    Array.from(document.querySelectorAll('body *'))
        .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1)
        .filter(one => !one.closest('.scroll'))
        .map(one => one.outerHTML.slice(0, 120))
"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """The source of axe-core."""
    if shutil.which("npm") is None:
        pytest.skip("no npm; install Node.js")
    directory = tmp_path_factory.mktemp("axe") / "axe"
    shutil.copytree(AXE, directory)
    subprocess.run(
        ["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=directory, check=True, timeout=400
    )
    return (directory / "node_modules/axe-core/axe.min.js").read_text()


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """Address of a demo of four weeks."""
    from e2e.conftest import Program

    process = Program(tmp_path_factory.mktemp("demo")).start("demo", "--listen", "127.0.0.1:0")
    said = ""
    for line in process.stderr:
        said += line
        if found := re.search(r"Pages: (\S+)", line):
            break
    else:
        raise AssertionError(said)
    yield found[1]
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context(viewport=WIDE, bypass_csp=True)
    yield context.new_page()
    context.close()


def kind(path):
    path = path.partition("?")[0]
    return next((name for pattern, name in KINDS if re.match(pattern, path)), path)


def pages_of(page, url):
    """One path of every kind of page that can be reached from the first one."""
    found, waiting = {}, ["/", *UNLINKED]
    while waiting:
        path = waiting.pop(0)
        if kind(path) in found:
            continue
        answer = page.goto(url + path)
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        found[kind(path)] = path
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
        waiting += [link.partition("#")[0] for link in links if link.startswith("/")]
    return found


def mistakes(page, address, axe):
    """What is wrong with a page, in light and dark, wide and narrow."""
    found = []
    page.set_viewport_size(WIDE)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    page.evaluate(axe)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {violation}" for violation in page.evaluate(VIOLATIONS)]
    page.set_viewport_size(NARROW)
    return found + [f"too wide: {element}" for element in page.evaluate(TOO_WIDE)]


def test_every_page_is_for_everyone_and_for_phones(demo, page, axe):
    paths = pages_of(page, demo)
    assert {"/", "/outputs/*", "/triage/*", "/charts/drift", "/runbooks/*"} <= set(paths)
    wrong = {name: mistakes(page, demo + path, axe) for name, path in paths.items()}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_so_is_the_page_that_waits_and_the_one_for_strangers(clean, receiver, page, axe):
    page.set_extra_http_headers({"X-Reviewer": "ann"})
    try:
        assert mistakes(page, receiver, axe) == []
        assert mistakes(page, f"{receiver}/health", axe) == []
    finally:
        page.set_extra_http_headers({})
    assert mistakes(page, f"{receiver}/review", axe) == []


def test_tables_fit_their_panels(demo, page):
    page.set_viewport_size(WIDE)
    boards = ("overview", "signals", "compare", "drift", "review", "triage", "pipeline", "output")
    for board in boards:
        page.goto(f"{demo}/charts/{board}")
        wide = page.evaluate(
            "() => Array.from(document.querySelectorAll('.board details.always .scroll'))"
            ".filter(one => one.scrollWidth > one.clientWidth + 1)"
            ".map(one => one.closest('.panel').querySelector('h2').innerText)"
        )
        assert wide == [], board


# The story


@pytest.fixture(scope="module")
def features(demo, page):
    """What the overview shows of each feature."""
    page.set_viewport_size(WIDE)
    page.goto(demo)
    shown = {
        panel.locator("h2").inner_text().lower(): panel.inner_text()
        for panel in page.locator(".standing").all()
    }
    assert set(shown) == {"support-chat", "ticket-summary"}
    return shown


def test_the_overview_says_how_good_each_feature_is(features):
    for words in features.values():
        assert re.search(r"^\d+% good \(\d+% to \d+%\)", words, re.MULTILINE), words


def test_what_the_release_broke_is_an_open_incident_with_owner_deadline_and_cause(
    demo, page, features
):
    words = features["support-chat"]
    assert "asked again" in words
    assert "just before: release 1.4.0" in words
    assert re.search(r"asked again rose, \w+ Simulated, due \d", words), words
    page.goto(demo)
    page.get_by_role("link", name="asked again rose").first.click()
    incident = page.locator("main").inner_text()
    assert re.search(r"moved by [\d.]+ points from [\d.]+% within \d+ days", incident), incident
    assert "release 1.4.0, the same day: possible cause" in incident
    assert re.search(r"[1-9]\d* answers?, recorded when the incident opened", incident)


def test_the_earlier_incident_was_fixed_and_confirmed(demo, page, features):
    words = features["ticket-summary"]
    assert "no signal changed" in words
    assert "fix confirmed" in words
    page.goto(demo)
    page.get_by_role("link", name="edited heavily rose").first.click()
    incident = page.locator("main").inner_text()
    assert "confirmed" in incident
    assert "1.3.1" in incident


def test_the_newest_hour_is_shown_beside_the_usual_rate(features):
    for words in features.values():
        assert re.search(r"Hour from \d\d:00: (nothing unusual|not judged yet|unusual)", words)


def test_reviewers_are_on_schedule_and_no_check_fails(demo, page):
    page.goto(f"{demo}/health")
    assert "All checks passed" in page.locator("main").inner_text()
