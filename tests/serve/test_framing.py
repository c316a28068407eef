import contextlib
import struct

import lz4.block
import pytest
from clickhouse_cityhash.cityhash import CityHash128
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.serve.body import TooLargeError, UndecodableError
from otel_ai_feedback.serve.clickhouse.framing import LZ4, NONE, frames, unframe

LIMIT = 10_000_000

TEXT = b"an answer, " * 20

# Written by ch-go 0.73 (compress.Writer), the frames that clickhouse-go sends.
FROM_GO = {
    "lz4": (
        "d05aaae9df5929d0974af55c48583419822b000000dc000000"
        "bf616e20616e737765722c200b00aa00bb0000c600c020616e20616e737765722c20"
    ),
    "zstd": (
        "62c5f15c726faf1e64da8616f8b4039d9029000000dc000000"
        "28b52ffd04009d000058616e20616e737765722c2001540b032b4e07b931f083"
    ),
    "none": "c8f0ab73d5753faf13893ec584571dfa02e5000000dc000000" + TEXT.hex(),
}


@given(data=st.binary(max_size=3000) | st.binary(max_size=9).map(lambda part: part * 400_000))
def test_what_is_framed_comes_out(data):
    for method in (NONE, LZ4):
        assert unframe(frames(data, method), LIMIT) == data


@pytest.mark.parametrize("method", FROM_GO)
def test_frames_of_another_implementation(method):
    assert unframe(bytes.fromhex(FROM_GO[method]), LIMIT) == TEXT


@given(data=st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(data):
    with contextlib.suppress(UndecodableError):
        unframe(data, LIMIT)


@given(data=st.binary(min_size=1, max_size=300), position=st.integers(0), bit=st.integers(0, 7))
def test_a_bit_that_flipped_is_noticed(data, position, bit):
    framed = bytearray(frames(data))
    framed[position % len(framed)] ^= 1 << bit
    with pytest.raises((UndecodableError, TooLargeError)):
        unframe(bytes(framed), LIMIT)


@given(data=st.binary(min_size=1, max_size=300), kept=st.integers(0))
def test_a_frame_cut_short_is_noticed(data, kept):
    framed = frames(data)
    kept %= len(framed)
    if kept:
        with pytest.raises(UndecodableError):
            unframe(framed[:kept], LIMIT)


def _frame(method, packed, size):
    """A frame with a checksum that is right, whatever is in it."""
    rest = struct.pack("<BII", method, 9 + len(packed), size) + packed
    checksum = CityHash128(rest)
    return struct.pack("<QQ", checksum >> 64, checksum & (2**64 - 1)) + rest


@given(
    method=st.sampled_from([0x02, 0x82, 0x90, 0x91, 0]),
    packed=st.binary(max_size=200),
    size=st.integers(0, 2**32 - 1),
)
def test_a_right_checksum_does_not_vouch_for_the_content(method, packed, size):
    try:
        out = unframe(_frame(method, packed, size), 1000)
    except (UndecodableError, TooLargeError):
        return
    assert len(out) == size <= 1000


def test_a_bomb_is_refused_by_what_it_claims():
    bomb = lz4.block.compress(b"\0" * 50_000_000, store_size=False)
    with pytest.raises(TooLargeError):
        unframe(_frame(LZ4, bomb, 50_000_000), LIMIT)
    with pytest.raises(UndecodableError):
        unframe(_frame(LZ4, bomb, 1000), LIMIT)
    half = frames(b"\0" * 600_000)
    with pytest.raises(TooLargeError):
        unframe(half * 20, LIMIT)
