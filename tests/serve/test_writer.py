import threading

import pytest

from otel_ai_feedback.serve.writer import Writer


class Table:
    """Keeps what is inserted, refuses the block ``bad``, waits while its gate is shut."""

    def __init__(self):
        self.groups = []
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Semaphore(0)

    def __call__(self, blocks):
        self.reached.release()
        self.gate.wait(10)
        if b"bad" in blocks:
            raise RuntimeError("Code: 243. DB::Exception: no space")
        self.groups.append(list(blocks))


@pytest.fixture
def table():
    return Table()


@pytest.fixture
def writer(table):
    writer = Writer(table, "t")
    yield writer
    writer.close()


def test_what_waits_becomes_one_insert(table, writer):
    table.gate.clear()
    first = writer.submit(b"1", 1)
    table.reached.acquire(timeout=10)
    rest = [writer.submit(b"2", 1), writer.submit(b"3", 1)]
    assert not first.done()
    table.gate.set()
    for stored in [first, *rest]:
        stored.result(10)
    assert table.groups == [[b"1"], [b"2", b"3"]]


def test_a_refused_block_does_not_fail_those_it_travels_with(table, writer):
    table.gate.clear()
    first = writer.submit(b"1", 1)
    table.reached.acquire(timeout=10)
    good, bad, also_good = (writer.submit(block, 1) for block in (b"2", b"bad", b"3"))
    table.gate.set()
    assert first.result(10) is None
    assert good.result(10) is None
    assert also_good.result(10) is None
    with pytest.raises(RuntimeError, match="no space"):
        bad.result(10)
    assert table.groups == [[b"1"], [b"2"], [b"3"]]


def test_closing_inserts_what_waits(table):
    writer = Writer(table, "t")
    table.gate.clear()
    writer.submit(b"1", 1)
    table.reached.acquire(timeout=10)
    waiting = writer.submit(b"2", 1)
    threading.Timer(0.05, table.gate.set).start()
    writer.close()
    assert waiting.done()
    assert table.groups == [[b"1"], [b"2"]]


@pytest.fixture
def patient(table):
    writer = Writer(table, "t", longest_wait=60)
    yield writer
    writer.close()


def test_an_insert_waits_for_rows_that_are_coming(table, patient):
    with patient.coming():
        first = patient.submit(b"1", 1)
        second = patient.submit(b"2", 1)
    first.result(10)
    second.result(10)
    assert table.groups == [[b"1", b"2"]]


def test_rows_that_never_come_hold_nothing_up_for_long(table, writer):
    with writer.coming():
        writer.submit(b"1", 1).result(10)
    assert table.groups == [[b"1"]]


def test_an_insert_waits_until_half_of_the_senders_are_there(table, patient):
    with patient.coming(), patient.coming():
        first = patient.submit(b"1", 5_000)
        second = patient.submit(b"2", 5_000)
        first.result(10)
        second.result(10)
    assert table.groups == [[b"1", b"2"]]


def test_an_insert_that_is_large_enough_does_not_wait(table, patient):
    with patient.coming():
        patient.submit(b"1", 1_000_000).result(10)
    assert table.groups == [[b"1"]]
