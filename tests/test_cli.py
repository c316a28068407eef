"""The command line as a user meets it: in a process of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from otel_ai_feedback._version import __version__
from otel_ai_feedback.store import relations

ROOT = Path(__file__).parents[1]
PROGRAM = "from otel_ai_feedback.cli import main; raise SystemExit(main())"
COMMANDS = [
    "serve", "doctor", "migrate", "query", "reference", "draw", "review", "modes", "report",
    "check", "grafana", "demo",
]  # fmt: skip


def run(*arguments, before="", stdin=None, environment=None):
    return subprocess.run(
        [sys.executable, "-c", f"{before}\n{PROGRAM}", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Address of a store of its own; the migrate command has made it."""
    address = f"chdb://{tmp_path_factory.mktemp('cli')}/store"
    made = run("migrate", "--store", address, "--json")
    assert made.returncode == 0, made.stderr
    document = json.loads(made.stdout)
    assert document["store"] == address
    assert document["applied"][0] == relations.tables()[0].name
    assert set(document["applied"]) == set(relations.relations())
    return address


@pytest.mark.slow
def test_version_and_help():
    assert run("--version").stdout == f"otel-ai-feedback {__version__}\n"
    page = run("--help").stdout
    for command in COMMANDS:
        assert command in page
        assert "--store" in run(command, "--help").stdout


def test_a_misspelt_variable_is_named_with_what_was_meant(tmp_path):
    given = {"OTEL_AI_FEEDBACK_TIMEZON": "UTC", "PATH": os.environ["PATH"]}
    answer = run("grafana", "--out", str(tmp_path), environment=given)
    assert "unknown setting OTEL_AI_FEEDBACK_TIMEZON" in answer.stderr
    assert "did you mean OTEL_AI_FEEDBACK_TIMEZONE?" in answer.stderr


@pytest.mark.slow
def test_commands_and_options_are_documented():
    page = (ROOT / "docs/cli.md").read_text()
    for command in COMMANDS:
        assert f"## {command}" in page
        for option in re.findall(r"--[a-z]+", run(command, "--help").stdout):
            assert f"`{option}" in page, f"{command} {option}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["explode"], "explode"),
        (["query"], "SQL"),
        (["migrate", "--store", "mysql://u:hunter2@h/d"], "chdb:///"),
        (["migrate", "--timezone", "Mars/Olympus"], "Mars/Olympus"),
        (["serve", "--listen", "4318"], "host:port"),
        (["demo", "--days", "0"], "days"),
        (["query", "select 1", "--json", "--format", "CSV"], "--json"),
        (["query", "select 1", "--format", "CSV into outfile 'x'"], "one word"),
    ],
)
def test_misuse_is_2_and_says_what_to_do(arguments, said):
    answer = run(*arguments)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert said in answer.stderr
    assert "hunter2" not in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("missing", "command", "extra"),
    [
        ("clickhouse_connect", ["query", "select 1"], "store"),
        ("clickhouse_connect", ["migrate"], "store"),
        ("starlette", ["serve"], "serve"),
        ("openai", ["demo", "--once"], "demo"),
    ],
)
def test_a_missing_extra_is_named_with_the_command_that_installs_it(
    tmp_path, missing, command, extra
):
    hidden = f"import sys; sys.modules[{missing!r}] = None"
    answer = run(*command, "--store", f"chdb://{tmp_path}/s", before=hidden)
    assert answer.returncode == 1
    assert f"pip install 'otel-ai-feedback[{extra}]'" in answer.stderr
    assert missing in answer.stderr
    assert "Traceback" not in answer.stderr


def test_nothing_but_the_standard_library_is_loaded_before_a_command_runs():
    script = "import sys, otel_ai_feedback.cli; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    extras = {"clickhouse_connect", "chdb", "starlette", "uvicorn", "jinja2", "openai", "tqdm"}
    assert not extras & {name.partition(".")[0] for name in loaded}


@pytest.mark.slow
def test_migrating_twice_changes_nothing(store):
    again = run("migrate", "--store", store)
    assert again.returncode == 0
    assert again.stdout == f"{store} is up to date.\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["select 1 as a, 'x' as b"], "a\tb\n1\tx\n"),
        (["select 1 as a;"], "a\n1\n"),
        (["select 1 as a, 2 as b", "--format", "CSV"], "1,2\n"),
        (["select 1 as a format JSONEachRow"], '{"a":1}\n'),
    ],
)
def test_query_formats(store, arguments, printed):
    answer = run("query", *arguments, "--store", store)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, printed, "")


@pytest.mark.slow
def test_query_reads_standard_input_and_prints_one_json_document(store):
    answer = run("query", "-", "--json", "--store", store, stdin="select count() as n from outputs")
    assert json.loads(answer.stdout)["data"] == [{"n": 0}]


@pytest.mark.slow
def test_query_changes_nothing(store):
    answer = run("query", "drop table otel_traces", "--store", store)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "READONLY" in answer.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select file('/etc/passwd')", "the function file is out of reach"),
        ("select 1; select 2", "Multi-statements are not allowed"),
        ("select 1 into outfile '{out}'", "INTO OUTFILE"),
        ("describe table otel_traces into outfile '{out}'", "READONLY"),
    ],
)
def test_query_touches_nothing_but_tables(store, tmp_path, sql, why):
    out = tmp_path / "written"
    answer = run("query", sql.format(out=out), "--store", store)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert why in answer.stderr
    assert not out.exists()


@pytest.mark.slow
def test_query_errors_are_1_with_the_engines_words(store):
    answer = run("query", "select nope", "--store", store, "--json")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "UNKNOWN_IDENTIFIER" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_query_of_a_store_that_is_not_there(tmp_path):
    answer = run("query", "select 1", "--store", f"chdb://{tmp_path}/none")
    assert answer.returncode == 1
    assert "does not exist" in answer.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(store):
    script = f"import sys; sys.argv = ['p', 'query', sys.argv[1], '--store', {store!r}]; {PROGRAM}"
    answer = subprocess.run(
        f"{sys.executable} -c {json.dumps(script)} 'select * from numbers(2000000)' | head -n 2",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (answer.stdout, answer.stderr) == ("number\n0\n", "")


def test_the_password_of_a_store_is_not_printed():
    answer = run("migrate", "--store", "http://loop:hunter2@127.0.0.1:9/ai_feedback")
    assert answer.returncode == 1
    assert "hunter2" not in answer.stdout + answer.stderr
    assert "127.0.0.1:9" in answer.stderr


@pytest.mark.slow
def test_draw_says_what_it_drew_and_why(store):
    answer = run("draw", "--store", store, "--json", "--explain", f"{'a' * 32}-{'b' * 16}")
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    assert document["drawn"] == []
    assert document["explanation"].startswith("Not sampled: the store has no delivered output")
    answer = run("draw", "--store", store, "--explain", "42")
    assert answer.returncode == 2
    assert "32 hexadecimal digits" in answer.stderr


@pytest.mark.slow
def test_review_import_takes_all_or_nothing(store, tmp_path):
    file = tmp_path / "verdicts.csv"
    file.write_text(
        "output_id,verdict,reviewer,time\n"
        f"{'a' * 32}-{'b' * 16},good,ann,2026-11-24T08:30:00Z\n"
        "7,meh,ann,yesterday\n"
    )
    answer = run("review", "import", str(file), "--store", store)
    assert answer.returncode == 1
    assert answer.stderr.count("line 3: ") == 3
    assert "nothing was imported" in answer.stderr
    assert run("query", "select count() from reviews", "--store", store).stdout == "count()\n0\n"
    file.write_text("\n".join(file.read_text().splitlines()[:2]))
    for new in (1, 0):
        answer = run("review", "import", str(file), "--store", store, "--json")
        assert answer.returncode == 0, answer.stderr
        document = json.loads(answer.stdout)
        assert (document["reviews"], document["new"], document["not_drawn"]) == (1, new, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--user", "grafana=g:x"], "requires --roles"),
        (["--roles", "--user", "grafana"], "ROLE=NAME:FILE"),
        (["--roles", "--user", "admin=a:x"], "writer, server, grafana"),
        (["--roles", "--user", "grafana=g:/nowhere"], "/nowhere cannot be read"),
    ],
)
def test_roles_that_cannot_be_made(arguments, said):
    answer = run("migrate", "--store", "http://127.0.0.1:9/x", *arguments)
    assert answer.returncode == 2
    assert said in answer.stderr


@pytest.mark.slow
def test_the_password_of_a_user_is_long_and_the_embedded_store_has_no_roles(tmp_path, store):
    secret = tmp_path / "secret"
    secret.write_text("short\n")
    answer = run("migrate", "--store", store, "--roles", "--user", f"grafana=g:{secret}")
    assert answer.returncode == 2
    assert "16 characters" in answer.stderr
    assert "short" not in answer.stderr.replace("shorter", "")
    answer = run("migrate", "--store", store, "--roles")
    assert answer.returncode == 1
    assert "OTEL_AI_FEEDBACK_USERS" in answer.stderr
