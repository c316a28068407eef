"""Traffic that is not users, times that cannot be, and values beyond the first hundred."""

import dataclasses
from datetime import date

import pytest
from parts import count
from raw_rows import T0, action_span, insert, llm_span, output_id

from otel_ai_feedback import store
from otel_ai_feedback.store.facts.named_values import MOST_NAMED, REMAINDER, NamedValues

SECOND = 10**9
DAY = 86_400
TRAFFIC = (
    "select excluded, count() from output_facts final where excluded != '' group by 1 order by 1"
)


def of_no_user(client):
    return client.query(TRAFFIC).result_rows


def shown(client):
    return {row[0] for row in client.query("select output_id from outputs").result_rows}


@pytest.fixture
def excluding(engine, settings, clean):
    """Set the team's list."""

    def excluding(*entries):
        store.migrate(engine, dataclasses.replace(settings, exclude=entries))

    yield excluding
    store.migrate(engine, settings)


def test_who_made_it_is_counted_apart(clean):
    server = llm_span("server", trace="by a crawler", tagged=False)
    server["SpanAttributes"] = {"user_agent.synthetic.type": "bot"}
    insert(
        clean,
        [
            server,
            llm_span("by a crawler"),
            action_span("copy", "by a crawler", at=9),
            llm_span("probe", ai_feedback__probe="true"),
            llm_span("load", user_agent__synthetic__type="some tool"),
            llm_span("check", user_agent__synthetic__type="health_check"),
            llm_span("experiment", langfuse__experiment__id="e1"),
            llm_span("project", resource={"openinference.project.name": "Experiment-1"}),
            llm_span("of a user"),
            action_span("copy", "of a user", at=9),
        ],
    )
    assert of_no_user(clean) == [
        ("bot", 1), ("evaluation", 2), ("health_check", 1), ("probe", 1), ("test", 1)
    ]  # fmt: skip
    assert shown(clean) == {output_id("of a user")}
    actions = clean.query("select output_id from actions").result_rows
    assert actions == [(output_id("of a user"),)]
    apart = clean.query("select excluded from linked_actions final where not present").result_rows
    assert apart == [("bot",)]


def test_a_mark_that_comes_late_takes_the_output_out_again(clean):
    insert(clean, [llm_span("a"), action_span("copy", "a", at=9)])
    assert shown(clean) == {output_id("a")}
    late = llm_span("front", trace="a", tagged=False)
    late["SpanAttributes"] = {"user_agent.synthetic.type": "bot"}
    insert(clean, [late])
    assert shown(clean) == set()
    assert clean.query("select count() from actions").result_rows == [(0,)]
    assert of_no_user(clean) == [("bot", 1)]


def test_a_list_of_the_teams_own(clean, excluding):
    excluding("environment=load*", "feature=eval-*", "subject=abc", "user_agent=Acme")
    load = {"deployment.environment.name": "loadtest"}
    insert(
        clean,
        [
            llm_span("a", resource=load),
            llm_span("b", ai_feedback__feature="eval-nightly"),
            llm_span("c", ai_feedback__subject="abc"),
            llm_span("d", ai_feedback__subject="abcd"),
        ],
    )
    assert of_no_user(clean) == [
        ("environment=load*", 1),
        ("feature=eval-*", 1),
        ("subject=abc", 1),
    ]
    assert shown(clean) == {output_id("d")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("year", "mark"), [(1974, "true"), (2006, "true"), (2024, None), (2070, "true"), (2070, None)]
)
def test_a_time_that_cannot_be_is_counted_on_the_day_it_arrived(clean, year, mark):
    at = (date(year, 1, 2) - date(1970, 1, 1)).days * DAY - T0 // SECOND
    marked = {"ai_feedback.backfill": mark}
    insert(
        clean,
        [
            llm_span("off", at=at, resource=marked),
            action_span("copy", "off", at=at + 9, output_at=at, resource=marked),
            llm_span("right"),
        ],
    )
    assert shown(clean) == {output_id("right")}
    assert of_no_user(clean) == [("implausible time", 1)]
    days = clean.query(
        "select day - toDate(now(), 'UTC') from output_facts final where excluded != ''"
    ).result_rows
    assert days in ([(0,)], [(-1,)])
    count(clean)
    counted = clean.query(
        "select distinct day from rollup_days where rollup = 'signals'"
    ).result_rows
    assert min(counted)[0] >= date(2025, 11, 17)
    assert max(counted)[0] < date(2060, 1, 1)


def test_an_action_of_a_time_that_cannot_be(clean):
    insert(
        clean, [llm_span("a"), action_span("copy", "a", at=-1e9), action_span("seen", "a", at=5e9)]
    )
    found = clean.query(
        "select excluded, present from linked_actions final order by action"
    ).result_rows
    assert found == [("implausible time", False), ("implausible time", False)]


@pytest.mark.slow
def test_five_thousand_prompt_versions_are_a_hundred_and_a_remainder(clean):
    number = 5_000
    insert(
        clean,
        [
            llm_span(f"o{i}", at=i / 100, ai_feedback__prompt__version=f"p{i}")
            for i in range(number)
        ],
    )
    found = clean.query(
        "select prompt_version, count() from outputs group by 1 order by 2 desc, 1"
    ).result_rows
    assert found[0] == (REMAINDER, number - MOST_NAMED["prompt_version"])
    assert len(found) == MOST_NAMED["prompt_version"] + 1
    count(clean)
    rows = clean.query("select count() from signal_counts").result_rows[0][0]
    assert rows < 100 * MOST_NAMED["prompt_version"]


@pytest.mark.slow
def test_a_user_id_as_feature(clean):
    number = 300
    insert(
        clean,
        [llm_span(f"o{i}", at=i, ai_feedback__feature=f"user {i}") for i in range(number)]
        + [action_span("copy", f"o{i}", at=i + 9, output_at=i) for i in range(number)],
    )
    # again, and in another pass: what has a name keeps it
    insert(clean, [llm_span("late", at=400, ai_feedback__feature="user 3")])
    features = clean.query("select feature, count() from outputs group by 1").result_rows
    assert len(features) == MOST_NAMED["feature"] + 1
    assert dict(features)[REMAINDER] == number - MOST_NAMED["feature"]
    assert dict(features)["user 3"] == 2
    acted = dict(clean.query("select feature, count() from actions group by 1").result_rows)
    assert acted[REMAINDER] == number - MOST_NAMED["feature"]
    assert len(acted) == len(features)


def test_the_first_days_of_the_engine_have_a_week(clean):
    first = date(1970, 1, 1)
    values = NamedValues(clean)
    values.look_up([first])
    assert values.feature(first, "shop", "production", "chat") == "chat"
    values.write()
    assert clean.query("select week, value from named_values").result_rows == [(first, "chat")]
