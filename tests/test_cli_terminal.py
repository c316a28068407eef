"""What the command line does for people at a terminal: examples, completion, colour."""

import io
import shlex
import subprocess
import sys

import pytest

from otel_ai_feedback import cli
from otel_ai_feedback.cli import output
from otel_ai_feedback.cli.examples import EXAMPLES


class Terminal(io.StringIO):
    def isatty(self):
        return True


def words(example):
    """The arguments of an example, without what the shell does with them."""
    given = shlex.split(example)
    ends = [place for place, word in enumerate(given) if word in ("<", ">", "|")]
    return given[: ends[0]] if ends else given


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_every_example_is_a_command_line(example):
    assert cli._parser().parse_args(words(example)).command == example.split()[0]


def test_every_command_has_an_example_and_shows_it(capsys):
    for name, lines in EXAMPLES.items():
        with pytest.raises(SystemExit):
            cli.main([name, "--help"])
        assert f"otel-ai-feedback {lines[0]}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("doc", "doctor"), ("completion ", "bash zsh tcsh"), ("triage ac", "accept ack")],
)
def test_bash_completes_commands_and_actions(tmp_path, capsys, typed, offered):
    assert cli.main(["completion", "bash"]) == 0
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out)
    line = shlex.split(f"otel-ai-feedback {typed}") + ([""] if typed.endswith(" ") else [])
    asked = subprocess.run(
        ["bash", "-c", f'source {script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
         '_shtab_otel_ai_feedback; echo "${COMPREPLY[@]}"', "-", *line],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(asked.stdout.split()) == sorted(offered.split())


@pytest.mark.parametrize(
    ("stream", "environ", "coloured"),
    [
        (Terminal, {}, True),
        (io.StringIO, {}, False),
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"NO_COLOR": ""}, True),
        (Terminal, {"TERM": "dumb"}, False),
        (io.StringIO, {"FORCE_COLOR": "1"}, True),
        (io.StringIO, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(monkeypatch, stream, environ, coloured):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout", stream())
    output.print_line("FAIL store", "red")
    assert sys.stdout.getvalue() == ("\x1b[31mFAIL store\x1b[0m\n" if coloured else "FAIL store\n")
