"""People at the review page: keys, two at once, hostile text, no script, a phone."""

import json
import os
import statistics
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from .conftest import CHROMIUM, FLAGS

sys.path += [str(Path(__file__).parents[1] / room) for room in ("store", "review")]

from reading import CLOSED, labels, outputs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

ATTACKS = (
    "</div><script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'><svg onload='window.pwned = 1'>",
    "<iframe srcdoc='<script>parent.pwned = 1</script>'></iframe>",
    "<a href='javascript:window.pwned = 1' autofocus onfocus='window.pwned = 1'>click</a>",
    "<style>body { display: none }</style><base href='https://evil.example/'>",
    "<form action='https://evil.example/'><button name='verdict' value='good'>Good</button></form>",
    "<meta http-equiv='refresh' content='0;url=https://evil.example/'>",
    "{{ 7 * 7 }} {% raw %} ${7 * 7} \x00 \x1b[31m \u202ereversed\u202c \ud800",
)


def _messages(*said):
    return json.dumps(
        [{"role": role, "parts": [{"type": "text", "content": text}]} for role, text in said]
    )


TALK = {
    "gen_ai__input__messages": _messages(
        ("system", "You help people with their invoices. Be brief."),
        ("user", "Which invoices are open?"),
        ("assistant", "Two: 2041 of 3 October over 120.00, and 2077 of 1 November over 60.50."),
        ("user", "The first one is wrong, I cancelled in September. What do I do?"),
    ),
    "gen_ai__output__messages": _messages(
        (
            "assistant",
            "I am sorry about that. Here is how to have invoice 2041 corrected:\n\n"
            "1. Open Billing, then Invoices, and choose 2041.\n"
            "2. Press Dispute and give the date of your cancellation.\n"
            "3. You get an answer within two working days; until then nothing is due.\n\n"
            "If your cancellation was confirmed by mail, attach that: it makes it faster.",
        )
    ),
    "gen_ai__conversation__id": "support-48812",
}


@pytest.fixture
def reviewer(clean, receiver, chromium):
    """``reviewer(name)``: a page of someone; nothing may be thrown or asked of another host."""
    contexts, thrown, strange = [], [], []

    def watch(request):
        if not request.url.startswith((receiver, "data:")):
            strange.append(request.url)

    def make(name, **options):
        context = chromium.new_context(
            base_url=receiver, extra_http_headers={"X-Reviewer": name}, **options
        )
        contexts.append(context)
        context.on("weberror", lambda error: thrown.append(str(error.error)))
        context.on("request", watch)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert thrown == []
    assert strange == []


def _item(page):
    """The output on the screen, if there is one."""
    lease = page.locator('input[name="lease"]')
    return page.locator(".facts code").inner_text() if lease.count() else None


def _press(page, *keys):
    """Press keys until the next page is there."""
    *before, last = keys
    for key in before:
        page.keyboard.press(key)
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.keyboard.press(last)


def test_twenty_by_keys_alone(clean, reviewer, capsys):
    order = outputs(clean, 24, **TALK)
    page = reviewer("ann", viewport={"width": 1280, "height": 860})
    page.goto("/review")
    sent = [("g",), ("1", "b"), ("b", "1", "Enter"), ("u",), ("r",)]
    page.keyboard.press("m")
    page.keyboard.type("made it up")
    read, took = [_item(page)], []
    _press(page, "Enter")
    pictures = os.environ.get("OTEL_AI_FEEDBACK_PICTURES")
    if pictures:
        page.screenshot(path=f"{pictures}/review.png")
    worked = time.process_time()
    for number in range(19):
        read.append(_item(page))
        began = time.monotonic()
        _press(page, *sent[number % len(sent)])
        took.append(time.monotonic() - began)
    worked = time.process_time() - worked
    assert read == order[:20]
    rows = labels(clean)
    assert [row[0] for row in rows] == read
    said = ["bad", *(["good", "bad", "bad", "unsure", "unreadable"] * 4)[:19]]
    assert [row[3] for row in rows] == said
    assert all(row[4] == ["made it up"] for row in rows if row[3] == "bad")
    # undo, with a note, and go on where it was
    _press(page, "z")
    assert _item(page) == order[19]
    page.keyboard.press("n")
    page.keyboard.type("gubs")
    page.keyboard.press("Escape")
    _press(page, "g")
    assert labels(clean)[-1][:6] == (order[19], "first", "ann", "good", [], "gubs")
    assert _item(page) == order[20]
    _press(page, "s")
    assert _item(page) == order[21]
    with capsys.disabled():
        print(
            f"\nkeyboard only, {len(took)} items: {statistics.median(took):.2f} s from the key "
            f"to the next output (median), {max(took):.2f} s at most; "
            f"{worked / len(took):.2f} s of one core's work each"
        )


def test_two_at_once_lose_nothing_and_share_only_what_is_read_twice(clean, receiver):
    for day in range(2):
        order = outputs(clean, 12, day=CLOSED + timedelta(days=day), name=f"d{day}-")
        assert len(order) == 12
    # chance takes one in ten to be read twice, and may take none of so few
    clean.command(
        "insert into second_readings (output_id, chosen_at) "
        "select output_id, now() from review_draw "
        "where output_id not in (select output_id from second_readings) "
        "order by output_id limit 6"
    )
    done = {}
    readers = [threading.Thread(target=_read_all, args=(receiver, n, done)) for n in ("ann", "ben")]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert not [each for each in done.values() if isinstance(each, Exception)], done
    rows = labels(clean)
    # nothing is lost: what each browser sent is there, once
    for name, sent in done.items():
        assert Counter(sent) == Counter(row[0] for row in rows if row[2] == name)
    first = Counter(row[0] for row in rows if row[1] == "first")
    second = Counter(row[0] for row in rows if row[1] == "second")
    lot = {name for (name,) in clean.query("select output_id from second_readings").result_rows}
    assert len(lot) >= 6
    assert len(first) == 24
    assert set(first.values()) == {1}
    assert set(second) == lot
    assert set(second.values()) <= {1}
    by = {(row[0], row[1]): row[2] for row in rows}
    assert all(by[name, "first"] != by[name, "second"] for name in lot)


def _read_all(url, name, done):
    """Read until there is nothing left, in a browser of its own."""
    from playwright.sync_api import sync_playwright

    sent = []
    try:
        with sync_playwright() as running:
            browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(base_url=url, extra_http_headers={"X-Reviewer": name})
            page.set_default_timeout(120_000)
            empty = 0
            while empty < 3:
                page.goto("/review") if not sent or empty else None
                while (item := _item(page)) is not None:
                    empty = 0
                    sent.append(item)
                    _press(page, "g")
                # what the other one still has on the screen may come here to be read again
                empty += 1
                time.sleep(2)
            browser.close()
        done[name] = sent
    except Exception as error:
        done[name] = error


def test_hostile_text_stays_text(clean, reviewer):
    for number, attack in enumerate(ATTACKS):
        said = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": attack}]}])
        asked = json.dumps([{"role": "user", "parts": [{"type": "text", "content": attack}]}])
        outputs(clean, 1, day=CLOSED + timedelta(days=number % 4), name=f"x{number}-",
                frozen=number > 3, gen_ai__output__messages=said, gen_ai__input__messages=asked,
                gen_ai__response__model=attack.strip("\ud800"))  # fmt: skip
    page = reviewer("ann")
    page.goto("/review")
    read = 0
    while _item(page) is not None:
        read += 1
        page.wait_for_timeout(200)
        assert page.evaluate("window.pwned") is None
        assert page.url.startswith(page.evaluate("location.origin"))
        assert page.locator("#verdict button.good").is_visible()
        assert page.locator("article script, article img, article form, article a").count() == 0
        # keys still reach the form, whatever the text tries
        _press(page, "g")
    assert read >= 4
    assert len(labels(clean)) == read


def test_without_script_on_a_phone(clean, reviewer):
    order = outputs(clean, 3)
    page = reviewer(
        "ann", java_script_enabled=False, viewport={"width": 390, "height": 800}, has_touch=True
    )
    page.goto("/review")
    # nothing is wider than the screen
    assert page.locator("main").bounding_box()["width"] <= 390
    page.fill('input[name="new_mode"]', "too long")
    # Enter in a field is no verdict
    page.press('input[name="new_mode"]', "Enter")
    assert page.get_by_role("alert").inner_text().startswith("Choose a verdict")
    assert page.get_by_label("too long").is_checked()
    with page.expect_navigation():
        page.get_by_role("button", name="Bad").tap()
    assert [row[:5] for row in labels(clean)] == [(order[0], "first", "ann", "bad", ["too long"])]
    assert _item(page) == order[1]


def test_what_a_screen_reader_is_told(clean, reviewer):
    outputs(clean, 2)
    page = reviewer("ann")
    page.goto("/review")
    said = page.locator("body").aria_snapshot()
    for expected in ('heading "Review"', 'heading "Answer"', 'button "Good', "form",
                     'group "First thing that went wrong"', 'textbox "Note'):  # fmt: skip
        assert expected in said, (expected, said)
    page.keyboard.press("b")
    assert page.locator("[aria-live]").inner_text().startswith("Bad.")
    # the first stop of the Tab key leads past the navigation
    page.reload()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
