"""Every block of code on a page runs, or says above it why it cannot."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from otel_ai_feedback.cli import _parser, main
from otel_ai_feedback.config import PREFIX, Settings, load
from otel_ai_feedback.toml_files import toml

from .contexts import CONTEXTS, FILES, PREPARED
from .pages import PAGES, ROOT, blocks, name

# Compiled elsewhere: ts in tests/node, java and csharp in tests/recipes.
KNOWN = {
    "sh", "sql", "python", "yaml", "toml", "json", "js", "ts", "java", "csharp", "html", "http",
    "mermaid", "",
}  # fmt: skip
PYPROJECT = toml((ROOT / "pyproject.toml").read_text())["project"]
# Commands of ours that are read and not run, and why.
LEFT_OUT = {
    "serve": "a server",
    "demo": "the pipeline runs it",
    "doctor": "what it finds depends on the machine; tests/doctor runs it",
    "migrate --roles": "needs a ClickHouse server",
    "triage init": "asks questions and sends a message",
    "check": "asks every rule; tests/grafana does",
    "report": "asks all of review; tests/review does",
    "restore": "the engine holds one store a process; tests/store restores one",
}
# What a command may say on a store in which nothing is.
SAID = {
    "accept": "has no counts",
    "review emit": "set OTEL_EXPORTER_OTLP_ENDPOINT",
}
# Programs that are not ours.
STARTED_ELSEWHERE = {
    ".": "nothing to see",
    "opentelemetry-instrument": "tests/instrumentations",
    "zensical": ".ci/run",
}


def run_of(*languages):
    return [block for block in blocks(*languages) if not block.not_run]


def test_every_block_has_a_language_that_is_checked():
    for page in PAGES:
        fences = re.findall(r"^ *```(\S*)", page.read_text(), re.MULTILINE)
        assert set(fences[::2]) <= KNOWN, name(page)


def test_reasons_for_not_running_are_given_for_blocks_that_could_not():
    for block in blocks("sh", "sql", "python", "yaml", "toml", "json", "js"):
        if block.not_run:
            assert len(block.not_run) >= 8, block


@pytest.mark.parametrize("block", run_of("sql"), ids=str)
def test_sql_is_asked(block, engine):
    for question in filter(str.strip, block.text.split(";")):
        engine.query(question)


@pytest.mark.parametrize("block", run_of("yaml"), ids=str)
def test_yaml_is_read(block):
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", run_of("toml"), ids=str)
def test_toml_is_read(block):
    assert toml(block.text)


@pytest.mark.parametrize("block", run_of("json"), ids=str)
def test_json_is_read(block):
    json.loads(block.text)


@pytest.mark.parametrize("block", run_of("js"), ids=str)
def test_javascript_is_read(block, tmp_path):
    if not (node := shutil.which("node")):
        pytest.skip("needs node")
    file = tmp_path / "block.mjs"
    file.write_text(block.text)
    subprocess.run([node, "--check", str(file)], check=True)


PYTHON = {
    block.page: [b for b in run_of("python") if b.page == block.page] for block in run_of("python")
}


@pytest.mark.slow
@pytest.mark.parametrize("page", PYTHON)
def test_python_runs(page, tmp_path):
    """All blocks of a page in a process of their own, in order, each in the page's context."""
    before, each = CONTEXTS[page]
    parts = [before]
    for block in PYTHON[page]:
        # an error names the line of the page
        code = "\n" * block.line + block.text
        parts.append(f"{each}\nexec(compile({code!r}, {block.page!r}, 'exec'), globals())")
    ours = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    state = {f"{PREFIX}STATE_DIR": str(tmp_path), "OTEL_TRACES_EXPORTER": "none"}
    ran = subprocess.run(
        [sys.executable, "-c", "\n".join(parts)],
        env=ours | state, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


@pytest.fixture(scope="module")
def workplace(engine, settings, tmp_path_factory):
    """A directory with what the pages take for granted; the store is the run's own."""
    directory = tmp_path_factory.mktemp("workplace")
    for file, text in FILES.items():
        (directory / file).write_text(text)
    return directory


@pytest.mark.parametrize("block", run_of("sh"), ids=str)
def test_commands_run(block, workplace, settings, monkeypatch, capsys):
    monkeypatch.chdir(workplace)
    monkeypatch.setenv(f"{PREFIX}STATE_DIR", str(settings.state_dir))
    monkeypatch.setenv(f"{PREFIX}KEY", "k" * 32)
    # nobody listens: that is said after one try
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    for command in PREPARED.get(block.page, ()):
        _ours(shlex.split(command)[1:], capsys)
    for words in _commands(block.text.replace("/backup/", f"{workplace}/backup-")):
        _run(words, monkeypatch, capsys)


def _commands(text):
    """The commands of a block, each a list of words."""
    text = text.replace("OUTPUT_ID", f"{'a' * 32}-{'b' * 16}").replace("\\\n", " ")
    # a quoted question may be several lines long
    text = re.sub(r'"[^"]*"', lambda quoted: quoted[0].replace("\n", " "), text)
    return [words for line in text.splitlines() if (words := shlex.split(line, comments=True))]


def _run(words, monkeypatch, capsys):
    if words[0] == "export":
        words = words[1:]
    while words and "=" in words[0]:
        variable, _, value = words[0].partition("=")
        load(environ={variable: value})
        if variable.startswith(PREFIX):
            assert variable.removeprefix(PREFIX).lower() in Settings.__dataclass_fields__, variable
            monkeypatch.setenv(variable, value)
        words = words[1:]
    if not words:
        return
    program, *arguments = words
    if program.endswith("otel-ai-feedback"):
        _ours(arguments, capsys)
    elif program == "pip":
        _installable(arguments)
    elif program == "python":
        assert (ROOT / arguments[0]).is_file(), words
    else:
        assert program in STARTED_ELSEWHERE, f"{words}: say above the block why it cannot run"


def _ours(arguments, capsys):
    for stop in ("||", ">", "|"):
        if stop in arguments:
            arguments = arguments[: arguments.index(stop)]
    if any(_begins(arguments, name) for name in LEFT_OUT):
        # its options are looked at, all the same
        assert _parser().parse_args(arguments).run
        return
    status = main(arguments)
    said = capsys.readouterr().err
    told = next((text for name, text in SAID.items() if _begins(arguments, name)), None)
    assert status == 0 or (told is not None and told in said), f"{arguments}: {said}"


def _begins(arguments, name):
    return arguments[: len(name.split())] == name.split()


def _installable(arguments):
    for argument in arguments:
        if found := re.fullmatch(r"(?:otel-ai-feedback|\.)\[([\w,]+)\]", argument):
            assert set(found[1].split(",")) <= set(PYPROJECT["optional-dependencies"]), argument
