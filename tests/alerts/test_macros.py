"""Macros, as the data source documents them, and what strangers can put into an address."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.alerts.macros import (
    ALL,
    MacroError,
    Window,
    expand,
    quoted,
    without_comments,
)

START = datetime(2026, 3, 1, 22, 30, tzinfo=timezone.utc)
WINDOW = Window(START, START + timedelta(days=1, milliseconds=250), 90.5)
FROM, TO = 1772404200, 1772490600


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("$__timeFilter(t)", f"t >= toDateTime({FROM}) AND t <= toDateTime({TO})"),
        (
            "$__timeFilter_ms(t)",
            f"t >= fromUnixTimestamp64Milli({FROM}000) AND t <= fromUnixTimestamp64Milli({TO}250)",
        ),
        ("$__dateFilter(d)", "d >= toDate('2026-03-01') AND d <= toDate('2026-03-02')"),
        ("$__timeFrom(t)", f"t >= toDateTime({FROM})"),
        ("$__timeTo(t)", f"t <= toDateTime({TO})"),
        ("$__fromTime", f"toDateTime({FROM})"),
        ("$__toTime_ms", f"fromUnixTimestamp64Milli({TO}250)"),
        ("$__timeInterval(t)", "toStartOfInterval(toDateTime(t), INTERVAL 90 second)"),
        (
            "$__timeInterval_ms(t)",
            "toStartOfInterval(toDateTime64(t, 3), INTERVAL 90500 millisecond)",
        ),
        ("$__timeGroup(t, 5m)", "toStartOfInterval(toDateTime(t), INTERVAL 300 second)"),
        ("$__interval_s", "90"),
        ("$__unheardOf(t) and $__more", "$__unheardOf(t) and $__more"),
        (
            "$__timeFilter(toStartOfHour(parse(t, 'a)b')))",
            f"toStartOfHour(parse(t, 'a)b')) >= toDateTime({FROM})"
            f" AND toStartOfHour(parse(t, 'a)b')) <= toDateTime({TO})",
        ),
        ("$__timeFrom($__timeInterval(t))",
         f"toStartOfInterval(toDateTime(t), INTERVAL 90 second) >= toDateTime({FROM})"),
        ("$__conditionalAll(m in (${m:singlequote}), $m)", "m in ('a','b')"),
        ("$__conditionalAll(e in (${e:singlequote}), $e)", "1=1"),
    ],
)  # fmt: skip
def test_what_a_macro_becomes(written, asked):
    assert expand(written, WINDOW, {"m": ["a", "b"], "e": ALL}) == asked


def test_two_times():
    day = "d >= toDate('2026-03-01') AND d <= toDate('2026-03-02')"
    time = f"t >= toDateTime({FROM}) AND t <= toDateTime({TO})"
    for macro in ("$__dt(d, t)", "$__dateTimeFilter(d,t)"):
        assert expand(macro, WINDOW) == f"({day}) AND ({time})"


def test_an_interval_is_a_second_at_least():
    assert expand("$__interval_s", Window(START, START, 0.2)) == "1"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$__timeFilter()", "takes 1"),
        ("$__timeFilter(a, b)", "takes 1"),
        ("$__timeFilter(a", "not closed"),
        ("$__timeGroup(a, soon)", "soon"),
        ("$__conditionalAll(a)", "a condition and a variable"),
        ("$__conditionalAll(a, ${m:singlequote})", "unformatted"),
        ("$m", "singlequote"),
        ("${m:csv}", "singlequote"),
        ("${x:singlequote}", "no value"),
    ],
)
def test_misuse_is_named(written, said):
    with pytest.raises(MacroError, match=said):
        expand(written, WINDOW, {"m": "a"})


def test_a_window_without_a_zone_is_refused():
    with pytest.raises(MacroError, match="time zone"):
        expand("$__fromTime", Window(START.replace(tzinfo=None), START))


@given(st.text())
def test_a_value_stays_a_value(value):
    sql = "select ${v:singlequote} -- $__timeFilter(x)\n"
    assert expand(sql, WINDOW, {"v": value}) == f"select {quoted(value)}"


@given(st.text(alphabet="ab'\\$_{}()-/* \n"))
def test_the_engine_reads_the_very_value(engine, value):
    # The escapes of the engine's own reader, which is what counts.
    sql = expand("select ${v:singlequote} as v", WINDOW, {"v": value})
    assert engine.query(sql).first_row[0] == value


@given(st.text(alphabet="ab'\"`-/*\n \\"))
def test_comments_go_and_texts_stay(text):
    literal = quoted(text)
    assert without_comments(f"select {literal} /* -- ' */ -- '") == f"select {literal}"


@given(st.recursive(st.just("t"), lambda inner: st.builds("f({}, ',')".format, inner)))
def test_arguments_nest(argument):
    assert expand(f"$__timeFrom({argument})", WINDOW) == f"{argument} >= toDateTime({FROM})"


@given(st.text(alphabet="ab$_({)}',"))
def test_anything_is_expanded_or_refused(text):
    try:
        made = expand(text, WINDOW)
    except MacroError:
        return
    assert "$__timeFilter(" not in made
