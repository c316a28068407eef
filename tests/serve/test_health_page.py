"""The page about the loop itself, and the line above every other page."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from otel_ai_feedback import pages, setting_values
from otel_ai_feedback.pages.alarms import ALARMS, shown
from otel_ai_feedback.pages.health import notices, watched
from otel_ai_feedback.store import beats
from otel_ai_feedback.store.beats import Beat

_DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def jobs_late(clean):
    at = datetime.now(timezone.utc) - timedelta(hours=3)
    beats.write(clean, [Beat("jobs", 1), Beat("rules", 1)], at)
    beats.write(clean, [Beat("rules", 1)])
    return clean


def test_every_alarm_has_words_and_a_runbook():
    assert sorted(ALARMS) == sorted(setting_values.HEALTH_ALARMS)
    for name in ALARMS:
        text = (_DOCS / "runbooks" / f"{name}.md").read_text()
        assert "## What to do" in text
        assert f"(runbooks/{name}.md)" in (_DOCS / "health.md").read_text()


def test_a_store_in_order(clean, web):
    page = web.get("/health").text
    assert "The loop is in order" in page
    assert "Somebody reads outputs" in page


def test_what_is_broken_in_words_and_what_to_do(jobs_late, web):
    page = web.get("/health").text
    assert "The store&#39;s jobs do not run, so nothing is counted" in page
    assert "Look into the log of serve" in page
    assert "3\u202fh" in page
    assert "15\u202fmin" in page
    assert "docs/runbooks/jobs-late.md" in page
    assert 'href="/runbooks/jobs-late"' in page
    assert web.get("/runbooks/jobs-late").is_success
    assert "The alert rules are evaluated" in page
    assert "Nobody evaluates" not in page


def test_the_line_above_every_page(jobs_late, settings):
    shell = pages.Pages(settings.timezone, "http://localhost")
    health = pages.Health(pages.Questions([jobs_late]), shell)
    before = bytes(shell.render("empty.html").body).decode()
    assert "notice" not in before
    health.announce()
    page = bytes(shell.render("empty.html").body).decode()
    assert 'class="notice"' in page
    assert "jobs do not run" in page
    assert '<a href="/health">What to do</a>' in page
    beats.write(jobs_late, [Beat("jobs", 1)])
    health.announce()
    assert bytes(shell.render("empty.html").body).decode() == before


def _row(alarm, firing=1, service="chat"):
    return {
        "alarm": alarm,
        "service": service,
        "environment": "production",
        "feature": "",
        "value": 0.0,
        "threshold": 1.0,
        "firing": firing,
        "detail": "",
        "last_seen": None,
    }


def test_many_alarms_are_one_line():
    rows = [_row(name) for name in ALARMS] + [_row("jobs-late", service="other")]
    (notice,) = notices(watched(rows))
    assert notice.text.startswith("Outputs have stopped coming in. Answers are made")
    assert notice.text.endswith(f"And {len(ALARMS) - 2} more.")
    assert notices(watched([_row(name, firing=0) for name in ALARMS])) == []


def test_an_alarm_of_a_newer_store_does_not_break_the_page():
    assert notices(watched([_row("unheard-of")])) == []


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.1234, "share", "12.3\u202f%"),
        (1.0, "share", "100\u202f%"),
        (1.0, "days", "1\u202fday"),
        (8.42, "days", "8.42\u202fdays"),
        (50.0, "number", "50"),
        (30.0, "seconds", "30\u202fs"),
        (900.0, "seconds", "15\u202fmin"),
        (7200.0, "seconds", "2\u202fh"),
        (5 * 86_400.0, "seconds", "5\u202fdays"),
    ],
)
def test_values_as_people_say_them(value, unit, text):
    assert shown(value, unit) == text


def test_incidents_are_a_page_of_serve(clean, web):
    page = web.get("/triage")
    assert page.status_code == 200
    assert "Nothing waits for an answer" in page.text
    # Without a triage file nobody owns alarms, and the page says how to write one.
    assert "otel-ai-feedback triage init" in page.text
    assert web.get("/triage/triage.js").headers["content-type"].startswith("text/javascript")
    assert 'href="/triage"' in web.get("/health").text
