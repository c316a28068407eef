"""The page ``/compare``: shared by its address, and plain about what cannot be said."""

import re
import time
from datetime import datetime, timedelta, timezone
from html import unescape

import pytest

from otel_ai_feedback import attributes as names

from . import otlp

DAY = 24 * otlp.HOUR
PATH = "/compare?group=chat/production/support&by=model&a=old&b=new"


@pytest.fixture(scope="module")
def versions(engine, wiped, post, server):
    """60 answers of each of two models, of which the new one is copied far less."""
    spans = []
    noon = time.time_ns() // DAY * DAY - DAY + 12 * otlp.HOUR
    for number in range(1, 121):
        model = ("old", "new")[number % 2]
        tags = {names.SUBJECT: f"user {number}", "gen_ai.conversation.id": f"c {number}"}
        target = otlp.output(number, model=model, start=noon + number * 1_000_000_000, **tags)
        spans += [target, otlp.action(number, target, "seen", after=0.2)]
        if model == "old" or number % 10 == 1:
            spans.append(otlp.action(1000 + number, target, "copy", amount=1.0))
    wiped(engine)
    post(*spans)
    server.run_jobs()


def page(web, path):
    answer = web.get(path)
    assert answer.status_code == 200, answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_it_says_the_verdict_in_one_sentence(versions, web):
    shown = page(web, f"{PATH}&days=2")
    assert "<h2>new is worse than old (copied)" in shown
    assert "100.0%" in shown
    assert "20.0%" in shown
    assert "-80.0 points" in shown
    assert 'class="interval worse"' in shown
    assert "Time per used answer, A" in shown


def test_before_the_plan_has_ended_the_intervals_hold_at_every_look(versions, web):
    shown = page(web, f"{PATH}&since=2026-01-01")
    assert "Intervals hold for this one look" in shown
    yesterday = f"{datetime.now(timezone.utc).date() - timedelta(1)}"
    shown = page(web, f"{PATH}&since={yesterday}&days=28")
    assert "Day 2 of 28: intervals hold at every look." in shown
    assert "By day 28 this traffic shows" in shown


def test_the_address_fills_the_form_again(versions, web):
    shown = page(web, f"{PATH}&since=2026-11-01&until=2026-11-20&days=20&split=40")
    for field in (
        '<option value="chat/production/support" selected>',
        '<option value="model" selected>',
        'name="a" value="old"',
        'name="b" value="new"',
        'name="since" value="2026-11-01"',
        'name="split" min="1" max="99" value="40"',
    ):
        assert field in shown


@pytest.mark.slow
def test_it_is_in_the_navigation_and_proposes_what_to_compare(versions, web):
    assert '<a href="/compare">Compare</a>' in page(web, "/")
    for path in ("/compare", "/compare?group=chat/production/support"):
        shown = page(web, path)
        assert "Is B better than A?" in shown
        # the first answer of "old" came after that of "new"
        link = re.search(
            r'<a href="([^"]*)">chat · production · support: model old against new</a>', shown
        )
        assert link
        compared = page(web, unescape(link[1]))
        assert "A is new, B is old" in compared
        assert "B minus A" in compared


def test_versions_without_answers_on_these_days_are_not_proposed(versions, web):
    shown = page(web, "/compare?since=2026-01-01&until=2026-01-20")
    assert "against" not in shown.partition("Is B better than A?")[2]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("&a=old&b=old", "both arms are"),
        ("&by=flag", "need the flag"),
        ("&by=days", "is not of the form"),
        ("&b=unknown", "Not enough data yet: fewer than 30 answers of old or of unknown."),
    ],
)
def test_what_cannot_be_compared_says_why(versions, web, query, says):
    kept = [
        pair for pair in PATH.split("?")[1].split("&") if f"&{pair.split('=')[0]}=" not in query
    ]
    assert says in page(web, f"/compare?{'&'.join(kept)}{query}")


@pytest.mark.parametrize(
    "query",
    ["days=x", "days=-1", "since=monday", "until=2026-13-01", "split=200", "by=nope", "group=a"],
)
def test_choices_that_make_no_sense_are_left_out(versions, web, query):
    page(web, f"/compare?{query}")


def test_names_are_escaped(versions, web):
    shown = page(web, "/compare?group=chat/production/support&a=%3Cb%3E&b=%22x")
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
