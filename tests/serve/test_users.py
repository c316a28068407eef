import pytest

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.serve.clickhouse.users import Users, owner, read

LONG = "p" * 32


@pytest.fixture
def write(tmp_path):
    def write(text, mode=0o600):
        path = tmp_path / "users.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


def test_users_have_a_role_and_a_password(write):
    file = write(f'[a]\nrole = "writer"\npassword = "{LONG}"\n[b-1]\nrole = "reader"\n'
                 f'password = "{LONG}2"\ntext = true\n')  # fmt: skip
    users = Users(owner("token"), *read(file))
    assert (users.authenticate("a", LONG).role, users.authenticate("a", LONG).text) == (
        "writer",
        False,
    )
    assert users.authenticate("b-1", LONG + "2").text
    assert users.authenticate("local", "token").role == "owner"
    for name, password in (("a", LONG + "2"), ("b-1", ""), ("", ""), ("x", LONG), ("a", "\udcff")):
        assert users.authenticate(name, password) is None


def test_without_the_file_there_is_no_user_but_the_owner():
    users = Users(owner("token"))
    for name in ("default", "admin", "", "grafana"):
        assert users.authenticate(name, "") is None


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "names no user"),
        ("a = 1", r"\[a\] must be a table"),
        ('[a]\nrole = "writer"', "password of at least 16"),
        ('[a]\nrole = "writer"\npassword = "short"', "openssl rand -hex 32"),
        (f'[a]\nrole = "admin"\npassword = "{LONG}"', "'admin'; it must be"),
        (f'[local]\nrole = "writer"\npassword = "{LONG}"', "is not a valid name"),
        (f'["a:b"]\nrole = "writer"\npassword = "{LONG}"', "is not a valid name"),
        (f'[a]\nrole = "writer"\npassword = "{LONG}"\ntext = true', "for readers only"),
        (f'[a]\nrole = "reader"\npassword = "{LONG}"\ntext = "yes"', "true or false"),
        (f'[a]\nrole = "reader"\npasword = "{LONG}"', "unknown key 'pasword'"),
        ("[a", "users.toml"),
    ],
)
def test_mistakes_are_named(write, text, mistake):
    with pytest.raises(ConfigError, match=mistake):
        read(write(text))


def test_all_mistakes_are_named_at_once(write):
    with pytest.raises(ConfigError) as caught:
        read(write('[a]\nrole = "x"\n[b]\nrole = "reader"\n', 0o644))
    assert len(caught.value.mistakes) == 4
    assert "chmod 600" in str(caught.value)
    assert LONG not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "none")
