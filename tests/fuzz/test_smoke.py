"""A few seconds of strange inputs for everything that strangers reach."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .targets import SEEDS, TARGETS


def _near(seeds):
    """Inputs that are a sound one with some bytes changed, left out, doubled or put in."""

    def changed(drawn):
        seed, number, several = drawn
        chance, data = random.Random(number), bytearray(seed)
        for _ in range(several):
            at = chance.randrange(len(data) + 1)
            match chance.randrange(5):
                case 0:
                    data[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del data[at : at + chance.randrange(1, 9)]
                case 2:
                    data[at:at] = data[at : at + chance.randrange(1, 30)]
                case 3:
                    data[at:at] = chance.choice(
                        [b'"', b"\\", b"\0", b"\xff", b"9" * 30, b"[" * 50, b"null", b"1e999",
                         b"\xed\xa0\x80", b"\\ud800", b"{", b"}", b"\r\n", b"'", b"-1"]
                    )  # fmt: skip
                case 4:
                    data[at : at + 4] = chance.randbytes(4)
        return bytes(data)

    return st.tuples(st.sampled_from(seeds), st.integers(0), st.integers(1, 8)).map(changed)


@pytest.mark.parametrize("name", TARGETS)
def test_strange_inputs_are_refused_in_words(name):
    inputs = st.binary(max_size=300) | _near(SEEDS[name]) | st.text(max_size=200).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )  # fmt: skip

    @settings(max_examples=400, suppress_health_check=list(HealthCheck))
    @given(inputs)
    def all_of_them(data):
        TARGETS[name](data)

    all_of_them()
    for seed in SEEDS[name]:
        TARGETS[name](seed)
