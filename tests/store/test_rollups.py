"""What is counted once and kept is what counting again would give."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import count, examples, weeks
from raw_rows import SECOND, T0, action_span, insert, llm_span
from test_redelivery import TABLES, deliveries

from otel_ai_feedback.store import jobs, rollups
from otel_ai_feedback.store.relations import views

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
DAY = 86_400
# A week is counted when it closes and not with every row that comes late.
COUNTED = "series != 'returned_7d'"


def kept(client, where=COUNTED):
    return client.query(f"select * from signal_rates where {where} order by all").result_rows


def kept_within(client, since, until):
    return client.query(
        "select * from signal_rates_within(since = {since:Date}, until = {until:Date}) "
        f"where {COUNTED} order by all",
        parameters={"since": since, "until": until},
    ).result_rows


def recounted(client, as_of, where=COUNTED):
    return client.query(
        "select * from signal_rates_at(as_of = {as_of:DateTime64(3, 'UTC')}) "
        f"where {where} order by all",
        parameters={"as_of": as_of.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]},
    ).result_rows


def facts(client, as_of=None):
    view = (
        "daily_attribute_counts"
        if as_of is None
        else "daily_attribute_counts_at(as_of = {as_of:DateTime64(3, 'UTC')})"
    )
    at = {"as_of": (as_of or START).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]}
    return client.query(f"select * from {view} order by all", parameters=at).result_rows


@examples(3)
@given(
    deliveries(),
    st.lists(st.integers(1, 5 * DAY), min_size=3, max_size=3),
    st.tuples(st.integers(-2, 3), st.integers(0, 3)),
)
def test_after_every_refresh_rates_are_those_of_the_outputs(engine, delivery, waits, window):
    since = START.date() + timedelta(days=window[0])
    until = since + timedelta(days=window[1])
    for table in TABLES:
        engine.command(f"truncate table {table}")
    _, batches = delivery
    now = START
    for batch, wait in zip(batches, waits, strict=False):
        insert(engine, sorted(batch, key=lambda row: row["table"]))
        now += timedelta(seconds=wait)
        count(engine, now)
        expected = recounted(engine, now)
        assert kept(engine) == expected
        assert kept_within(engine, since, until) == [
            row for row in expected if since <= row[0] <= until
        ]
    assert facts(engine) == facts(engine, now)


@pytest.mark.slow
def test_days_that_are_counted_together_are_those_counted_one_by_one(clean, monkeypatch):
    """Recent days and frozen ones; traces over midnight, and one that is spread over all days."""
    rows = []
    for day in range(3):
        at = day * DAY + 57_590  # the second just before midnight
        for number in range(2):
            name, trace = f"{day}/{number}", f"t{number * day}"
            more = {"gen_ai__usage__output_tokens": str(10 * day + number + 1)}
            rows.append(llm_span(name, at=at + 20 * number, trace=trace, **more))
        rows.append(action_span("copy", name, at=at + 30, trace=trace, output_at=at + 20))
    insert(clean, rows)
    current = "where (day, version) in (select day, version from rollup_days final where rollup = "
    asked = {
        "histograms": f"select * from histograms {current}'histograms')",
        "rates": "select * from signal_rates",
        "daily_attribute_counts": "select * from daily_attribute_counts",
        "frozen": "select day, frozen, due_at from rollup_days final where rollup = 'signals'",
        "facts_daily": f"select frozen, * from facts_daily {current}'facts')",
    }

    def found():
        clean.command("truncate table rollup_days")
        this = jobs.begin(clean, START + timedelta(days=9))
        rollups.count_days(this)
        rollups.refresh_histograms(this)
        return {
            name: sorted(
                str({k: v for k, v in row.items() if k != "version"})
                for row in clean.query(sql).named_results()
            )
            for name, sql in asked.items()
        }

    together = found()
    monkeypatch.setattr(rollups, "_DAYS_AT_ONCE", 1)
    monkeypatch.setattr(rollups, "_OUTPUTS_AT_ONCE", 0)
    assert all(together.values())
    assert "'frozen': 1" in str(together)
    assert "'frozen': 0" in str(together)
    assert found() == together


@pytest.mark.slow
def test_a_window_takes_what_could_show_a_signal_from_the_week_before(clean):
    """The script was there a week before and not since: unseen outputs still do not count."""
    insert(
        clean,
        [
            llm_span("a"),
            action_span("seen", "a", at=2),
            *(llm_span(f"b{days}", at=days * DAY) for days in (6, 7, 8)),
        ],
    )
    later = START + timedelta(days=30)
    count(clean, later)
    expected = recounted(clean, later)
    days = [START.date() + timedelta(days=days) for days in (0, 1, 5, 6, 7, 8, 9)]
    assert kept_within(clean, days[1], days[0]) == []
    for number, since in enumerate(days):
        for until in days[number:]:
            within = [row for row in expected if since <= row[0] <= until]
            assert kept_within(clean, since, until) == within


@pytest.mark.slow
def test_what_matures_or_closes_counts_without_anything_arriving(clean):
    insert(clean, [llm_span("a", seconds=2), action_span("seen", "a", at=4)])
    for minutes in (1, 20, 31):
        count(clean, START + timedelta(minutes=minutes))
        assert bool(kept(clean)) == (minutes > 30)


@pytest.mark.slow
def test_a_late_row_changes_a_day_that_was_frozen(clean):
    rows = [llm_span("a"), action_span("seen", "a", at=2)]
    insert(clean, rows)
    later = START + timedelta(days=20)
    count(clean, later)
    assert clean.query("select distinct frozen from signal_counts").result_rows == [(1,)]
    insert(clean, [*rows, action_span("copy", "a", at=9), llm_span("b")])
    count(clean, later + timedelta(minutes=1))
    copied = "series = 'copied'"
    assert [row[7:9] for row in kept(clean, copied)] == [(1, 1)]
    assert kept(clean) == recounted(clean, later)


@pytest.mark.slow
def test_a_day_is_frozen_when_it_is_older_than_a_week(clean):
    insert(clean, [llm_span("a"), action_span("seen", "a", at=2)])
    frozen = "select countIf(frozen) from rollup_days final where rollup = 'signals'"
    count(clean, START + timedelta(days=7))
    before = kept(clean)
    assert clean.query(frozen).result_rows == [(0,)]
    count(clean, START + timedelta(days=8))
    assert clean.query(frozen).result_rows != [(0,)]
    kinds = clean.query("select distinct frozen from signal_counts order by frozen").result_rows
    assert kinds == [(0,), (1,)]
    assert kept(clean) == before != []


@pytest.mark.slow
def test_an_earlier_moment_takes_nothing_back(clean):
    insert(clean, [llm_span("a"), action_span("seen", "a", at=2)])
    count(clean, START + timedelta(days=1))
    before = kept(clean)
    count(clean, START)
    assert kept(clean) == before != []


@pytest.mark.slow
def test_people_who_came_back_are_counted_when_the_week_has_closed(clean):
    def span(name, at, subject):
        return llm_span(name, at=at, ai_feedback__subject=subject)

    insert(clean, [span("1", 0, "ada"), span("2", 60, "bob"), span("3", 7 * DAY, "ada")])
    returned = "series = 'returned_7d'"
    for days, expected in ((13, []), (14, [(1, 2)])):
        weeks(clean, START + timedelta(days=days))
        assert [row[7:9] for row in kept(clean, returned)] == expected
    # ... and the day after once more, for what was late
    insert(clean, [span("4", 8 * DAY, "bob")])
    weeks(clean, START + timedelta(days=15, minutes=1))
    assert [row[7:9] for row in kept(clean, returned)] == [(2, 2)]
    assert kept(clean, returned) == recounted(clean, START + timedelta(days=17), returned)


def test_a_computation_that_was_cut_short_is_not_read(clean):
    insert(clean, [llm_span("a"), action_span("seen", "a", at=2)])
    count(clean, START + timedelta(days=1))
    before = kept(clean)
    clean.command(
        "insert into signal_counts select * replace (version + 1 as version) from signal_counts"
    )
    assert kept(clean) == before != []


@pytest.mark.slow
def test_replaced_computations_go_after_an_hour(clean):
    insert(clean, [llm_span("a"), action_span("seen", "a", at=2)])
    count(clean, START + timedelta(hours=1))
    clean.command(
        "insert into signal_counts select * replace "
        "(dateTime64ToSnowflakeID(now64(3) - interval 2 hour) as version) from signal_counts"
    )
    before = kept(clean)
    jobs.run(clean, START + timedelta(hours=2))
    versions = clean.query("select uniqExact(version) from signal_counts").result_rows
    assert versions == [(2,)]
    assert kept(clean) == before != []


def unlinked(name, *, at):
    """An action that says nothing of any output."""
    empty = {
        "Links.TraceId": [],
        "Links.SpanId": [],
        "Links.TraceState": [],
        "Links.Attributes": [],
    }
    return action_span("copy", name, at=at, ai_feedback__output__time=None) | empty


@pytest.mark.slow
def test_an_action_without_any_output_is_counted_when_it_arrives(clean):
    """Also days later, and on a day of which nothing else is known."""
    links = "select toString(day), link_method, actions, share from links order by all"
    insert(clean, [unlinked("a", at=0)])
    later = START + timedelta(days=3)
    count(clean, later)
    assert clean.query(links).result_rows == [("2025-11-17", "unlinked", 1, 1.0)]
    insert(clean, [unlinked("b", at=5), unlinked("c", at=DAY)])
    count(clean, later)
    assert clean.query(links).result_rows == [
        ("2025-11-17", "unlinked", 2, 1.0),
        ("2025-11-18", "unlinked", 1, 1.0),
    ]


@pytest.mark.slow
def test_an_action_is_counted_again_when_its_output_arrives(clean):
    """Also on a day of which nothing but the action is known."""
    fates = "select value, items from daily_attribute_counts where kind = 'fate'"
    insert(clean, [action_span("copy", "a", at=2 * DAY, value=1)])
    later = START + timedelta(days=4)
    count(clean, later)
    assert clean.query(fates).result_rows == [("without output", 1)]
    insert(clean, [llm_span("a")])
    count(clean, later)
    assert clean.query(fates).result_rows == [("linked", 1)]
    assert facts(clean) == facts(clean, later)


@pytest.mark.slow
def test_a_link_that_was_found_afterwards_moves_the_action(clean):
    links = "select link_method, actions from links order by all"
    talk = {"gen_ai__conversation__id": "c"}
    insert(
        clean,
        [
            unlinked("a", at=60)
            | {"SpanAttributes": action_span("copy", "a", at=60, ai_feedback__output__time=None,
                ai_feedback__output__hash="sha256:1", **talk)["SpanAttributes"]},
        ],
    )  # fmt: skip
    later = START + timedelta(hours=3)
    count(clean, later)
    assert clean.query(links).result_rows == [("unlinked", 1)]
    insert(clean, [llm_span("a", ai_feedback__output__hash="sha256:1", **talk)])
    count(clean, later)
    assert clean.query(links).result_rows == [("hash", 1)]


@pytest.mark.slow
def test_days_that_were_counted_before_there_were_facts_are_counted_again(clean):
    insert(clean, [llm_span("a"), action_span("copy", "a", at=9), unlinked("b", at=-9 * DAY)])
    later = START + timedelta(days=20)
    count(clean, later)
    expected = facts(clean)
    clean.command("truncate table facts_daily")
    clean.command(
        "alter table rollup_days delete where rollup = 'facts'", settings={"mutations_sync": 2}
    )
    clean.command("truncate table action_arrivals")
    assert facts(clean) == []
    count(clean, later + timedelta(hours=1))
    assert facts(clean) == expected != []


@pytest.mark.slow
def test_facts_say_what_was_done_and_how_much_was_edited(clean):
    insert(
        clean,
        [
            llm_span("a"),
            action_span("copy", "a", at=9),
            action_span("edit", "a", at=20, value=0.4),
            llm_span("b", at=60),
            action_span("edit", "b", at=80, value=0.02),
        ],
    )
    later = START + timedelta(days=2)
    count(clean, later)
    done = (
        "select value, sum(items) from daily_attribute_counts where kind = '{}' "
        "group by value order by value"
    )
    assert clean.query(done.format("action")).result_rows == [("copy", 1), ("edit", 2)]
    expected = [("0-5 %", 1), ("33-50 %", 1)]
    assert clean.query(done.format("edited")).result_rows == expected
    # a day that a version without them has counted is counted again
    for table, which in (("rollup_days", "rollup = 'actions'"), ("facts_daily", "kind = 'edited'")):
        clean.command(f"alter table {table} delete where {which} settings mutations_sync = 2")
    count(clean, later + timedelta(minutes=1))
    assert clean.query(done.format("edited")).result_rows == expected


def test_views_over_facts_are_one_calculation_kept_and_live():
    """`links_at` is `links` over facts that are counted again; so are the others."""
    texts = {view.name: view.text for view in views()}
    at = "daily_attribute_counts_at(as_of = {as_of:DateTime64(3, 'UTC')})"
    for name in ("links", "sampling", "annotations"):
        recounted = [line for line in texts[f"{name}_at"].splitlines() if not line.startswith("--")]
        now = [line for line in texts[name].splitlines() if not line.startswith("--")]
        assert [line.replace(at, "daily_attribute_counts") for line in recounted] == now != []


@pytest.mark.slow
def test_prompt_versions_are_counted_apart(clean):
    insert(
        clean,
        [
            llm_span("a", ai_feedback__prompt__version="p1"),
            llm_span("b", ai_feedback__prompt__version="p2"),
            llm_span("c", at=60, ai_feedback__prompt__version="p2"),
        ],
    )
    for days in (1, 20):
        count(clean, START + timedelta(days=days))
        rows = clean.query(
            "select prompt_version, n from signal_rates where series = 'failed' order by all"
        ).result_rows
        assert rows == [("p1", 1), ("p2", 2)]
