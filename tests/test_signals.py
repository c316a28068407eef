"""The list of signals, and those that a team adds to it."""

import pytest

from otel_ai_feedback import signals
from otel_ai_feedback.config import ConfigError, load

EXPORTED = """
[exported]
direction = "high"
exposure = "control"
words = "exported to file"
"""


def settings_with(directory, text, **environ):
    (directory / "signals.toml").write_text(text)
    return load(environ=environ, directory=directory)


def test_a_signal_of_ones_own_is_read_from_the_working_directory(tmp_path):
    (own,) = settings_with(tmp_path, EXPORTED).signals
    assert (own.name, own.evidence, own.good, own.exposure) == (
        "exported", "exported", "high", "control",
    )  # fmt: skip
    assert (own.own, own.label) == (True, "exported to file")
    assert own.meaning == "The application reported exported."


def test_the_setting_names_another_file(tmp_path):
    elsewhere = tmp_path / "ours.toml"
    elsewhere.write_text(EXPORTED)
    named = {"OTEL_AI_FEEDBACK_SIGNALS": str(elsewhere)}
    assert [own.name for own in load(environ=named, directory=tmp_path).signals] == ["exported"]
    elsewhere.unlink()
    with pytest.raises(ConfigError, match=r"there is no file .*ours.toml; write it or unset"):
        load(environ=named, directory=tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[exported]\nexposure = 'page'", r"\[exported\] has no direction: add one of high, low"),
        ("[e]\ndirection = 'up'\nexposure = 'page'", "direction = 'up' must be one of high, low"),
        ("[e]\ndirection = 'low'\nexposure = 'outputs'", "exposure = 'outputs' must be one of"),
        ("[e]\ndirection = 'low'\nexposure = 'page'\ncolor = 1", "color is unknown: known are"),
        ("[e]\ndirection = 'low'\nexposure = 'page'\nwords = ''", "must be text that is not empty"),
        ("[copied]\ndirection = 'low'\nexposure = 'page'", r"\[copied\] is taken"),
        ("[edit]\ndirection = 'low'\nexposure = 'page'", r"\[edit\] is taken"),
        ("[Sent]\ndirection = 'low'\nexposure = 'page'", r"\[Sent\] is not a signal name"),
        ("sent = 1", r"sent = 1 must be a table: \[sent\]"),
        ("[sent", "signals.toml: "),
    ],
)
def test_mistakes_name_the_field_its_value_and_the_remedy(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        settings_with(tmp_path, text)


def test_every_mistake_is_reported_at_once(tmp_path):
    with pytest.raises(ConfigError) as raised:
        settings_with(tmp_path, "[a]\ndirection = 1\n[b]\nexposure = 'x'")
    assert len(raised.value.mistakes) == 4


def test_the_list_of_the_process_is_the_built_in_one_and_the_own(tmp_path):
    own = settings_with(tmp_path, EXPORTED).signals
    signals.add(own)
    try:
        assert signals.names() == (*(each.name for each in signals.BUILT_IN), "exported")
        assert "returned_7d" not in signals.names_of_answers()
    finally:
        signals.add(())
    assert "exported" not in signals.NAMES


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("reasked", "asked again"),  # a signal
        ("used_part", "partly used"),  # an outcome
        ("ticket_summary", "ticket_summary"),  # the name of a feature stays as it was given
    ],
)
def test_a_label_is_that_of_a_signal_or_an_outcome_and_nothing_else_changes(name, words):
    assert signals.label(name) == words
