"""Counts and rates under head sampling."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parts import derive, examples
from raw_rows import action_span, event, insert, llm_span, output_id, request_action

from otel_ai_feedback import attributes as a
from otel_ai_feedback.intervals import BucketCounts, Proportion

DAY = 86_400


def weights(client):
    rows = client.query("select output_id, weight, weight_source from outputs").result_rows
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize(
    ("trace_state", "weight"),
    # https://opentelemetry.io/docs/specs/otel/trace/tracestate-handling/
    [
        ("ot=th:0", 1.0),
        ("ot=th:8", 2.0),
        ("ot=th:c", 4.0),
        ("ot=th:f", 16.0),
        ("ot=th:fd70a3d70a3d71", 100.0),
        ("ot=th:ffffffffffffff", 2.0**56),
        ("vendor=th:8,ot=rv:6e6d1a75832a2f;th:c,other=1", 4.0),
        ("ot=p:8;th:c;r:62 , x=y", 4.0),
    ],
)
def test_the_threshold_of_opentelemetry(clean, trace_state, weight):
    insert(clean, [llm_span("o", trace_state=trace_state)])
    assert weights(clean) == {output_id("o"): (pytest.approx(weight), "threshold")}


@pytest.mark.parametrize(
    "trace_state",
    ["", "ot=", "ot=rv:c", "ot=th:", "ot=th:C", "ot=th:cg", "ot=th:fffffffffffffff", "bot=th:c",
     "vendor=ot=th:c", "ot=xth:c"],
)  # fmt: skip
def test_what_is_no_threshold_leaves_the_weight_unknown(clean, trace_state):
    insert(clean, [llm_span("o", trace_state=trace_state)])
    assert weights(clean) == {output_id("o"): (1.0, "unknown")}


def test_the_threshold_goes_before_the_resource_and_that_before_the_sampler(clean):
    own = {"ai_feedback__sampling__ratio": "0.2"}
    resource = {a.SAMPLING_RATIO: "0.1"}
    insert(
        clean,
        [
            llm_span("all", trace_state="ot=th:8", resource=resource, **own),
            llm_span("resource", resource=resource, **own),
            llm_span("sampler", **own),
            llm_span("full", tagged=False),
            event(
                a.EVENT_OUTPUT_DETAILS, "full", ai_feedback__request__span_id="0" * 16,
                ai_feedback__output__hash="sha256:1", **own,
            ),
        ],
    )  # fmt: skip
    assert weights(clean) == {
        output_id("all"): (2.0, "threshold"),
        output_id("resource"): (10.0, "resource"),
        output_id("sampler"): (5.0, "sampler"),
        output_id("full"): (5.0, "sampler"),
    }


@pytest.mark.parametrize("ratio", ["0", "-1", "1.5", "nan", "inf", "1e-400", "a tenth", ""])
def test_what_is_no_ratio_leaves_the_weight_unknown(clean, ratio):
    insert(clean, [llm_span("o", resource={a.SAMPLING_RATIO: ratio})])
    assert weights(clean) == {output_id("o"): (1.0, "unknown")}


def copied(client):
    (row,) = client.query(
        "select k, n, k_weighted, n_weighted, rate, n_effective, low, high, k_by_bucket, "
        "n_by_bucket from signal_rates_at(as_of = now64(3, 'UTC')) where series = 'copied'"
    ).result_rows
    *found, k, n = row
    share = Proportion(BucketCounts(k, n, found[1]))
    assert found[5:] == pytest.approx([share.n_effective, share.low, share.high], rel=1e-3)
    return found[:6]


def test_equal_weights_change_the_counts_and_not_the_rate(clean):
    rows = []
    for number in range(10):
        rows.append(llm_span(f"o{number}", trace_state="ot=th:c"))
        rows.append(action_span("seen", f"o{number}", at=5))
    rows += [action_span("copy", f"o{number}", at=9, value=1) for number in range(3)]
    insert(clean, rows)
    *found, effective = copied(clean)
    assert found == pytest.approx([3, 10, 12, 40, 0.3])
    # ten users, less what so few say of how users differ
    assert 5 < effective < 10


def test_an_output_that_stands_for_many_counts_as_many(clean):
    rows = [llm_span("heavy", trace_state="ot=th:f")]
    rows += [llm_span(f"o{number}", trace_state="ot=th:0") for number in range(4)]
    rows.append(action_span("copy", "heavy", at=9, value=1))
    insert(clean, rows)
    *found, effective = copied(clean)
    assert found == pytest.approx([1, 5, 16, 20, 0.8])
    # hardly more than the one that stands for 16 of 20 (Kish: 20^2 / (16^2 + 4) = 1.5)
    assert effective < 1.5


sampled_outputs = st.lists(
    st.tuples(st.sampled_from(["0", "8", "c", "f", "f8"]), st.booleans()), min_size=1
)


@pytest.mark.slow
@examples(2)
@given(st.lists(sampled_outputs, min_size=5, max_size=9))
def test_rate_and_interval_follow_from_the_weights(engine, wiped, services):
    """Each service for itself: asking costs the same for one and for many."""
    wiped(engine)
    rows = []
    for service, outputs in enumerate(services):
        resource = {"service.name": str(service)}
        for number, (th, copied) in enumerate(outputs):
            name = f"{service}/{number}"
            rows.append(llm_span(name, trace_state=f"ot=th:{th}", resource=resource))
            if copied:
                rows.append(action_span("copy", name, at=9, value=1, resource=resource))
    insert(engine, rows)
    weight = {"0": 1, "8": 2, "c": 4, "f": 16, "f8": 32}
    found = engine.query(
        "select service, rate, low, high, n_effective, n, k_by_bucket, n_by_bucket "
        "from signal_rates_at(as_of = now64(3, 'UTC')) where series = 'copied'"
    ).result_rows
    assert sorted(int(service) for service, *_ in found) == [
        service for service, outputs in enumerate(services) if any(copied for _, copied in outputs)
    ]
    for service, rate, low, high, effective, n, by_bucket, of_bucket in found:
        outputs = services[int(service)]
        total = sum(weight[th] for th, _ in outputs)
        share = sum(weight[th] for th, copied in outputs if copied) / total
        assert rate == pytest.approx(share)
        assert 0 <= low <= rate <= high <= 1
        assert sum(of_bucket) == pytest.approx(total)
        known = Proportion(BucketCounts(by_bucket, of_bucket, n)).n_effective
        assert effective == pytest.approx(known, rel=1e-3)
        assert effective <= n * (1 + 1e-12)


@pytest.mark.slow
def test_the_interval_covers_what_was_there_before_sampling(clean):
    """Many services, each sampled at two rates; the true share is .3 everywhere."""
    chance = random.Random(20261124)
    services = 120
    rows = []
    for service in range(services):
        for number in range(120):
            keep = (1, "0") if number % 2 else (0.25, "c")
            if chance.random() >= keep[0]:
                continue
            name, resource = f"{service}/{number}", {"service.name": str(service)}
            rows.append(llm_span(name, trace_state=f"ot=th:{keep[1]}", resource=resource))
            rows.append(action_span("seen", name, at=4, resource=resource))
            if chance.random() < 0.3:
                rows.append(action_span("copy", name, at=9, value=1, resource=resource))
    insert(clean, sorted(rows, key=lambda row: row["SpanName"]))
    covered = clean.query(
        "select countIf(low <= .3 and high >= .3) / count() "
        "from signal_rates_at(as_of = now64(3, 'UTC')) "
        "where series = 'copied'"
    ).result_rows[0][0]
    # 120 intervals at 95 %: fewer than 106 happens once in 4,000 seeds.
    assert covered >= 106 / 120


@pytest.mark.slow
def test_re_asks_found_in_pairs_have_no_rate_where_traces_are_left_out(clean):
    talk = {"gen_ai__conversation__id": "c"}

    def turns(day, **more):
        return [
            llm_span(f"{day} {at}", at=day * DAY + at, ai_feedback__input__hash="sha256:1",
                     text=f"{day} {at}", **talk, **more)
            for at in (0, 60)
        ]  # fmt: skip

    def series():
        rows = clean.query(
            "select day, series, k, n from signal_rates_at(as_of = now64(3, 'UTC')) "
            "where series in ('reasked', 'regenerated') order by all"
        ).result_rows
        return [(str(day), *row) for day, *row in rows]

    insert(clean, [*turns(0), *turns(10, trace_state="ot=th:c")])
    derive(clean)
    assert series() == [("2025-11-17", "reasked", 0, 2), ("2025-11-17", "regenerated", 1, 2)]
    assert clean.query("select derived, count() from outputs group by all "
                       "order by all").result_rows == [([], 2), (["regenerated"], 2)]  # fmt: skip
    insert(clean, [action_span("regenerate", "10 60", at=10 * DAY + 90, output_at=10 * DAY + 60)])
    assert series()[2:] == [("2025-11-27", "regenerated", 1, 2)]


def test_no_user_has_left_whose_trace_was_left_out(clean):
    def visits(service, trace_state):
        return [
            llm_span(f"{service} {week}", at=week * 7 * DAY, ai_feedback__subject="a",
                     trace_state=trace_state, resource={"service.name": service})
            for week in (0, 1)
        ]  # fmt: skip

    insert(clean, [*visits("whole", "ot=th:0"), *visits("thinned", "ot=th:8")])
    rows = clean.query(
        "select service, k, n from signal_rates_at(as_of = now64(3, 'UTC')) "
        "where series = 'returned_7d'"
    )
    assert rows.result_rows == [("whole", 1, 1)]


def sampling(client, columns):
    return client.query(
        f"select {columns} from sampling_at(as_of = now64(3, 'UTC')) order by service"
    ).result_rows


def test_actions_on_what_was_not_sampled_are_counted_apart(clean):
    gone = {"ai_feedback__output__sampled": "false"}
    insert(
        clean,
        [
            llm_span("a", trace_state="ot=th:8"),
            action_span("copy", "a", at=9),
            action_span("copy", "b", at=9, **gone),
            request_action("seen", "c", at=9, **gone),
            action_span("copy", "lost", at=9),
            action_span("copy", "found by nothing", at=9, ai_feedback__output__time=None),
        ],
    )
    assert sampling(
        clean,
        "outputs, estimated_outputs, actions, actions_not_sampled, actions_without_output",
    ) == [(1, 2.0, 5, 2, 1)]
    assert clean.query(
        "select link_method, actions from links_at(as_of = now64(3, 'UTC')) order by all"
    ).result_rows == [
        ("handle", 2),
        ("unlinked", 1),
    ]
    assert clean.query("select count() from actions where not sampled").result_rows == [(2,)]
    assert clean.query("select count() from output_state where trace_id = "
                       f"'{output_id('b')[:32]}'").result_rows == [(0,)]  # fmt: skip
    # One that was not sampled is not among the answers of its request, either.
    assert clean.query("select count() from request_state").result_rows == [(0,)]


def test_what_is_not_known_is_said(clean):
    insert(
        clean,
        [
            *(llm_span(f"k{n}", trace_state="ot=th:8") for n in range(3)),
            llm_span("u", resource={"service.name": "mail"}),
            llm_span("k", resource={"service.name": "mail", a.SAMPLING_RATIO: "1"}),
            # Tail sampling dropped the output, and not the action.
            llm_span("t", resource={"service.name": "tail"}, trace_state="ot=th:0"),
            action_span("copy", "dropped", at=9, resource={"service.name": "tail"}),
        ],
    )
    assert sampling(
        clean,
        "service, unknown_share, by_threshold, by_resource, min_weight, max_weight, lost_share, "
        "substring(warning, 1, 8)",
    ) == [
        ("chat", 0.0, 3, 0, 2.0, 2.0, None, ""),
        ("mail", 0.5, 0, 1, 1.0, 1.0, None, "the samp"),
        ("tail", 0.0, 1, 0, 1.0, 1.0, 1.0, "spans of"),
    ]
