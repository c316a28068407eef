"""Failure modes: a list with a history, shares by today's names, and what no one has seen yet."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from weeks import NOW, READ_AT, WEEKS, spread

from otel_ai_feedback.review import modes

ID = "0123456789abcdef" * 2 + "-" + "0123456789abcdef"


def rows(client, view, columns="*", at=NOW, order="all"):
    result = client.query(f"select {columns} from {view}(as_of = '{at}') order by {order}")
    return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]


@pytest.fixture
def change(client):
    """``change(minute, change, mode, into)`` changes the list at some minute of READ_AT's hour."""

    def make(minute, kind, mode, into="", service="", at=READ_AT):
        client.insert(
            "mode_changes",
            [[f"{minute:03}", mode, kind, into, "", [], service, "why", "ann",
              at + timedelta(minutes=minute)]],
        )  # fmt: skip

    return make


def names(client, at=NOW):
    return {row["alias"]: row["mode"] for row in rows(client, "mode_names_at", at=at)}


def test_renames_and_merges_take_all_former_names_along(client, change):
    change(1, "rename", "a", "b")
    change(2, "rename", "b", "c")
    change(3, "merge", "d", "c")
    assert names(client) == {"a": "c", "b": "c", "c": "c", "d": "c"}
    assert names(client, "2026-11-30 00:01:30.000") == {"a": "b", "b": "b"}
    change(4, "define", "a")
    change(5, "rename", "c", "d")
    assert names(client) == {"a": "a", "b": "d", "c": "d", "d": "d"}


_NAMES = st.sampled_from("abcde")


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["define", "rename", "merge"]), _NAMES, _NAMES)))
def test_a_name_leads_to_one_that_leads_to_itself(client, change, made):
    client.command("truncate table mode_changes")
    expected = {}
    for minute, (kind, mode, into) in enumerate(made):
        target = mode if kind == "define" else into
        change(minute, kind, mode, target)
        moved = {old: target if now == mode else now for old, now in expected.items()}
        expected = {**moved, mode: target, target: target}
    assert names(client) == expected
    assert all(expected[now] == now for now in expected.values())


@pytest.mark.slow
def test_shares_are_of_todays_names(cell, review, change, client):
    labels = cell(WEEKS[3], "none", 600, spread(60))
    review(labels[:50], "good")
    review(labels[50:53], "bad", modes=["wrong date"])
    review(labels[53:56], "bad", modes=["wrong fact", "wrong date"])
    review(labels[56:], "bad")
    change(1, "merge", "wrong date", "wrong fact")
    found = rows(client, "failure_modes_at")
    assert [(row["mode"], row["labels"], round(row["share"], 6)) for row in found] == [
        ("unnamed", 4, round(4 / 60, 6)),
        ("wrong fact", 6, 0.1),
    ]
    assert all(row["low"] < row["share"] < row["high"] for row in found)
    before = rows(client, "failure_modes_at", at="2026-11-30 00:00:30.000")
    assert [row["mode"] for row in before] == ["unnamed", "wrong date", "wrong fact"]


def test_the_interval_of_a_share_is_that_of_quality(cell, review, client):
    """Bad and not good are the same outputs, so the shares and their errors are the same."""
    cells = [(600, 15, 15), (160, 10, 8), (860, 45, 38), (180, 12, 8), (90, 9, 4), (110, 9, 3)]
    for place, (outputs, m, x) in enumerate(cells):
        labels = cell(WEEKS[2 + place % 2], f"stratum {place // 2}", outputs, spread(m))
        review(labels[:x], "good")
        review(labels[x:], "bad", modes=["bad"])
    (row,) = rows(client, "failure_modes_at")
    assert row["share"] == pytest.approx(1 - 0.825444, abs=1e-6)
    assert row["low"] == pytest.approx(1 - 0.878447, abs=1e-6)
    assert row["high"] == pytest.approx(1 - 0.755756, abs=1e-6)


@pytest.mark.parametrize(("days", "is_new"), [(3, 0), (27, 0), (28, 1)])
def test_in_the_first_four_weeks_of_a_group_no_mode_is_news(cell, review, client, days, is_new):
    begun = WEEKS[0] - timedelta(21)
    review(cell(begun, "none", 100, spread(4)), "bad", modes=["first"])
    review(cell(begun + timedelta(days), "none", 100, spread(4)), "bad", modes=["later"])
    found = {row["mode"]: row["is_new"] for row in rows(client, "failure_mode_states_at")}
    assert found == {"first": 0, "later": is_new}


def test_first_and_last_seen_new_and_back(cell, review, change, client):
    old = cell(WEEKS[0] - timedelta(days=21), "none", 100, spread(4))
    review(old, "bad", modes=["old"], at=READ_AT - timedelta(days=40))
    labels = cell(WEEKS[3], "none", 100, spread(6))
    review(labels[:2], "bad", modes=["old"])
    review(labels[2:], "bad", modes=["young"])
    change(0, "close", "young")
    change(0, "close", "old", at=READ_AT - timedelta(days=30))
    found = {row["mode"]: row for row in rows(client, "failure_mode_states_at")}
    assert {mode: (row["state"], row["is_new"], row["is_recurring"]) for mode, row in found.items()}
    assert (found["old"]["state"], found["old"]["is_new"], found["old"]["is_recurring"]) == (
        "open", 0, 1,
    )  # fmt: skip
    assert (found["young"]["state"], found["young"]["is_new"]) == ("closed", 1)
    assert (found["old"]["first_seen"], found["old"]["last_seen"]) == (
        WEEKS[0] - timedelta(days=21), WEEKS[3],
    )  # fmt: skip
    # someone says that it is fixed now, in another service, then in this one
    change(1, "close", "old", service="mail")
    assert rows(client, "failure_mode_states_at")[0]["is_recurring"] == 1
    change(2, "close", "old", service="chat")
    assert rows(client, "failure_mode_states_at")[0]["state"] == "closed"
    change(3, "reopen", "old")
    assert rows(client, "failure_mode_states_at")[0]["state"] == "open"


def named(cell, review, *counts):
    """A week of bad outputs, so many of each mode."""
    labels = cell(WEEKS[3], "none", 10_000, spread(sum(counts)))
    for mode, count in enumerate(counts):
        review([labels.pop() for _ in range(count)], "bad", modes=[f"mode {mode}"])


def test_what_no_one_has_seen_yet(cell, review, client):
    named(cell, review, 1, 1, 1, 1, 2, 2, 12, 40)
    (row,) = rows(client, "unseen_modes_at")
    assert (row["bad_labels"], row["modes"], row["named_once"], row["named_twice"]) == (60, 8, 4, 2)
    assert row["unseen"] == pytest.approx(4 / 60)
    assert row["unseen_weighted"] == pytest.approx(4 / 60)
    assert row["low"] == pytest.approx(4 / 60 - 1.96 * 2 / 60)
    assert row["high"] == pytest.approx(4 / 60 + 1.96 * 2 / 60)
    assert row["modes_in_all"] == pytest.approx(8 + 59 / 60 * 4 * 3 / (2 * 3))
    assert row["keep_opening"] == 1
    assert "keep adding" in modes.unseen_in_words(row)


def test_under_60_bad_labels_how_many_there_are_is_not_said(cell, review, client):
    named(cell, review, 1, 8, 50)
    (row,) = rows(client, "unseen_modes_at")
    assert (row["bad_labels"], row["modes_in_all"], row["keep_opening"]) == (59, None, 0)
    assert "complete enough" in modes.unseen_in_words(row)


def test_three_alike_do_not_mean_that_all_was_seen(cell, review, client):
    named(cell, review, 3)
    (row,) = rows(client, "unseen_modes_at")
    assert (row["unseen"], row["high"], row["keep_opening"]) == (0, 1, 1)


def test_each_label_counts_as_the_outputs_it_stands_for(cell, review, client):
    review(cell(WEEKS[3], "none", 400, spread(4), threshold=0.01), "bad", modes=["many"])
    review(cell(WEEKS[3], "reask", 4, spread(1), threshold=1), "bad", modes=["one"])
    (row,) = rows(client, "unseen_modes_at")
    assert (row["unseen"], row["unseen_weighted"]) == (0.2, pytest.approx(1 / 401))


def test_the_list_from_first_use_to_merge(cell, review, client):
    labels = cell(WEEKS[3], "none", 1000, spread(10))
    said = datetime.now(timezone.utc) - timedelta(days=1)
    review(labels[:4], "bad", modes=["wrong date"], at=said)
    review(labels[4:], "bad", modes=["wrong fact"], at=said)
    modes.define(client, "wrong fact", "states what is not so", "ann", (ID,))
    modes.rename(client, "wrong fact", "false statement", "bob")
    modes.merge(client, ["wrong date"], "false statement", "cay")
    (mode,) = modes.known(client)
    assert mode == modes.Mode(
        "false statement", "states what is not so", (ID,), ("wrong date", "wrong fact"), 10, "cay"
    )


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda c: modes.rename(c, "none such", "x", "ann"), "there is no failure mode"),
        (lambda c: modes.rename(c, "a", "b", "ann"), "merge 'a' into it"),
        (lambda c: modes.merge(c, ["a"], "a", "ann"), "into itself"),
        (lambda c: modes.define(c, "a;b", "x", "ann"), "without ;"),
        (lambda c: modes.define(c, "a\nb", "x", "ann"), "one line"),
        (lambda c: modes.define(c, "unnamed", "x", "ann"), "is reserved for unnamed failures"),
        (lambda c: modes.define(c, "a", " ", "ann"), "definition"),
        (lambda c: modes.define(c, "a", "x", ""), "author"),
        (lambda c: modes.define(c, "a", "x", "ann", ("7",)), "'7' is not the id"),
        (lambda c: modes.close(c, "a", "", "ann"), "reason"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(client, call, said):
    modes.define(client, "a", "first", "ann")
    modes.define(client, "b", "second", "ann")
    before = client.query("select count() from mode_changes").result_rows
    with pytest.raises(modes.ModeError, match=said):
        call(client)
    assert client.query("select count() from mode_changes").result_rows == before


def test_an_old_name_leads_to_the_current_one(client):
    modes.define(client, "a", "first", "ann")
    modes.rename(client, "a", "b", "ann")
    with pytest.raises(modes.ModeError, match="'a' is called 'b' today"):
        modes.close(client, "a", "mended", "ann")
