from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback import formats


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "1"), (2.5, "2.5"), (0.00933, "0.00933"), (1340, "1\u202f340"), (1e-9, "0"),
     (0.00001234, "0.000012"), (-3, "-3"), (123456.7, "123\u202f457")],
)  # fmt: skip
def test_numbers_have_no_exponent(value, text):
    assert formats.number(value) == text


@given(st.floats(-1e12, 1e12))
def test_no_quality_score_is_shown_with_an_exponent(value):
    assert "e" not in formats.number(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.35, "350 ms"), (2.44, "2.4 s"), (59, "59 s"), (60, "1 min"), (900, "15 min"),
     (10_800, "3 h"),
     (86_400, "24 h"), (432_000, "5 days"), (806, "13 min")],
)  # fmt: skip
def test_a_duration_has_the_unit_that_people_use(seconds, text):
    assert formats.duration(seconds).replace("\u202f", " ") == text


def test_plurals_and_zero():
    assert formats.plural(0, "answer") == "no answers"
    assert formats.plural(1, "answer") == "1 answer"
    assert formats.plural(1200, "answer") == "1\u202f200 answers"
    assert formats.plural(2, "series", "series") == "2 series"


def test_shares_and_units():
    assert formats.percent(0.1234) == "12.3%"
    assert formats.interval(0.1, 0.145) == "10.0% to 14.5%"
    assert formats.quantity(0.5, "share") == "50.0%"
    assert formats.quantity(0.00933, "days").replace("\u202f", " ") == "13 min"


def test_times_are_shown_in_their_zone_and_the_store_answers_in_utc():
    moment = datetime(2026, 11, 3, 23, 31, 5)  # noqa: DTZ001
    kolkata = ZoneInfo("Asia/Kolkata")
    assert formats.second(moment, kolkata) == "4\u00a0Nov 2026, 05:01:05"
    assert formats.minute(moment, kolkata) == "4\u00a0Nov, 05:01"
    assert formats.clock(moment, kolkata) == "05:01"
    assert formats.utc_minute(moment.replace(tzinfo=timezone.utc)) == "2026-11-03 23:31 UTC"


def test_days_and_months_are_those_that_people_write():
    assert formats.day(date(2026, 11, 3)) == "3 Nov"
    assert formats.month(date(2026, 11, 3)) == "November 2026"
    told = formats.local_minute(datetime(2026, 11, 3, 23, 31, tzinfo=timezone.utc), "Asia/Kolkata")
    assert told == "Wed 4 Nov 2026, 05:01 Asia/Kolkata"


def test_the_size_of_a_difference_has_no_sign():
    assert formats.size(-0.0321) == "3.2 points"


def test_only_the_first_letter_becomes_a_capital():
    assert [formats.capital(text) for text in ("asked again", "by GPT", "")] == [
        "Asked again", "By GPT", "",
    ]  # fmt: skip
