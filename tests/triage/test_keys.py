"""The keys of the triage pages, in a real browser; and the same pages without JavaScript."""

import os
from datetime import datetime, timedelta, timezone

import pytest

from .notifications import hours, parsed
from .served import TOKENS, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

NOW = datetime.now(timezone.utc).replace(microsecond=0)


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield browser
        browser.close()


@pytest.fixture
def person(clean, settings, triage, tmp_path, chromium):
    """``person(name)``: a page of someone who has signed in; nothing may be thrown on it."""
    thrown, contexts = [], []
    with serving(settings, triage, tmp_path) as url:

        def make(name, **options):
            context = chromium.new_context(base_url=url, **options)
            context.set_default_timeout(120_000)
            contexts.append(context)
            context.on("weberror", lambda error: thrown.append(str(error.error)))
            page = context.new_page()
            page.goto("/triage")
            page.fill("input[name=token]", TOKENS[name])
            page.click("main button")
            page.wait_for_selector("h1:has-text('Open incidents')")
            return page

        yield make
        for context in contexts:
            context.close()
    assert thrown == []


def press(page, *keys):
    """Press keys, until the page that the last one leads to is there."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])


def test_from_the_list_to_resolved_by_keys_alone(person, incidents):
    soon = incidents.take(parsed(), source="grafana", at=NOW - timedelta(days=9)).incident_id
    later = incidents.take(parsed(series="reasked"), source="check", at=NOW).incident_id
    page = person("Ana")
    page.keyboard.press("a")  # nothing is chosen yet
    page.keyboard.press("j")
    assert page.locator("tr.chosen").get_attribute("data-incident") == soon
    page.keyboard.press("j")
    assert page.locator("tr.chosen").get_attribute("data-incident") == later
    press(page, "k", "a")
    assert incidents.get(soon).acknowledged_by == "Ana"
    assert incidents.get(later).state == "open"
    # What is acknowledged is due later: it has moved to the end of the list.
    page.goto(f"/triage/{soon}")
    press(page, "s")
    assert incidents.get(soon).state == "in_progress"
    page.keyboard.press("r")
    page.keyboard.type("prompt")  # chooses in the list of causes
    page.keyboard.press("Tab")
    page.keyboard.type("took the example out, as agreed")  # letters are text here, not keys
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("copied")
    press(page, "Enter")
    found = incidents.get(soon)
    assert (found.state, found.cause, found.moves) == ("resolved", "prompt", "copied:up")
    assert incidents.events(soon)[-1].note == "took the example out, as agreed"


def test_other_keys_hand_over_accept_and_note(person, incidents):
    key = incidents.take(parsed(), source="grafana", at=NOW - hours(2)).incident_id
    page = person("Ana")
    page.goto(f"/triage/{key}")
    page.keyboard.press("n")
    page.keyboard.type("a note")
    press(page, "Tab", "Enter")
    page.keyboard.press("h")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("x")
    page.keyboard.type("as it should be")
    press(page, "Tab", "Enter")
    assert incidents.get(key).state == "accepted"
    assert [event.note for event in incidents.events(key)][1:] == ["a note", "as it should be"]


def test_without_javascript(person, incidents):
    key = incidents.take(parsed(), source="grafana", at=NOW - hours(2)).incident_id
    page = person("Ben", java_script_enabled=False)
    page.click("button:has-text('Acknowledge')")
    page.goto(f"/triage/{key}")
    page.click("summary:has-text('Resolve')")
    page.select_option("select[name=cause]", "data")
    page.fill("textarea[name=fix]", "index rebuilt")
    page.fill("input[name=check_day]", str((NOW + timedelta(days=9)).date()))
    page.click("button[value=resolve]")
    page.wait_for_selector("text=index rebuilt")
    found = incidents.get(key)
    assert (found.state, found.resolved_by, found.cause) == ("resolved", "Ben", "data")
