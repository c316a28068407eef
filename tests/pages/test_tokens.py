import re

import pytest

from otel_ai_feedback.config import ConfigError, load
from otel_ai_feedback.pages.tokens import read

LONG = "p" * 32


@pytest.fixture
def write(tmp_path):
    def write(text, mode=0o600):
        path = tmp_path / "people.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "names no one"),
        ("a = 1", r"\[a\] must be a table"),
        ("[a]", "needs token, token_sha256 or roles"),
        ('[a]\nroles = ["boss"]', "some of viewer, reviewer, responder, admin"),
        ("[a]\nroles = 1", "it must be a list"),
        (f'[a]\ntoken = "{LONG}"\ntoken_sha256 = "{"0" * 64}"', "needs either token or"),
        ('[a]\ntoken = "short"', "openssl rand -hex 32"),
        ("[a]\ntoken = 1", "at least 16"),
        ('[a]\ntoken_sha256 = "abc"', "sha256sum"),
        (f'[" a"]\ntoken = "{LONG}"', "is not a valid name"),
        (f'["a\\nb"]\ntoken = "{LONG}"', "is not a valid name"),
        (f'[a]\ntokn = "{LONG}"', "unknown key 'tokn'"),
        (
            f'[a]\ntoken = "{LONG}"\n[b]\ntoken = "{LONG}"',
            r"\[b\] has the same token as another person",
        ),
        ("[a", "people.toml"),
    ],
)
def test_mistakes_are_named(write, text, mistake):
    with pytest.raises(ConfigError, match=mistake):
        read(write(text))


def test_a_file_that_is_open_to_everyone(write):
    with pytest.raises(ConfigError, match="chmod 600") as caught:
        read(write(f'[a]\ntoken = "{LONG}"', 0o644))
    assert LONG not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OUTPUT_URL", "https://x/"),
        ("OUTPUT_URL", "ftp://x/{trace_id}"),
        ("OUTPUT_URL", "https://{trace_id}.x/"),
        ("OUTPUT_URL", "https://x/{nope}"),
        ("PERSON_HEADER", "X Forwarded"),
        ("PERSON_PROXIES", "proxy"),
        ("PERSON_PROXIES", "10.0.0.1/8"),
    ],
)
def test_wrong_settings_name_field_and_value(name, value, tmp_path):
    with pytest.raises(ConfigError, match=re.escape(f"OTEL_AI_FEEDBACK_{name}: '{value}' must ")):
        load(environ={f"OTEL_AI_FEEDBACK_{name}": value}, directory=tmp_path)


def test_a_file_of_hashes_may_be_read_by_all_and_written_by_none_of_them(write):
    path = write(f'[a]\ntoken_sha256 = "{"0" * 64}"\n')
    path.chmod(0o644)
    assert read(path)
    path.chmod(0o646)
    with pytest.raises(ConfigError, match="chmod 600"):
        read(path)
