import base64
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.linking.handles import (
    CLOCK_SKEW_SECONDS,
    LIFETIME_SECONDS,
    Handle,
    RefusedHandleError,
    mint,
    verify,
)

KEY = b"k" * 32
HANDLE = Handle(
    "output", 0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331, 1_795_464_000, True
)
TEXT = mint(HANDLE, KEY)


def refusal(text, key=KEY, now=HANDLE.time):
    with pytest.raises(RefusedHandleError) as caught:
        verify(text, key, now)
    return caught.value.reason


@given(
    st.sampled_from(["output", "request"]),
    st.integers(1, 2**128 - 1),
    st.integers(1, 2**64 - 1),
    st.integers(0, 2**40),
    st.booleans(),
)
def test_round_trip(kind, trace_id, span_id, time, sampled):
    handle = Handle(kind, trace_id, span_id, time, sampled)
    text = mint(handle, KEY)
    assert len(text) <= 80
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert verify(text, KEY, time) == handle


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("ABCxyz019_-"))
def test_any_altered_character_is_refused(place, character):
    altered = TEXT[:place] + character + TEXT[place + 1 :]
    if altered != TEXT:
        assert refusal(altered) == "foreign"


def test_another_key_is_foreign():
    assert refusal(TEXT, key=b"another") == "foreign"


def test_expires_after_seven_days_and_not_a_second_before():
    assert verify(TEXT, KEY, HANDLE.time + LIFETIME_SECONDS) == HANDLE
    assert refusal(TEXT, now=HANDLE.time + LIFETIME_SECONDS + 1) == "expired"


def test_the_future_is_refused_beyond_clock_skew():
    assert verify(TEXT, KEY, HANDLE.time - CLOCK_SKEW_SECONDS) == HANDLE
    assert refusal(TEXT, now=HANDLE.time - CLOCK_SKEW_SECONDS - 1) == "future"


@pytest.mark.parametrize(
    "text",
    ["", "x", TEXT[:-1], TEXT + "A", TEXT + "\n", " " + TEXT[1:], TEXT[:-1] + "=", TEXT[:-1] + "é",
     TEXT.replace(TEXT[0], "\ud800", 1), "A" * 10_000_000],
)  # fmt: skip
def test_what_is_not_a_handle_is_malformed(text):
    assert refusal(text) == "malformed"


def test_a_signed_handle_of_another_version_is_malformed():
    payload = bytearray(base64.urlsafe_b64decode(TEXT)[:-16])
    payload[0] = 2
    signature = hmac.digest(KEY, payload, "sha256")[:16]
    other = base64.urlsafe_b64encode(bytes(payload) + signature).decode()
    assert refusal(other) == "malformed"


@given(st.text(max_size=200))
def test_fuzz(text):
    assert refusal(text) in ("malformed", "foreign")
