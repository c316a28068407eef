import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.text.hashing import derive_key, hash_subject, hash_text, keyed

KEY = b"sixteen bytes or more"


def test_plain_is_the_first_half_of_sha256_over_the_normal_form():
    expected = hashlib.sha256(b"a b").hexdigest()[:32]
    assert hash_text(" a \r\n b ", None) == f"sha256:{expected}"


def test_keyed_is_hmac_under_the_key_itself():
    expected = hmac.new(KEY, b"a b", "sha256").hexdigest()[:32]
    assert hash_text("a\tb", KEY) == f"hmac-sha256:{expected}"
    assert hash_text("a b", b"another key of 16+") != hash_text("a b", KEY)


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_the_hmac_is_that_of_the_standard_library(message, key):
    assert keyed(key)(message).digest() == hmac.digest(key, message, "sha256")


def test_a_user_named_like_an_output_has_another_hash():
    assert hash_subject("ann", KEY) != hash_text("ann", KEY)
    assert hash_subject("ann", KEY) == hash_subject("ann", KEY)
    assert hash_subject("\ud800", KEY).startswith("hmac-sha256:")


def test_derived_keys_differ_by_purpose():
    assert len({derive_key(KEY, purpose) for purpose in (b"handle", b"sketch", b"subject")}) == 3
