"""Expressions that statements share write numbers and times as `formats` does."""

from datetime import datetime, timezone

import pytest

from otel_ai_feedback import formats
from otel_ai_feedback.store import fragments


def _value(client, expression):
    return client.query(fragments.expand(f"select {expression}")).result_rows[0][0]


@pytest.mark.parametrize("number", [0, 7, 999, 1000, 1038, 12345, 999_999, 1_234_567, 10**12])
def test_counts_have_their_thousands_apart(clean, number):
    assert _value(clean, f"{{{{count(toUInt64({number}))}}}}") == formats.count(number)
    assert _value(clean, f"{{{{count({number} + .2)}}}}") == formats.count(number + 0.2)


@pytest.mark.parametrize("seconds", [0, 21, 59, 60, 600, 7199, 7200, 9999, 172_799, 172_800, 10**7])
def test_durations_have_the_unit_of_people(clean, seconds):
    assert _value(clean, f"{{{{duration({seconds})}}}}") == formats.duration(seconds)


def test_times_have_their_zone(clean):
    moment = datetime(2026, 11, 3, 14, 31, 59, tzinfo=timezone.utc)
    found = _value(clean, "{{utc_minute(toDateTime64('2026-11-03 14:31:59', 3, 'UTC'))}}")
    assert found == formats.utc_minute(moment)
