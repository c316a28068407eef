import hashlib
import hmac
import sys

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


@given(st.binary(max_size=200), st.binary(max_size=200), st.booleans())
def test_the_hmac_is_that_of_the_standard_library(message, key, short):
    assert keyed(key, short)(message).digest() == hmac.digest(key, message, "sha256")


def test_an_interpreter_without_hashes_of_its_own_uses_those_of_openssl(monkeypatch):
    for name in ("_sha2", "_sha256"):
        # None stands for a module that cannot be imported.
        monkeypatch.setitem(sys.modules, name, None)
    keyed.cache_clear()
    found = keyed(KEY, True)(b"message")
    keyed.cache_clear()
    assert type(found) is type(hashlib.sha256())
    assert found.digest() == hmac.digest(KEY, b"message", "sha256")


def test_a_user_named_like_an_output_has_another_hash():
    assert hash_subject("ann", KEY) != hash_text("ann", KEY)
    assert hash_subject("ann", KEY) == hash_subject("ann", KEY)
    assert hash_subject("\ud800", KEY).startswith("hmac-sha256:")


def test_derived_keys_differ_by_purpose():
    assert len({derive_key(KEY, purpose) for purpose in (b"handle", b"sketch", b"subject")}) == 3
