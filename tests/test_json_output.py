"""JSON of the commands, as programs read it."""

import json
from datetime import date, datetime, timedelta, timezone

import pytest

from otel_ai_feedback.json_output import dumped


def read(value):
    return json.loads(dumped({"value": value}))["value"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (datetime(2026, 11, 3, 14, 31), "2026-11-03T14:31:00+00:00"),  # noqa: DTZ001
        (
            datetime(2026, 11, 3, 14, 31, tzinfo=timezone(timedelta(hours=1))),
            "2026-11-03T14:31:00+01:00",
        ),
        (date(2026, 11, 3), "2026-11-03"),
        (0.1 + 0.2, 0.3),
        (2 / 3, 0.666667),
        (1e-9 / 3, 3.33333e-10),
        (1764772265.123456789, 1764772265.123457),
        (float("nan"), None),
        (float("-inf"), None),
        (12, 12),
        (True, True),
        ("text", "text"),
        (("a", [{"b": 1 / 3}]), ["a", [{"b": 0.333333}]]),
    ],
)
def test_a_value_is_written_for_programs(value, written):
    assert read(value) == written
