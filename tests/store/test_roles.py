"""Least-privilege roles: what each may do is tried on the real engine, under these very grants.

The embedded engine keeps no roles and has one user. But it reads that user's grants from a
configuration, so that a process of its own can be given a role's grants and try every statement.
"""

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from otel_ai_feedback.store import StoreError, relations, roles
from otel_ai_feedback.store.sensitive_tables import TEXT_COLUMNS, TEXT_TABLES

_TRY = """
import json, sys, chdb
connection = chdb.connect(sys.argv[1])
connection.query("use ai_feedback")
answers = []
for text in json.load(sys.stdin):
    try:
        connection.query(text, "TabSeparated")
        answers.append("")
    except Exception as error:
        answers.append(str(error).partition("\\n")[0])
json.dump(answers, sys.stdout)
"""
_CONFIG = """<clickhouse><users_config>{users}</users_config></clickhouse>"""
_USERS = """<clickhouse><profiles><default/></profiles><quotas><default/></quotas>
<users><default><password></password><networks><ip>::/0</ip></networks>
<profile>default</profile><quota>default</quota><grants>{grants}</grants></default></users>
</clickhouse>"""

# Every view is planned.
pytestmark = pytest.mark.timeout(900)

# What no role has.
FORBIDDEN = (
    "create table ai_feedback.x (a Int8) engine = Memory",
    "drop table ai_feedback.reviews",
    "truncate table ai_feedback.draws",
    "alter table ai_feedback.reviews update note = '' where 1",
    "alter table ai_feedback.otel_traces modify ttl toDateTime(Timestamp) + interval 1 day",
    "create view ai_feedback.x as select 1",
    "drop view ai_feedback.outputs",
    "create database x",
    "drop database ai_feedback",
    "select * from file('/etc/passwd', 'LineAsString')",
    "select * from url('http://127.0.0.1:1/', 'LineAsString')",
    "insert into function file('/tmp/x.csv') select 1",
    "select * from remote('127.0.0.1', system.one)",
    "create user x identified with no_password",
    "grant select on *.* to default",
    "system shutdown",
    "backup database ai_feedback to Disk('x', 'y')",
)
READ_TEXT = (
    "select * from ai_feedback.otel_traces",
    "select SpanAttributes from ai_feedback.otel_traces",
    "select Body from ai_feedback.otel_logs",
    "select note from ai_feedback.reviews",
    "select * from ai_feedback.reviews",
    "select length(note) from ai_feedback.reviews",
    "select 1 from ai_feedback.reviews where note like '%x%'",
    "select note, details from ai_feedback.incident_events",
    "select error from ai_feedback.notification_events",
)


def _run(directory, script, *arguments, text=""):
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=directory, input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def store_directory(tmp_path_factory):
    """A store that has been migrated, and that no process has open."""
    directory = tmp_path_factory.mktemp("roles") / "store"
    subprocess.run(
        [str(Path(sys.executable).parent / "otel-ai-feedback"), "migrate", "--store",
         f"chdb://{directory}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return directory


@pytest.fixture(scope="module")
def columns(engine):
    return roles.tables(engine)


@pytest.fixture(scope="module")
def tried(store_directory, columns, tmp_path_factory):
    """``tried(role, statements)``: what the engine says to each under the grants of the role."""

    def run(role, texts):
        folder = tmp_path_factory.mktemp(role)
        granted = roles.grants(role, "ai_feedback", columns)
        (folder / "users.xml").write_text(
            _USERS.format(grants="".join(f"<query>GRANT {right}</query>" for right in granted))
        )
        (folder / "config.xml").write_text(_CONFIG.format(users=folder / "users.xml"))
        said = _run(folder, _TRY, str(store_directory), text=json.dumps(texts))
        return dict(zip(texts, json.loads(said), strict=True))

    return run


def _denied(answers):
    return {text for text, said in answers.items() if "ACCESS_DENIED" in said}


@pytest.mark.slow
def test_grafana_asks_every_view_and_reads_no_text(tried):
    # Those of a moment in the past are asked by those of now.
    names = {view.name for view in relations.views()}
    shown = [view for view in relations.views() if view.name.removesuffix("_at") == view.name
             or view.name.removesuffix("_at") not in names]  # fmt: skip
    asked = [f"select * from ai_feedback.{view.name} limit 0" for view in shown
             if not re.search(r"\{\w+:", view.text)]  # fmt: skip
    within = [
        f"select * from ai_feedback.{view.name}({_parameters(view.text)}) limit 0"
        for view in shown
        if re.search(r"\{\w+:", view.text)
    ]
    assert len(asked) > 30
    assert len(within) > 10
    reads = [*asked, *within, "select mode, change from ai_feedback.mode_changes",
             "select verdict, reviewer from ai_feedback.reviews", "show tables from ai_feedback",
             "describe table ai_feedback.outputs",
             "select name from system.columns where database = 'ai_feedback'"]  # fmt: skip
    writes = ["insert into ai_feedback.reviews (review_id) values ('x')",
              "insert into ai_feedback.otel_traces (SpanName) values ('x')",
              "alter table ai_feedback.signal_counts drop partition 1",
              "select * from ai_feedback.draw_key"]  # fmt: skip
    forbidden = [*FORBIDDEN, *READ_TEXT, *writes]
    answers = tried("grafana", [*reads, *forbidden])
    assert {text: answers[text] for text in reads if answers[text]} == {}
    assert set(forbidden) - _denied(answers) == set()


@pytest.mark.slow
def test_server_reads_and_writes_and_changes_no_table(tried):
    reads = [*READ_TEXT, "select * from ai_feedback.draw_key", "select * from ai_feedback.outputs",
             "insert into ai_feedback.reviews (review_id) values ('x')",
             "insert into ai_feedback.settings values ('x', 'y', now64(3))",
             "alter table ai_feedback.signal_counts drop partition 1",
             "alter table ai_feedback.facts_daily drop partition 1",
             "alter table ai_feedback.drift_daily drop partition 1",
             "alter table ai_feedback.quality_weekly drop partition 1",
             "exists table ai_feedback.migrations",
             "select name from system.databases where name = 'ai_feedback'",
             "select partition from system.parts where database = 'ai_feedback'"]  # fmt: skip
    forbidden = [*FORBIDDEN, "alter table ai_feedback.reviews delete where 1",
                 "alter table ai_feedback.draws drop partition 1"]  # fmt: skip
    answers = tried("server", [*reads, *forbidden])
    assert {text: answers[text] for text in reads if answers[text]} == {}
    assert set(forbidden) - _denied(answers) == set()


def test_writer_adds_raw_rows_and_sees_nothing(tried):
    allowed = ["describe table ai_feedback.otel_traces", "describe table ai_feedback.otel_logs",
               "show tables from ai_feedback"]  # fmt: skip
    forbidden = [*FORBIDDEN, *READ_TEXT, "select * from ai_feedback.outputs",
                 "select count() from ai_feedback.settings",
                 "insert into ai_feedback.reviews (review_id) values ('x')",
                 "insert into ai_feedback.output_state (trace_id) values ('x')",
                 "alter table ai_feedback.otel_traces delete where 1"]  # fmt: skip
    added = "insert into ai_feedback.otel_traces (SpanName) values ('x')"
    answers = tried("writer", [*allowed, *forbidden, added])
    assert {text: answers[text] for text in allowed if answers[text]} == {}
    assert set(forbidden) - _denied(answers) == set()
    # The row is taken. What feeds the other tables runs as who made it, who is this user here.
    assert answers[added] == "" or "while pushing to view" in answers[added]


@pytest.mark.parametrize("cluster", [None, "main"])
def test_every_statement_is_one_that_the_engine_can_read(engine, columns, cluster):
    user = roles.NewUser("grafana", "dash`board", "a secret of 24 characters")
    several = columns | {"otel_traces_local": ["SpanName"], "output_state_local": ["trace_id"]}
    rendered = roles.statements("ai_feedback", cluster, several, [user])
    for text in rendered:
        assert engine.query(f"explain ast {text}").result_rows
        assert "secret of" not in text
        assert ("on cluster 'main'" in text) == (cluster is not None)
    whole = "\n".join(rendered)
    assert sha256(b"a secret of 24 characters").hexdigest() in whole
    assert "grant option" not in whole
    writer = next(text for text in rendered if text.startswith("grant") and "_writer" in text)
    assert "`otel_traces_local`" in writer
    assert "output_state" not in writer


def test_the_columns_with_text_are_columns_of_the_tables_with_text(columns):
    assert set(TEXT_COLUMNS) == TEXT_TABLES - {"otel_traces", "otel_logs"}
    for table, names in TEXT_COLUMNS.items():
        assert names < set(columns[table])


def test_no_user_is_made_unless_asked_for(columns):
    assert not [text for text in roles.statements("ai_feedback", None, columns) if " user " in text]


def test_the_embedded_engine_has_users_of_its_own(engine):
    with pytest.raises(StoreError, match="OTEL_AI_FEEDBACK_USERS"):
        roles.create(engine, None)


def _parameters(text):
    """Values of every parameter of a view, by the type that it asks for."""
    values = {
        "DateTime64(3, 'UTC')": "now64(3)", "Date": "today()", "String": "'x'",
        "UInt32": "1", "UInt64": "1", "Float64": "1", "Bool": "true",
        "Array(String)": "['x']",
    }  # fmt: skip
    found = dict(re.findall(r"\{(\w+):((?:[^{}()]|\([^)]*\))+)\}", text))
    return ", ".join(f"{name} = {values[kind]}" for name, kind in found.items())


def test_the_table_of_roles_in_the_docs():
    page = (Path(__file__).parents[2] / "docs/operations.md").read_text()
    for role in roles.ROLES:
        assert f"`ai_feedback_{role}`" in page
