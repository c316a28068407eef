"""What strangers send costs about as much as it is long: nothing grows with the square.

Each function that strangers reach gets inputs of one repeated piece, at one size and at a quarter
of it, and the CPU time of the thread is compared. Four times the input takes four times as long, a
little more with a logarithm, and sixteen times with a square.
"""

import contextlib
import time

import pytest

from otel_ai_feedback import escaping
from otel_ai_feedback.capture.text import fragments
from otel_ai_feedback.capture.web import browsers, origins, rates
from otel_ai_feedback.store import DATABASE
from otel_ai_feedback.store.gate import DeniedError, Gate, Tables
from otel_ai_feedback.store.gate.functions import Functions

from .targets import SEEDS, TARGETS

SIZE = 24_000
# What takes less at the full size is no danger, however it grows.
QUICK_SECONDS = 0.03
MOST_TIMES = 9

PIECES = [
    *(letter.encode() for letter in "(){}[]<>\"'`\\,;:/-+=&%.*#|@!?$^~_aA1 \t\n\r\0\u00e9"),
    b"\r\n", b"--x\r\n", b"--x--", b"/*", b"*/", b"-- ", b"''", b'""', b"\\'", b"\\\"", b"\\ud800",
    b"If", b"{}",
    b"[]", b"()", b"a,", b"a=", b"a;", b"a b ", b"1,", b"a.b", b"../", b"%25", b"&amp;",
    b"select ", b"insert into t ", b"insert into t (", b" format ", b"with a as ", b"values ",
    b'{"a":', b'{"a":1},', b'[{"a":', b"- a\n", b"- - ", b"a: ", b"&a ", b"*a ", b"? ", b"!!x ",
    b"\x0a\x00", b"\x12\x00", b"\x0a\x7f", b"\x80", b"\xff", b"\x1f\x8b\x08\x00",
    b"/**/", b"/**/ ", b"-- \n", b" ;", b"format a ", b"\xe2\x80\xae", b"\xcc\x81",
    b"the cat sat on the mat ", b"```\n", b"**a", b"[a](", b"https://a.b/ ", b"AQFe", b"a@b.c, ",
    b"Content-Disposition: form-data; name=\"a\"\r\n", b"<p>", b"<!--", b"</",
]  # fmt: skip
AROUND = (
    (b"", b""), (b'"', b""), (b"insert into t", b"x format JSON"),
    (b"insert into t format a", b"x"),
    (b"select 1 format JSON", b"x"), (b"desc t", b"x"), (b"sum", b"x"),
)  # fmt: skip
FUNCTION = b'{"data":[{"name":"sum","alias_to":"","categories":"","is_aggregate":1,"origin":""}]}'


def judged(text):
    """A statement that the engine's parser does not know."""

    def ask(*_):
        raise RuntimeError("not supported by parseQueryToJSON")

    for definer in (None, "reader"):
        with contextlib.suppress(DeniedError):
            Gate().judge(ask, text, Tables(DATABASE, definer))


def function(text):
    with contextlib.suppress(DeniedError):
        Functions(lambda *_: FUNCTION).check(text)


WORDS = {
    "judged": judged,
    "function": function,
    "terminal": escaping.terminal,
    "log": escaping.log,
    "chat": escaping.chat,
    "markdown": escaping.markdown,
    "html": escaping.html,
    "csv": lambda text: escaping.csv(text.encode("utf-8", "replace")),
    "fragments": lambda text: fragments.fingerprints(text, b"k" * 32),
    "user_agent": browsers.name_of,
    "forwarded": rates.network,
    "origin": lambda text: origins.Origins(["https://a.example"]).allow(
        {"origin": text, "host": text}
    ),
}


def of_words(call):
    return lambda data: call(data.decode("utf-8", "surrogateescape"))


# The triage file is the operator's own.
EVERYTHING = {name: call for name, call in TARGETS.items() if name != "triage_file"} | {
    name: of_words(call) for name, call in WORDS.items()
}


def seconds(call, data):
    began = time.thread_time()
    call(data)
    return time.thread_time() - began


def repeated(before, piece, after, size):
    return before + piece * (size // len(piece)) + after


@pytest.mark.parametrize("name", EVERYTHING)
def test_nothing_grows_with_the_square(name):
    call = EVERYTHING[name]
    around = AROUND if name in ("sql", "judged", "function") else AROUND[:2]
    shapes = [(before, piece, after) for piece in PIECES for before, after in around]
    shapes += [(seed, b"", b"") for seed in SEEDS.get(name, ())]
    worse = []
    for before, piece, after in shapes:
        made = (before, piece, after) if piece else (b"", before, b"")
        large = seconds(call, repeated(*made, SIZE))
        if large < QUICK_SECONDS:
            continue
        small = min(seconds(call, repeated(*made, SIZE // 4)) for _ in range(2))
        if large > MOST_TIMES * small:
            # A busy machine may have made the one slow.
            large = min(large, seconds(call, repeated(*made, SIZE)))
        if large > MOST_TIMES * small:
            worse.append((made[0][:20], made[1][:20], round(large / small, 1), round(large, 2)))
    assert not worse


def test_what_grows_with_the_square_is_found():
    def square(data):
        return sum(1 for one in data[::80] for other in data if one == other)

    made = (b"", b"a", b"")
    large, small = (
        min(seconds(square, repeated(*made, size)) for _ in range(2)) for size in (16_000, 4_000)
    )
    assert large > MOST_TIMES * small
