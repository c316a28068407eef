"""The triage file: short and long, and every mistake in it at once."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback import triage as room
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.triage import file
from otel_ai_feedback.triage.calendar import Period
from otel_ai_feedback.triage.model import Override, OwnRule, Rota

RULES = [OwnRule("signal-drift", "warning"), OwnRule("pipeline-silent", "critical")]
MINIMAL = "owner: Ana <ana@example.org>\nnotify: json://h/ana\n"
FULL = """
timezone: Europe/Berlin
hours: 08:30-17:00
holidays: [DE-BY]
notify: json://h/all
people:
  - {name: Ana, email: ana@example.org, contact: "json://h/${WHERE}"}
  - name: Ben <ben@example.org>
    contact: ["json://h/ben", "mailto://u:p@example.org"]
    timezone: America/New_York
    hours: 9-17
    days: [mon, tue-thu]
    holidays: [US, 2026-02-02..2026-02-06]
  - name: Cleo
rotas:
  quality:
    people: [Ana, Ben]
    hand_over: tuesday 10:00
    starts: 2026-01-06
    overrides:
      - {person: Cleo, from: 2026-01-15, to: 2026-01-16}
      - {person: Ben, from: 2026-01-16 08:00, to: 2026-01-16 12:00}
  platform: {people: [Cleo]}
routes:
  - {service: [shop-*, pay], severity: critical, rota: platform, acknowledge: 30m, resolve: 4h, clock: always}
  - alert: pipeline-*
    rota: platform
    escalation:
      - {after: 50%, notify: owner}
      - {after: 2h, notify: Ana}
      - {after: 100%, until: resolved, notify: next}
  - {rota: quality, acknowledge: 4h, resolve: 2d}
quiet: {hours: 21:30-7, except: [critical, warning]}
"""  # noqa: E501


def utc(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


def mistakes(text, rules=RULES):
    with pytest.raises(file.TriageFileError) as caught:
        file.parse(text, rules, environ={})
    return caught.value.mistakes


def test_two_lines_are_a_whole_file():
    triage = file.parse(MINIMAL, RULES)
    ana = triage.people["Ana"]
    assert (ana.email, ana.contacts) == ("ana@example.org", ("json://h/ana",))
    friday = utc(2026, 1, 9, 15)
    assignment = triage.assign("chat", "signal-drift", "warning", friday)
    assert assignment.owner == ana
    assert assignment.acknowledge_due == utc(2026, 1, 12, 15)
    assert assignment.resolve_due == utc(2026, 1, 16, 15)


def test_everything_that_can_be_said():
    triage = file.parse(FULL, RULES, environ={"WHERE": "s3cret"})
    ana, ben, cleo = triage.people.values()
    assert (ana.contacts, ana.written) == (("json://h/s3cret",), ("json://h/${WHERE}",))
    assert (ana.calendar.zone, ana.calendar.start) == ("Europe/Berlin", 510)
    assert ana.calendar.countries == ("DE-BY",)
    assert ben.calendar.weekdays == frozenset({0, 1, 2, 3})
    assert ben.calendar.away == (Period(date(2026, 2, 2), date(2026, 2, 6)),)
    assert len(ben.contacts) == 2
    assert [triage.name_of(who) for who in ("Ben@example.org", "Ben", "Dan")] == [
        "Ben", "Ben", "Dan",
    ]  # fmt: skip
    assert cleo.contacts == ("json://h/all",)
    rota = triage.rotas["quality"]
    assert (rota.zone, rota.weekday, rota.at) == ("Europe/Berlin", 1, time(10))
    assert rota.overrides[0] == Override("Cleo", utc(2026, 1, 14, 23), utc(2026, 1, 16, 23))
    first, second, third = triage.routes
    assert (first.services, first.clock, first.rota) == (("shop-*", "pay"), "always", "platform")
    assert [step.notify for step in second.steps] == ["owner", "Ana", "next"]
    assert (third.acknowledge.seconds(ana.calendar), third.steps[0].share) == (14_400, 0.5)
    assert triage.quiet.except_severities == ("critical", "warning")
    at = utc(2026, 1, 16, 9)
    assert triage.route("shop-eu", "x", "critical") is first
    assert triage.route("shop-eu", "pipeline-silent", "warning") is second
    assert triage.assign("chat", "x", "info", at).owner is ben
    assert triage.assign("chat", "x", "info", utc(2026, 1, 16, 14)).owner is cleo
    critical = triage.assign("pay", "x", "critical", utc(2026, 1, 17, 2))
    assert critical.acknowledge_due == utc(2026, 1, 17, 2, 30)


def test_all_mistakes_at_once_with_place_value_and_remedy():
    found = mistakes("""
people:
  - {name: Ana, contact: nowhere, timezone: Mars}
  - {name: Ana, contact: "json://h/${MISSING}", hours: 9-9, days: [someday]}
  - {contact: json://h, colour: red, holidays: [XX]}
rotas:
  quality: {people: [Ana, Dan], hand_over: noon, starts: soon}
  empty: {people: []}
routes:
  - {rota: night, acknowledge: 4, resolve: 0d, severity: awful, clock: sometimes}
  - {rota: quality, acknowledge: 2d, resolve: 1h}
escalation:
  - {after: later, notify: Zoe, until: never}
quiet: {hours: 9, except: loud}
colour: red
""")
    for said in (
        "colour: is unknown; known are",
        "people[0].contact: its value://... is not an address",
        "people[0].timezone: 'Mars' must be an IANA time zone",
        "people[1].name: 'Ana' is another person's name too",
        "people[1].contact: json://... needs MISSING",
        "people[1].hours: '9-9' must begin and end at different times",
        "people[1].days: ['someday'] must be a day of the week",
        "people[2].name: must be a name",
        "people[2].colour: is unknown",
        "people[2].holidays: ['XX'] 'XX' is not a country",
        "rotas.quality.people[1]: 'Dan' is not among the people of this file: Ana",
        "rotas.quality.hand_over: 'noon' must be a day of the week and a time",
        "rotas.quality.starts: 'soon' must be a day such as",
        "rotas.empty.people: [] must be a list of people",
        "routes[0].rota: 'night' is not among the rotas of this file: quality",
        "routes[0].acknowledge: 4 must be minutes, hours or days",
        "routes[0].resolve: '0d' must be minutes",
        "routes[0].severity: 'awful' must be one of critical, warning, info",
        "routes[0].clock: 'sometimes' must be business or always",
        "routes[1].resolve: '1h' is sooner than 2 days",
        "escalation[0].after: 'later' must be a share",
        "escalation[0].notify: 'Zoe' must be owner, next, Ana",
        "escalation[0].until: 'never' must be acknowledged or resolved",
        "quiet.hours: 9 must be two times of the day",
        "quiet.except: 'loud' must be one of critical",
    ):
        assert any(line.startswith(said) for line in found), (said, found)
    assert len(found) == 25
    assert not any("nowhere" in line for line in found)  # a contact is a secret


def test_a_rule_without_an_owner_is_refused_and_named():
    found = mistakes(
        "owner: Ana\nnotify: json://h\nroutes:\n- {service: shop}\n- {alert: pipeline-*}\n"
    )
    assert len(found) == 3  # the drift, and what reviewers and users report
    assert "routes: no route takes 'signal-drift' (warning) of every service" in found[0]
    file.parse(
        "owner: Ana\nnotify: json://h\nroutes:\n- {service: shop}\n- {service: '*'}\n", RULES
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must be keys with values"),
        ("- 1", "must be keys with values"),
        ("{}", "owner: is missing"),
        ("owner: Ana", "notify: is missing"),
        ("owner: Ana\nnotify: []", "notify: [] is empty"),
        ("owner: Ana\nowner: Ben", "owner is given twice"),
        ("owner: [", "is not YAML"),
        ("owner: *ana", "is not YAML"),
        ("owner: !!python/object:os.system {}", "is not YAML"),
        ("owner: Ana\nnotify: json://h\nholidays: [NO]", 'write "NO"'),
        ("owner: Ana\nnotify: json://h\nholidays: [2026-01-09..2026-01-02]", "ends before"),
        (MINIMAL + "people: [{name: Ben}]", "is given together with"),
        (MINIMAL + "holidays: [2020-01-01..2120-01-01]", "Ana does not work for 5 days"),
        (MINIMAL + "days: [mon]\nhours: 9-9:01\nroutes: [{resolve: 9999h}]", "does not work for"),
        (MINIMAL + "rotas: {a: {people: [Ana]}, b: {people: [Ana]}}", "name one"),
        (MINIMAL + "rotas: [a]", "must be rotas by name"),
        (MINIMAL + "routes: {rota: a}", "routes: {'rota': 'a'} must be a list"),
        (
            MINIMAL + "rotas: {a: {people: [Ana], overrides: "
            "[{person: Ana, from: 2026-01-02 10:00, to: 2026-01-02 09:00}]}}",
            "rotas.a.overrides[0].to",
        ),
    ],
)
def test_each_mistake_is_named(text, said):
    assert any(said in line for line in mistakes(text)), mistakes(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
        | st.dates() | st.sampled_from(["9-17", "Ana", "mon", "50%", "1d", "DE", "json://h"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(sorted(
                file._TOP | file._ROTA | file._ROUTE | file._STEP | file._OVERRIDE | file._QUIET
                | {"name", "contact"}
            )), inner, max_size=5,
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_any_document_is_a_triage_or_an_error_that_says_why(document):
    import yaml

    try:
        triage = file.parse(yaml.safe_dump(document), RULES, environ={})
    except file.TriageFileError as error:
        assert error.mistakes  # noqa: PT017 - both ends are right
        return
    assert triage.assign("x", "signal-drift", "warning", utc(2026, 1, 1)).owner.contacts


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Ana", "Ben", "Cleo"]),
            st.integers(0, 400),
            st.integers(1, 400),
        ),
        max_size=5,
    ),
    st.integers(0, 900),
)
def test_of_overlapping_overrides_the_last_counts_and_someone_is_always_on_duty(spans, hour):
    triage = file.parse(FULL, RULES, environ={"WHERE": "x"})
    start = utc(2026, 3, 20)
    overrides = tuple(
        Override(who, start + timedelta(hours=begin), start + timedelta(hours=begin + length))
        for who, begin, length in spans
    )
    plain = Rota("r", ("Ana", "Ben", "Cleo"), "Europe/Berlin", 0, time(9), date(2026, 1, 5))
    rota = Rota(
        "r", ("Ana", "Ben", "Cleo"), "Europe/Berlin", 0, time(9), date(2026, 1, 5), overrides
    )
    at = start + timedelta(hours=hour)
    covering = [who for who, begin, length in spans if begin <= hour < begin + length]
    expected = covering[-1] if covering else triage.on_duty(plain, at)[0]
    assert triage.on_duty(rota, at)[0] == expected


@given(
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    st.integers(0, 6),
    st.times(),
    st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    st.integers(-400, 400),
)
def test_turns_last_a_week_by_the_clock_of_the_rota(zone, weekday, at, starts, days):
    rota = Rota("r", ("Ana",), zone, weekday, at.replace(second=0, microsecond=0), starts)
    moment = datetime(2025, 6, 1, 12, tzinfo=timezone.utc) + timedelta(days=days)
    turn = rota.turn(moment)
    assert rota.turn(moment + timedelta(hours=1)) in (turn, turn + 1)
    # a week of the clock is an hour longer or shorter where it is changed
    assert rota.turn(moment + timedelta(days=7)) - turn in (0, 1, 2)
    assert rota.turn(moment + timedelta(days=70)) - turn in (9, 10, 11)
    noon = datetime.combine(starts, time(23, 59), ZoneInfo(zone))
    if rota.at <= time(23, 59):
        assert rota.turn(noon) == 0 or starts.weekday() != weekday


def test_who_is_away_is_passed_over():
    triage = file.parse(
        FULL.replace("starts: 2026-01-06", "starts: 2026-01-27"), RULES, environ={"WHERE": "x"}
    )
    name, why = triage.on_duty(triage.rotas["quality"], utc(2026, 2, 4, 12))
    assert (name, "Ben's week" in why, "away" in why) == ("Ana", True, True)


def test_it_is_found_by_setting_or_in_the_working_directory(tmp_path, monkeypatch, settings):
    from dataclasses import replace

    monkeypatch.chdir(tmp_path)
    assert room.path(settings) is None
    (tmp_path / "triage.yaml").write_text(MINIMAL)
    assert room.path(settings) == tmp_path / "triage.yaml"
    named = replace(settings, triage=tmp_path / "other.yaml")
    assert room.path(named) == tmp_path / "other.yaml"
    with pytest.raises(ConfigError, match=r"other\.yaml: there is no such file.*triage init"):
        room.load(tmp_path / "other.yaml", RULES)
    assert room.load(tmp_path / "triage.yaml", RULES).people.keys() == {"Ana"}
