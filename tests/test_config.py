from pathlib import Path

import pytest

from otel_ai_feedback.config import ConfigError, load, unread


def test_defaults(tmp_path):
    settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)}, directory=tmp_path)
    assert settings.state_dir == tmp_path
    assert settings.store == f"chdb://{tmp_path}/store"
    assert (settings.hash, settings.hash_min_length, settings.key) == ("keyed", 0, None)
    assert (settings.timezone, settings.listen) == ("UTC", "127.0.0.1:4318")


def test_plain_hashes_leave_out_short_texts_unless_told(tmp_path):
    plain = {"OTEL_AI_FEEDBACK_HASH": "plain"}
    assert load(environ=plain, directory=tmp_path).hash_min_length == 64
    told = plain | {"OTEL_AI_FEEDBACK_HASH_MIN_LENGTH": "0"}
    assert load(environ=told, directory=tmp_path).hash_min_length == 0


def test_privacy_settings(tmp_path):
    names = {
        "REVIEW_TEXT": "sample",
        "REVIEW_TEXT_RATE": "0.1",
        "OBSERVE": "shop.privacy:may_observe",
        "OPT_OUT_HEADERS": "Sec-GPC, DNT",
        "REASONS": "wrong_tone, made_up_source",
    }
    settings = load(
        environ={f"OTEL_AI_FEEDBACK_{k}": v for k, v in names.items()}, directory=tmp_path
    )
    assert (settings.review_text, settings.review_text_rate) == ("sample", 0.1)
    assert settings.observe == "shop.privacy:may_observe"
    assert settings.opt_out_headers == {"sec-gpc", "dnt"}
    assert settings.reasons == {"wrong_tone", "made_up_source"}
    defaults = load(environ={}, directory=tmp_path)
    assert (defaults.review_text, defaults.observe) == ("as-is", None)
    assert defaults.opt_out_headers == frozenset()
    (tmp_path / "otel-ai-feedback.toml").write_text("review_text_rate = 0.2\n")
    assert load(environ={}, directory=tmp_path).review_text_rate == 0.2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REVIEW_TEXT", "some"), ("REVIEW_TEXT_RATE", "0"), ("REVIEW_TEXT_RATE", "1.1"),
        ("REVIEW_TEXT_RATE", "nan"), ("REVIEW_TEXT_RATE", "5%"), ("OBSERVE", "shop.privacy"),
        ("OBSERVE", "shop/privacy.py:f"), ("OPT_OUT_HEADERS", "sec-gpc,cookie"),
        ("REASONS", "Wrong tone"),
    ],
)  # fmt: skip
def test_wrong_privacy_settings_name_field_and_value(name, value, tmp_path):
    with pytest.raises(ConfigError, match=f"OTEL_AI_FEEDBACK_{name}: '{value}' must be"):
        load(environ={f"OTEL_AI_FEEDBACK_{name}": value}, directory=tmp_path)


def test_command_line_over_environment_over_file(tmp_path):
    (tmp_path / "otel-ai-feedback.toml").write_text(
        'timezone = "Asia/Tokyo"\nlisten = "127.0.0.1:1"\nfeature = "file"\nhash_min_length = 7\n'
    )
    settings = load(
        {"listen": "127.0.0.1:3", "feature": None},
        environ={"OTEL_AI_FEEDBACK_LISTEN": "127.0.0.1:2", "OTEL_AI_FEEDBACK_FEATURE": "env"},
        directory=tmp_path,
    )
    assert settings.listen == "127.0.0.1:3"
    assert settings.feature == "env"
    assert settings.timezone == "Asia/Tokyo"
    assert settings.hash_min_length == 7


def test_all_mistakes_at_once_with_field_value_and_remedy(tmp_path):
    (tmp_path / "otel-ai-feedback.toml").write_text('colour = "red"\nhash = true\n')
    with pytest.raises(ConfigError) as caught:
        load(
            {"timezone": "Mars/Olympus"},
            environ={
                "OTEL_AI_FEEDBACK_KEY": "short-secret",
                "OTEL_AI_FEEDBACK_HASH_MIN_LENGTH": "-1",
                "OTEL_AI_FEEDBACK_STORE": "mysql://root:hunter2@db/x",
                "OTEL_AI_FEEDBACK_LISTEN": "4318",
            },
            directory=tmp_path,
        )
    text = str(caught.value)
    assert len(caught.value.mistakes) == 7
    for expected in ("--timezone: 'Mars/Olympus'", "OTEL_AI_FEEDBACK_KEY", "openssl rand",
                     "'-1'", "chdb:///", "unknown setting 'colour'", "host:port"):  # fmt: skip
        assert expected in text
    assert "hunter2" not in text
    assert "short-secret" not in text


@pytest.mark.parametrize(
    "store",
    ["chdb://", "chdb://host/dir", "http://", "http://h:99999/d", "http://h/a/b", "dir"],
)
def test_wrong_stores_are_refused(store, tmp_path):
    with pytest.raises(ConfigError, match="OTEL_AI_FEEDBACK_STORE"):
        load(environ={"OTEL_AI_FEEDBACK_STORE": store}, directory=tmp_path)


def test_broken_file_names_the_file(tmp_path):
    (tmp_path / "otel-ai-feedback.toml").write_text("store = ")
    with pytest.raises(ConfigError, match=r"otel-ai-feedback\.toml"):
        load(environ={}, directory=Path(tmp_path))


def test_thresholds_of_health_alerts(tmp_path):
    given = {"OTEL_AI_FEEDBACK_HEALTH_THRESHOLDS": "nobody-reviewed=14, link-rate-low = .6,"}
    settings = load(environ=given, directory=tmp_path)
    assert settings.health_thresholds == {"nobody-reviewed": 14, "link-rate-low": 0.6}
    assert load(environ={}, directory=tmp_path).health_thresholds == {}


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nobody=1", "has no alert 'nobody'; known are pipeline-silent"),
        ("jobs-late", "must give jobs-late a number of 0 or more"),
        ("jobs-late=soon", "must give jobs-late a number of 0 or more"),
        ("jobs-late=-1", "must give jobs-late a number of 0 or more"),
        ("jobs-late=nan", "must give jobs-late a number of 0 or more"),
        ("jobs-late=inf", "must give jobs-late a number of 0 or more"),
    ],
)
def test_wrong_thresholds(value, why, tmp_path):
    with pytest.raises(ConfigError, match=f"HEALTH_THRESHOLDS: '{value}' {why}"):
        load(environ={"OTEL_AI_FEEDBACK_HEALTH_THRESHOLDS": value}, directory=tmp_path)


def test_the_watchdog_is_an_address_and_stays_secret(tmp_path):
    with pytest.raises(ConfigError, match="WATCHDOG_URL: its value must be an address") as raised:
        load(environ={"OTEL_AI_FEEDBACK_WATCHDOG_URL": "hc-ping/uuid"}, directory=tmp_path)
    assert "uuid" not in str(raised.value).replace("your-uuid", "")


def test_segments(tmp_path):
    def segments(value):
        return load(overrides={"segments": value}, environ={}, directory=tmp_path).segments

    assert segments(None) == ("model", "prompt_version")
    assert segments("release, model") == ("model", "release")
    assert segments("none") == ()
    for wrong in ("tenant", "", "none,model"):
        with pytest.raises(ConfigError, match=r"--segments: .*must be some of model"):
            segments(wrong)


def test_names_of_the_server_and_its_token(tmp_path):
    environ = {"OTEL_AI_FEEDBACK_HOSTS": "Feedback.example.com, loop",
               "OTEL_AI_FEEDBACK_OTLP_TOKEN": "0123456789abcdef"}  # fmt: skip
    settings = load(environ=environ, directory=tmp_path)
    assert settings.hosts == ("feedback.example.com", "loop")
    assert settings.otlp_token == "0123456789abcdef"
    for wrong in ("https://x", "x:80", " , ", "a b"):
        with pytest.raises(ConfigError, match="OTEL_AI_FEEDBACK_HOSTS"):
            load(environ={"OTEL_AI_FEEDBACK_HOSTS": wrong}, directory=tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(environ={"OTEL_AI_FEEDBACK_OTLP_TOKEN": "tooshort"}, directory=tmp_path)
    assert "tooshort" not in str(caught.value)


def test_an_empty_variable_is_unset(tmp_path):
    empty = {"OTEL_AI_FEEDBACK_TIMEZONE": "", "OTEL_AI_FEEDBACK_LISTEN": "  "}
    settings = load(environ=empty, directory=tmp_path)
    assert (settings.timezone, settings.listen) == ("UTC", "127.0.0.1:4318")


def test_a_variable_that_nothing_reads_is_found_with_what_was_meant():
    assert unread(
        {"OTEL_AI_FEEDBACK_TIMEZON": "x", "OTEL_AI_FEEDBACK_KEY": "y", "OTEL_AI_FEEDBACK_QQQ": ""}
    ) == {"OTEL_AI_FEEDBACK_QQQ": "", "OTEL_AI_FEEDBACK_TIMEZON": "OTEL_AI_FEEDBACK_TIMEZONE"}


def test_a_misspelt_setting_of_the_file_says_what_was_meant(tmp_path):
    (tmp_path / "otel-ai-feedback.toml").write_text('timezon = "UTC"\n')
    with pytest.raises(ConfigError, match="did you mean timezone"):
        load(environ={}, directory=tmp_path)
