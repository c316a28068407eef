"""What was planned and what was read; what lies unread is never a debt."""

from datetime import timedelta

import pytest
from weeks import NOW, READ_AT, WEEKS, spread


@pytest.fixture
def debt(client):
    """The rows of the view, by service."""

    def ask(at=NOW):
        result = client.query(f"select * from review_debt_at(as_of = '{at}')")
        rows = [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]
        return {row["service"]: row for row in rows}

    return ask


def minutes(client, number):
    client.command(
        f"insert into settings values ('review_minutes_per_week', '{number}', now64(3, 'UTC'))"
    )


def test_who_reads_what_was_planned_owes_nothing(cell, review, client, debt):
    minutes(client, 10)
    for week in WEEKS:
        names = cell(week, "none", 5000, spread(60))
        review(names[:30], "good")
    # 9 s each, 120 outputs: 18 of 20 minutes
    row = debt()["chat"]
    assert (row["minutes_promised"], row["minutes_read"], row["labels"]) == (20, 18, 120)
    assert row["debt"] == 0


def test_less_than_planned_is_a_debt_however_many_labels(cell, review, client, debt):
    minutes(client, 12)
    for week in WEEKS:
        names = cell(week, "none", 5000, spread(60))
        review(names[:30], "good")
    row = debt()["chat"]
    assert (row["is_short_of_minutes"], row["is_short_of_labels"], row["debt"]) == (1, 0, 1)


def test_fewer_than_50_labels_is_a_debt_of_that_group(cell, review, client, debt):
    minutes(client, 10)
    for week in WEEKS:
        review(cell(week, "none", 5000, spread(60))[:30], "good")
        review(cell(week, "none", 5000, spread(60), service="mail")[:10], "good")
    # the first that was not read of either group ends what counts
    rows = debt()
    assert (rows["mail"]["is_short_of_labels"], rows["mail"]["debt"]) == (1, 1)
    assert rows["mail"]["is_short_of_minutes"] == 0


def test_where_all_was_read_there_is_no_debt(cell, review, debt):
    for week in WEEKS:
        review(cell(week, "none", 10, spread(5), threshold=1), "good")
    row = debt()["chat"]
    assert (row["labels"], row["debt"]) == (20, 0)


def test_where_nothing_was_planned_there_is_no_debt(cell, client, debt):
    minutes(client, 0)
    for week in WEEKS:
        cell(week, "none", 5000, spread(60))
    assert debt()["chat"]["debt"] == 0


def test_a_new_sample_has_no_plan_for_two_weeks_yet(cell, debt):
    cell(WEEKS[3], "none", 5000, spread(60))
    row = debt()["chat"]
    assert row["minutes_promised"] == pytest.approx(60 / 7)
    assert row["is_short_of_labels"] == 0


def test_what_was_not_read_in_28_days_is_expired_and_moves_nothing(cell, review, client):
    names = cell(WEEKS[0], "none", 1000, spread(20))
    review(names[:8], "good", at=READ_AT)
    review(names[8:12], "good", at=READ_AT + timedelta(days=8))
    cuts = "select cut, disposed, expired from review_progress_at(as_of = '{}')"
    assert client.query(cuts.format(NOW)).result_rows == [(pytest.approx(0.425), 8, 0)]
    assert client.query(cuts.format("2026-12-09 00:00:00.000")).result_rows == [
        (pytest.approx(0.425), 8, 12)
    ]
