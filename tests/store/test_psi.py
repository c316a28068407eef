"""How outputs are spread, counted from spans, and whether that has changed by more than noise."""

import random
from datetime import date, datetime, timedelta, timezone

import pytest
from parts import histograms
from parts import spread as spread_out
from raw_rows import SECOND, T0, event, insert, llm_span

from otel_ai_feedback.attributes import EVENT_OUTPUT_DETAILS

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
DAY = 86_400
TODAY = date(2026, 3, 2)


def buckets(client, where="true"):
    rows = client.query(
        "select dimension, bucket, outputs[1] from histograms where (day, version) in "
        "(select day, version from rollup_days final where rollup = 'histograms') "
        f"and {where} order by all"
    ).result_rows
    found = {}
    for dimension, bucket, n in rows:
        found.setdefault(dimension, {})[bucket] = n
    return found


def test_what_spans_say_of_an_answer(clean):
    insert(
        clean,
        [
            llm_span(
                "a", text="x" * 300, seconds=3, gen_ai__usage__input_tokens="1000",
                gen_ai__usage__output_tokens="64", operation__cost="0.004",
                gen_ai__response__finish_reasons='["stop"]',
            ),
            event(EVENT_OUTPUT_DETAILS, "a", ai_feedback__input__sketch="7" + "0" * 255),
            # a tool loop: the answer is the last call, and costs what all calls cost
            llm_span(
                "b plan", trace="b", at=60, seq=1, text=None, llm__cost__total="0.001",
                gen_ai__response__finish_reasons='["tool_calls"]',
            ),
            llm_span(
                "b", at=64, seq=2, text="y" * 300, seconds=3, llm__token_count__prompt="1010",
                llm__cost__total="0.003", gen_ai__response__finish_reasons='["content_filter"]',
            ),
            # nothing is known of this one
            llm_span("c", at=90, text="z" * 2000, seconds=0.02),
        ],
    )  # fmt: skip
    spread_out(clean, START + timedelta(days=1))
    assert buckets(clean) == {
        "question": {"7": 1},
        "input_tokens": {"724": 2},
        "output_tokens": {"64": 1},
        "length": {"256": 2, "1448": 1},
        "seconds": {"2.828": 2, "0.016": 1},
        "cost": {"0.0039062": 2},
        "finish_reason": {"stop": 1, "content_filter": 1},
        "refusal": {"yes": 1, "no": 1},
        "tool_use": {"yes": 1, "no": 1},
        "class": {"none": 3},
    }


def test_sources_and_tools_are_on_spans_of_their_own(clean):
    tool = llm_span("tool", trace="a", tagged=False, gen_ai__operation__name="execute_tool")
    found = llm_span(
        "found", trace="a", tagged=False, gen_ai__operation__name=None,
        openinference__span__kind="RETRIEVER",
        retrieval__documents__0__document__id="handbook/returns.md",
    )  # fmt: skip
    insert(clean, [llm_span("a"), tool, found, llm_span("b", at=5)])
    spread_out(clean, START + timedelta(days=1))
    told = buckets(clean)
    assert told["tool_use"] == {"yes": 1}
    assert sum(told["source"].values()) == 1
    assert "handbook" not in str(clean.query("select * from span_traits").result_rows)


@pytest.mark.slow
def test_a_day_is_counted_when_it_is_over_and_again_for_what_was_late(clean):
    insert(clean, [llm_span("a")])
    spread_out(clean, START + timedelta(hours=10))
    assert buckets(clean) == {}
    for days, expected in ((1, 1), (1.5, 1), (2.1, 2)):
        histograms(clean, START + timedelta(days=days))
        assert buckets(clean)["class"] == {"none": expected}
        if days == 1:
            insert(clean, [llm_span("late", at=60)])
    insert(clean, [llm_span("later", at=90)])
    histograms(clean, START + timedelta(days=9))
    assert buckets(clean)["class"] == {"none": 3}
    computed = clean.query("select max(version) from rollup_days where rollup = 'histograms'")
    histograms(clean, START + timedelta(days=10))
    again = clean.query("select max(version) from rollup_days where rollup = 'histograms'")
    assert again.result_rows == computed.result_rows


@pytest.fixture
def spread(clean):
    """``spread(service, [{bucket: n}, ...])`` fills a service's 63 days up to yesterday."""
    days = [TODAY - timedelta(days=63 - number) for number in range(63)]
    now = datetime(2026, 3, 2, 6, tzinfo=timezone.utc)
    clean.insert("rollup_days", [["histograms", day, 1, 0, now, now, now] for day in days])

    def fill(service, counts, dimension="class", weight=1):
        clean.insert(
            "histograms",
            [
                [day, 1, service, "", "", "signal", dimension, bucket,
                 [n, n * weight, n * weight**2]]
                for day, buckets in zip(days, counts, strict=True)
                for bucket, n in buckets.items()
            ],
        )  # fmt: skip

    return fill


def psi(client, columns, where="true"):
    return client.query(
        f"select {columns} from drift_psi_at(as_of = '2026-03-02 06:00:00.000') "
        f"where {where} order by service, dimension"
    ).result_rows


def test_psi_and_its_noise(clean, spread):
    spread("a", [{"yes": 300, "no": 700}] * 56 + [{"yes": 250, "no": 750}] * 7)
    spread("few", [{"yes": 3, "no": 7}] * 56 + [{"yes": 2, "no": 8}] * 7)
    spread("sampled", [{"yes": 30, "no": 70}] * 56 + [{"yes": 25, "no": 75}] * 7, weight=10)
    spread("nobody", [{"yes": 1}] * 63)
    rows = psi(clean, "service, round(psi, 6), n, m, round(noise, 8), over")
    assert rows == [
        ("a", 0.012566, 7000, 56000, round((1 / 7000 + 1 / 56000) * 3.841459, 8), 1),
        ("few", 0.0539, 70, 560, round((1 / 70 + 1 / 560) * 3.841459, 8), 0),
        ("sampled", 0.012566, 700, 5600, round((1 / 700 + 1 / 5600) * 3.841459, 8), 1),
    ]


@pytest.mark.parametrize(
    ("number", "quantile"), [(2, 3.841), (5, 9.488), (10, 16.919), (21, 31.410), (40, 54.572)]
)
def test_quantiles_of_chi_square(clean, spread, number, quantile):
    spread("a", [{f"{bucket:02}": 10 for bucket in range(number)}] * 63)
    ((found, count),) = psi(clean, "quantile, buckets")
    assert count == number
    assert found == pytest.approx(quantile, abs=0.02)


def test_rare_buckets_are_one_and_a_new_one_is_seen(clean, spread):
    usual = {"stop": 100, **{f"rare{n}": 0 for n in range(20)}}
    days = [usual | {f"rare{day % 20}": 1} for day in range(56)]
    spread("a", [*days, *[{"stop": 100, "rare3": 1}] * 7])
    spread("b", [*days, *[{"stop": 80, "content_filter": 20}] * 7])
    assert psi(clean, "service, buckets, over") == [("a", 2, 0), ("b", 2, 1)]


def test_days_of_an_open_incident_are_not_compared_with(clean, spread):
    spread("a", [{"x": 50, "y": 50}] * 28 + [{"x": 90, "y": 10}] * 28 + [{"x": 50, "y": 50}] * 7)
    ((before, m),) = psi(clean, "psi, m")
    assert (before > 0.1, m) == (True, 5600)
    clean.insert(
        "drift_exclusions",
        [["a", "", "", "", TODAY - timedelta(days=40), TODAY - timedelta(days=8), "i", 1]],
    )
    assert psi(clean, "psi, m") == [(0, 2300)]


@pytest.mark.slow
def test_what_does_not_change_is_rarely_over_its_noise(clean, spread):
    generator = random.Random(20261123)
    services, names = 150, [f"b{n}" for n in range(8)]
    shares = [0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.05, 0.02]

    def day(number):
        weekend = number % 7 in (5, 6)
        # turns of a conversation are alike, and weekends are not like other days
        wishes = [share * (1.3 if weekend and i == 1 else 1) for i, share in enumerate(shares)]
        drawn = generator.choices(names, wishes, k=60)
        return {name: 2 * drawn.count(name) for name in names if name in drawn}

    for number in range(services):
        spread(f"s{number}", [day(number) for number in range(63)])
    rows = psi(clean, "over, psi > (1 / n + 1 / m) * quantile")
    assert len(rows) == services
    # without phi it would be most of them: each conversation of two turns tells one thing twice
    assert sum(over for over, _ in rows) / services <= 0.12
    assert sum(over for _, over in rows) / services > 0.3
