"""The page about system health, and the notice above every other page."""

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from otel_ai_feedback import pages, setting_values
from otel_ai_feedback.pages.health import notices, results
from otel_ai_feedback.pages.health_checks import HEALTH_CHECKS
from otel_ai_feedback.store import heartbeats, kept, relations
from otel_ai_feedback.store.heartbeats import Heartbeat

_DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def jobs_late(clean):
    at = datetime.now(timezone.utc) - timedelta(hours=3)
    heartbeats.write(clean, [Heartbeat("jobs", 1), Heartbeat("rules", 1)], at)
    heartbeats.write(clean, [Heartbeat("rules", 1)])
    return clean


def test_every_health_check_has_words_and_a_runbook():
    assert sorted(HEALTH_CHECKS) == sorted(setting_values.HEALTH_ALARMS)
    for name in HEALTH_CHECKS:
        text = (_DOCS / "runbooks" / f"{name}.md").read_text()
        assert "## What to do" in text
        assert f"(runbooks/{name}.md)" in (_DOCS / "health.md").read_text()


def test_a_healthy_store(clean, web, monkeypatch):
    checks = [each for each in relations.kept() if each.room == "health"]
    monkeypatch.setattr(relations, "kept", lambda: checks)
    kept.refresh(clean)
    page = web.get("/health").text
    assert "All checks passed" in page
    passing, _, unjudged = page.partition("Not enough data to check")
    assert "Incidents are within their deadlines" in passing
    assert "Reviews are being done" in unjudged
    assert "Reviews are being done" not in passing


def test_a_check_that_says_yes_or_no_shows_no_zeros():
    (check,) = [each for each in results([_row("review-debt", firing=0)]) if each.passing]
    assert (check.passing[0]["value"], check.passing[0]["threshold"]) == ("–", "–")


def test_a_server_that_just_started_has_not_run_everything_yet(clean, web):
    heartbeats.write(
        clean, [Heartbeat("receiver", 1)], datetime.now(timezone.utc) - timedelta(seconds=21)
    )
    page = web.get("/health").text.partition("Not enough data to check")[2]
    found = re.search("Background jobs are running.*?<td>([^<]*ago)", page, re.DOTALL)
    assert re.fullmatch("Not run yet; serve started 2\\d\u202fs ago", found[1])


def test_a_failing_check_says_what_is_wrong_and_what_to_do(jobs_late, web):
    page = web.get("/health").text
    assert "Background jobs are not running, so rates are out of date" in page
    assert "Search the log of serve" in page
    assert "3\u202fh" in page
    assert "15\u202fmin" in page
    assert "docs/runbooks/jobs-late.md" in page
    assert 'href="/runbooks/jobs-late"' in page
    assert web.get("/runbooks/jobs-late").is_success
    assert "Alert rules are running" in page
    assert "Alert rules are not running" not in page


def test_the_line_above_every_page(jobs_late, settings):
    shell = pages.Pages(settings.timezone, "http://localhost")
    health = pages.Health(pages.Questions([jobs_late]), shell)
    before = bytes(shell.render("empty.html").body).decode()
    assert "notice" not in before
    health.announce()
    page = bytes(shell.render("empty.html").body).decode()
    assert 'class="notice"' in page
    assert "jobs are not running" in page
    assert '<a href="/health">What to do</a>' in page
    heartbeats.write(jobs_late, [Heartbeat("jobs", 1)])
    health.announce()
    assert bytes(shell.render("empty.html").body).decode() == before


def _row(alarm, firing=1, service="chat"):
    return {
        "alarm": alarm,
        "service": service,
        "judged": 1,
        "environment": "production",
        "feature": "",
        "value": 0.0,
        "threshold": 1.0,
        "firing": firing,
        "detail": "",
        "last_seen": None,
    }


def test_many_failing_checks_are_one_line():
    rows = [_row(name) for name in HEALTH_CHECKS] + [_row("jobs-late", service="other")]
    (notice,) = notices(results(rows))
    assert notice.text.startswith("No answers received. No user actions received")
    assert notice.text.endswith(f"And {len(HEALTH_CHECKS) - 2} more.")
    assert notices(results([_row(name, firing=0) for name in HEALTH_CHECKS])) == []


def test_a_check_of_a_newer_store_does_not_break_the_page():
    assert notices(results([_row("unheard-of")])) == []


def test_incidents_are_a_page_of_serve(clean, web):
    page = web.get("/triage")
    assert page.status_code == 200
    assert "No open incidents" in page.text
    # Without a triage file alerting is off, and the page says how to turn it on.
    assert "otel-ai-feedback triage init" in page.text
    assert web.get("/triage/triage.js").headers["content-type"].startswith("text/javascript")
    assert 'href="/triage"' in web.get("/health").text
