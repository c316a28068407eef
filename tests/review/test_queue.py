"""What comes next, by the clock: order, leases, skips, second readings, gold, expiry."""

import threading
from collections import Counter
from datetime import date, datetime, timedelta, timezone

import pytest

from otel_ai_feedback import store
from otel_ai_feedback.review import lease
from otel_ai_feedback.review.labels import Label
from otel_ai_feedback.review.queue import Desk
from otel_ai_feedback.store.ask import moment

WEEK = date(2026, 11, 2)
START = datetime(2026, 11, 10, 9, tzinfo=timezone.utc)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        # Two things never happen in one moment.
        self.now += timedelta(milliseconds=10)
        return self.now

    def wait(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def desk(client, clock):
    return Desk(client, clock, lambda: 0.99)


@pytest.fixture
def second_first(client, clock):
    """A desk that gives out second readings as soon as there are any."""
    return Desk(client, clock, lambda: 0.0)


def say(desk, clock, given, verdict="good"):
    assert desk.say(given, Label(verdict), label_id=f"{clock().timestamp()}", screen="web-1")


def state(client, clock, name, reading="first"):
    rows = client.query(
        "select state from review_queue_at(as_of = {at:DateTime64(3)}) "
        "where output_id = {name:String} and reading = {reading:String}",
        parameters={"at": moment(clock.now), "name": name,
                    "reading": reading},
    ).result_rows  # fmt: skip
    return rows[0][0] if rows else None


def twice(client, *names):
    client.insert("second_readings", [[name, START] for name in names])


@pytest.mark.slow
def test_newest_closed_week_then_older_then_the_running_one(desk, clock, cell):
    cell(WEEK - timedelta(days=7), "none", 2, [0.1, 0.01], service="older")
    cell(WEEK, "none", 3, [0.5, 0.2, 0.2], service="newest")
    cell(WEEK + timedelta(days=7), "none", 1, [0.001], service="running")
    read = []
    while given := desk.next("ann"):
        read.append(given.output_id.split("-")[0] + given.output_id[-1])
        say(desk, clock, given)
    # ties by id
    assert read == ["newest1", "newest2", "newest0", "older1", "older0", "running0"]


def test_a_lease_lasts_a_quarter_of_an_hour(client, desk, clock, cell):
    (name,) = cell(WEEK, "none", 1, [0.1])
    given = desk.next("ann")
    assert state(client, clock, name) == "leased"
    clock.wait(minutes=14)
    assert desk.next("ben") is None
    assert desk.next("ann") == given
    clock.wait(minutes=2)
    assert state(client, clock, name) == "waiting"
    of_ben = desk.next("ben")
    assert of_ben.output_id == name
    # what ann says late is kept; anyone who is first counts
    say(desk, clock, of_ben, "bad")
    say(desk, clock, given, "good")
    assert client.query(
        "select reviewer, label from labels_at(as_of = {at:DateTime64(3)})",
        parameters={"at": moment(clock.now)},
    ).result_rows == [("ben", "bad")]


@pytest.mark.slow
def test_a_skip_comes_back_and_then_counts_as_unsure(client, desk, clock, cell):
    first, second = cell(WEEK, "none", 2, [0.1, 0.2])
    say(desk, clock, desk.next("ann"), "skipped")
    assert state(client, clock, first) == "skipped"
    assert desk.next("ann").output_id == second
    assert desk.next("ben").output_id == first
    clock.wait(minutes=20)
    say(desk, clock, desk.next("ann"))
    clock.wait(hours=6)
    assert desk.next("ann").output_id == first
    clock.wait(hours=18)
    assert state(client, clock, first) == "disposed"
    assert desk.next("ann") is None


def test_what_no_one_reads_for_28_days_expires(client, desk, clock, cell):
    (name,) = cell(WEEK, "none", 1, [0.1])
    clock.now = datetime(2026, 12, 6, 23, tzinfo=timezone.utc)
    assert state(client, clock, name) == "waiting"
    clock.wait(hours=1)
    assert state(client, clock, name) == "expired"
    assert desk.next("ann") is None


def test_one_of_the_sample_is_read_again_by_another_person(
    client, desk, second_first, clock, cell, review
):
    names = cell(WEEK, "none", 3, [0.1, 0.2, 0.3])
    twice(client, names[0])
    assert state(client, clock, names[0], "second") is None
    say(desk, clock, desk.next("ann"))
    # ann goes on with what she has not read, ben is given hers
    assert second_first.next("ann").output_id == names[1]
    of_ben = second_first.next("ben")
    assert (of_ben.output_id, of_ben.reading) == (names[0], "second")
    say(desk, clock, of_ben, "bad")
    assert state(client, clock, names[0], "second") == "disposed"
    # they say the opposite: a third decides
    assert desk.next("ann", extra=True) is None
    assert desk.next("ben", extra=True) is None
    assert desk.next("eva", extra=True).output_id == names[0]


@pytest.mark.slow
def test_who_reads_alone_reads_again_after_a_week(client, desk, second_first, clock, cell):
    names = cell(WEEK, "none", 2, [0.1, 0.2])
    twice(client, *names)
    for _ in names:
        say(desk, clock, desk.next("ann"))
    assert second_first.next("ann") is None
    clock.wait(days=7)
    again = second_first.next("ann")
    assert (again.output_id, again.reading) == (names[0], "second")
    # not where others read as well
    say(desk, clock, again)
    cell(WEEK, "none", 1, [0.5], service="other")
    say(desk, clock, desk.next("ben"))
    assert second_first.next("ann") is None


def test_gold_items_come_in_between_once(client, clock, cell, review):
    cell(WEEK, "none", 1, [0.5])
    for name in ("ann", "ben", "eva"):
        review(["agreed"], "good", reviewer=name, reading="extra", at=START - timedelta(days=1))
    desk = Desk(client, clock, lambda: 0.27)
    given = desk.next("zoe")
    assert (given.output_id, given.reading) == ("agreed", "gold")
    say(desk, clock, given, "bad")
    assert desk.next("zoe").reading == "first"
    assert Desk(client, clock, lambda: 0.27).next("ann") is None


def test_two_that_reach_for_one_output_never_both_get_it(client, cell, clock):
    (name,) = cell(WEEK, "none", 1, [0.1])
    mine = lease.take(client, name, "first", "ann", clock())
    assert mine is not None
    # earlier by its clock, and later in the store
    assert lease.take(client, name, "first", "ben", START - timedelta(minutes=1)) is None
    lease.give_back(client, mine)
    assert lease.take(client, name, "first", "ben", clock()) is not None


@pytest.mark.slow
def test_many_at_two_desks_never_get_the_same(client, settings, cell):
    names = cell(WEEK, "none", 40, [n / 100 for n in range(40)])
    got = []

    def read(desk, reviewer):
        for number in range(10):
            given = desk.next(reviewer)
            if given is None:
                return
            got.append(given.output_id)
            desk.say(given, Label("good"), label_id=f"{reviewer}-{number}", screen="web-1")

    threads, clients = [], []
    for process in range(2):
        own = store.connect(settings.store)
        own.database = client.database
        clients.append(own)
        desk = Desk(own, lambda: datetime.now(timezone.utc).replace(2026, 11, 10), lambda: 0.99)
        threads += [threading.Thread(target=read, args=(desk, f"{process}-{n}")) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for own in clients:
        own.close()
    assert set(Counter(got).values()) == {1}
    assert len(got) <= len(names)
    assert len(got) >= 30
