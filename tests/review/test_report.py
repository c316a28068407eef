"""The weekly report: what it says, in both forms, and that everyone gets it once."""

from datetime import date, datetime, timedelta, timezone
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from raw_rows import SECOND, T0, action_span, insert, llm_span
from weeks import spread

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.review import report
from otel_ai_feedback.review.document import Document, Link, Section, Table
from otel_ai_feedback.review.report_sending import WeeklyReport
from otel_ai_feedback.serve import weekly_report
from otel_ai_feedback.store import jobs

START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
WEEK = date(2026, 11, 16)
NOW = datetime(2026, 11, 24, 9, tzinfo=timezone.utc)


def test_every_part_is_in_both_forms():
    section = Section("What | goes <wrong>")
    section.say("a *word* & more")
    section.list_of(["one", "two"])
    section.add(Table(["n", "where"], [[1, [Link("x_y", "https://h/a")]], [2, [Link("z", None)]]]))
    document = Document("A title", [section])
    assert document.markdown() == (
        "# A title\n\n## What \\| goes \\<wrong\\>\n\na \\*word\\* & more\n\n- one\n- two\n\n"
        "| n | where |\n| --- | --- |\n| 1 | [x\\_y](https://h/a) |\n| 2 | `z` |\n"
    )
    html = document.html()
    assert "<h2>What | goes &lt;wrong&gt;</h2>" in html
    assert '<td><a href="https://h/a">x_y</a></td>' in html
    assert "@media print" in html


class _Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def world(clean):
    """Eight weeks of one group; the last four are worse, by a mode with a name that needs care."""
    draws, reviews = [], []
    for place in range(8):
        week = WEEK - timedelta(days=7 * (7 - place))
        names = [f"{place:016x}{n:016x}-{n:016x}" for n in range(40)]
        draws.append([
            week, "chat", "production", "chat", "used", 1.0, True, 2000.0, [5, 20, 0, 0, 0, 0],
            1.0, 0.02, list(zip(names, spread(40), strict=True)), "run",
            datetime(2026, 9, 1, tzinfo=timezone.utc),
        ])  # fmt: skip
        bad = 4 if place < 4 else 16
        said = datetime(week.year, week.month, week.day, 9, tzinfo=timezone.utc)
        reviews += [
            [name, name, "first", "ann", "bad" if n < bad else "good",
             ["<wrong> | fact"] if n < bad else [], 30.0, said + timedelta(days=7)]
            for n, name in enumerate(names)
        ]  # fmt: skip
    clean.insert("draws", draws, column_names=(
        "day", "service", "environment", "feature", "stratum", "weight", "weight_known", "outputs",
        "ratings", "rate", "threshold", "drawn", "run", "frozen_at",
    ))  # fmt: skip
    clean.insert("reviews", reviews, column_names=(
        "review_id", "output_id", "reading", "reviewer", "verdict", "modes", "seconds",
        "reviewed_at",
    ))  # fmt: skip
    return clean


def test_what_it_says(world):
    text = report.weekly(world, WEEK, url="https://loop", now=NOW).markdown()
    assert text.startswith("# Review of the week of 2026-11-16\n")
    assert "| chat/production/chat | 60.0% |" in text
    assert "160 in 4 of 4 weeks" in text
    assert "90.0%: worse now" in text
    assert "80.0%" in text  # thumbs
    assert "\\<wrong\\> \\| fact" in text
    assert text.count("https://loop/outputs/") == 3
    assert "1 failure mode across 80 bad answers" in text
    assert "| ann | 40 | 20 |" in text
    assert "No incidents in this week" in text


@pytest.mark.slow
def test_html_is_whole_and_runs_nothing(world):
    html = report.weekly(world, WEEK, now=NOW).html()
    parser = _Balanced()
    parser.feed(html)
    assert parser.open == []
    assert "&lt;wrong&gt; | fact" in html
    assert "<wrong>" not in html
    assert "<script" not in html
    assert "https://" not in html


@pytest.mark.slow
def test_an_incident_is_in_it_with_how_it_was_answered(world):
    opened = datetime(2026, 11, 18, 9, tzinfo=timezone.utc)
    events = [
        {"kind": "opened", "at": opened, "rule": "quality-fell", "severity": "critical",
         "acknowledge_due": opened + timedelta(hours=1), "resolve_due": opened + timedelta(days=1)},
        {"kind": "acknowledged", "at": opened + timedelta(minutes=12)},
        {"kind": "resolved", "at": opened + timedelta(hours=5)},
    ]  # fmt: skip
    for number, event in enumerate(events):
        row = {"event_id": f"{number}", "incident_id": "i", "service": "chat", **event}
        world.insert("incident_events", [list(row.values())], column_names=list(row))
    try:
        text = report.weekly(world, WEEK, now=NOW).markdown()
    finally:
        world.command("truncate table incident_events")
    assert "| critical | 1 (quality-fell) | 1 of 1 | 12\u202fmin | 5\u202fh | 0 |" in text


@pytest.mark.slow
def test_a_model_that_came_into_use_is_a_change(clean):
    insert(
        clean,
        [llm_span(f"o{n}", at=n * 86_400) for n in range(8)]
        + [
            llm_span(f"n{n}", at=(8 + n) * 86_400, gen_ai__response__model="large")
            for n in range(5)
        ],
    )
    monday = START.date() - timedelta(days=START.weekday()) + timedelta(days=7)
    text = report.weekly(clean, monday, now=START + timedelta(days=30)).markdown()
    assert "model large" in text


@pytest.mark.slow
def test_signals_are_compared_with_the_week_before(clean):
    monday = START.date() - timedelta(days=START.weekday()) + timedelta(days=7)
    first = datetime.combine(monday, datetime.min.time(), timezone.utc) - timedelta(days=7)
    begin = int((first - START).total_seconds()) + 3600
    rows = []
    for week, often in enumerate((8, 2)):
        for user in range(40):
            for number in range(6):
                name, at = f"{week} {user} {number}", begin + week * 7 * 86_400 + user * 60 + number
                rows.append(llm_span(name, at=at, handle="output", ai_feedback__subject=f"{user}"))
                if user % 10 < often:
                    rows.append(action_span("copy", name, at=at + 5, value=1, output_at=at))
    insert(clean, rows)
    jobs.run(clean)
    text = report.weekly(clean, monday, now=START + timedelta(days=30)).markdown()
    (line,) = (line for line in text.splitlines() if "| copied |" in line)
    assert "20.0% (" in line
    assert "of 240 (about as precise as" in line
    assert "| 80.0% | This week is worse than the week before: -60.0 points (" in line


def test_only_a_week_that_has_ended_has_a_report(clean):
    with pytest.raises(ValueError, match="not a Monday"):
        report.weekly(clean, WEEK + timedelta(days=1), now=NOW)
    with pytest.raises(ValueError, match="has not ended"):
        report.weekly(clean, WEEK + timedelta(days=7), now=NOW)
    assert report.newest_week(clean, NOW) == WEEK


class Outbox:
    def __init__(self):
        self.sent = []
        self.broken = set()

    def __call__(self, address, title, text):
        if address in self.broken:
            raise OSError("the line is dead")
        self.sent.append((address, title))


def sender(client, outbox, zone="UTC"):
    to = {"ana": ("mail:ana",), "bo": ("mail:bo", "chat:bo")}
    return WeeklyReport(client, to, outbox, zone=zone, url=None)


@pytest.mark.slow
def test_everyone_gets_it_once_and_not_before_monday_at_eight(clean):
    outbox = Outbox()
    monday = datetime(2026, 11, 23, 7, 59, tzinfo=timezone.utc)
    assert sender(clean, outbox)(monday) == []
    assert sender(clean, outbox)(monday + timedelta(minutes=1)) == ["ana", "bo"]
    assert sender(clean, outbox)(monday + timedelta(minutes=2)) == []
    assert outbox.sent == [
        (address, "Review of the week of 2026-11-16")
        for address in ("mail:ana", "mail:bo", "chat:bo")
    ]


@pytest.fixture
def in_tokyo(clean):
    zone = "insert into settings values ('timezone', '{}', now64(3, 'UTC'))"
    clean.command(zone.format("Asia/Tokyo"))
    yield clean
    clean.command(zone.format("UTC"))


@pytest.mark.slow
def test_eight_is_eight_where_the_store_is(in_tokyo):
    outbox = Outbox()
    sunday = datetime(2026, 11, 22, 22, 59, tzinfo=timezone.utc)
    assert sender(in_tokyo, outbox, "Asia/Tokyo")(sunday) == []
    assert sender(in_tokyo, outbox, "Asia/Tokyo")(sunday + timedelta(minutes=1)) == ["ana", "bo"]


def failed(client, times):
    client.insert(
        "sent_reports",
        [
            [WEEK, "ana", phase, f"{run}", datetime(2026, 11, 23, 8, tzinfo=timezone.utc)]
            for run in range(times)
            for phase in ("claimed", "failed")
        ],
        column_names=["week", "person", "phase", "run", "at"],
    )


@pytest.mark.slow
def test_what_fails_is_noted_and_is_due_again(clean):
    outbox = Outbox()
    outbox.broken = {"mail:ana"}
    failed(clean, 4)
    monday = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
    assert sender(clean, outbox)(monday) == ["bo"]
    # that was the fifth time: it is given up
    outbox.broken = set()
    assert sender(clean, outbox)(monday + timedelta(hours=1)) == []
    assert len(outbox.sent) == 2


@pytest.mark.slow
def test_of_two_processes_one_sends(clean):
    outbox = Outbox()
    monday = datetime(2026, 11, 23, 9, tzinfo=timezone.utc)
    clean.insert(
        "sent_reports",
        [[WEEK, "ana", "claimed", "other", monday - timedelta(seconds=1)]],
        column_names=["week", "person", "phase", "run", "at"],
    )
    assert sender(clean, outbox)(monday) == ["bo"]


def test_anyone_who_gets_it_must_be_reachable(settings):
    from dataclasses import replace

    people = {
        "ana": SimpleNamespace(contacts=("mailto://ana",)),
        "bo": SimpleNamespace(contacts=()),
    }
    who = SimpleNamespace(people=people)
    named = replace(settings, report_to=("ana", "bo", "cy"))
    with pytest.raises(ConfigError) as error:
        weekly_report.addresses(named, who)
    assert len(error.value.mistakes) == 2
    with pytest.raises(ConfigError, match="no triage file"):
        weekly_report.addresses(named, None)
    assert weekly_report.addresses(replace(named, report_to=("ana",)), who) == {
        "ana": ("mailto://ana",)
    }
    assert weekly_report.addresses(settings, None) == {}
