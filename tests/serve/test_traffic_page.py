"""What counts in no rate is counted on a page."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from otel_ai_feedback.pages.render import Pages
from otel_ai_feedback.pages.traffic import Traffic, features

from . import otlp


def test_a_store_without_answers(clean, web):
    assert "No answers in the last 7 days" in web.get("/traffic").text


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_its_seven_days_are_those_of_the_teams_zone(zone):
    """The two are 25 hours apart, so one of them never has the day of UTC."""
    asked = []

    class Questions:
        async def ask(self, name, since):
            asked.append(since)
            return []

    before = datetime.now(ZoneInfo(zone)).date()
    asyncio.run(Traffic(Questions(), Pages(zone, ""))(None))
    after = datetime.now(ZoneInfo(zone)).date()
    assert before - timedelta(6) <= asked[0] <= after - timedelta(6)


def _row(**more):
    return {
        "service": "chat", "environment": "production", "feature": "chat", "answers": 100,
        "apart": {}, "actions_apart": 0, "users": 9, "of_one_user": 10, "beyond_limit": 0,
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "of_one", "heavy"), [(100, 21, True), (100, 20, False), (49, 40, False)]
)
def test_a_heavy_user_stands_out(answers, of_one, heavy):
    (found,) = features([_row(answers=answers, of_one_user=of_one)])
    assert found.is_heavy is heavy


def test_a_reason_of_the_teams_own_is_named_as_it_is_written():
    (found,) = features([_row(apart={"bot": 3, "feature=eval-*": 2, "test": 0})])
    assert Counter(dict(found.apart)) == {"Bots": 3, "EXCLUDE: feature=eval-*": 2}


def test_bots_and_wrong_clocks(send, web):
    synthetic = {"user_agent.synthetic.type": "bot"}
    send(
        otlp.output(1, **synthetic),
        otlp.output(2, **synthetic),
        otlp.output(3, start=10**17),
        otlp.output(4),
    )
    page = web.get("/traffic").text
    assert "Bots: 2" in page
    assert "Time cannot be right: 1" in page
    assert '<a href="/traffic">' in web.get("/health").text
