"""Files for a warehouse: what they have, and when they are written again."""

import ast
import json
import os
import shutil
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow.dataset
import pyarrow.parquet
import pytest
import yaml
from raw_rows import SECOND, T0, action_span, insert, llm_span, output_id
from test_evaluations import EVENT, log_bytes, receive, result

from instrumentations.environments import environment
from otel_ai_feedback import cli
from otel_ai_feedback.store import facts
from otel_ai_feedback.warehouse import export
from otel_ai_feedback.warehouse.datasets import DATASETS

ROOT = Path(__file__).parents[2]
START = datetime.fromtimestamp(T0 // SECOND, timezone.utc)
NOW = START + timedelta(days=3)
DAY = 86_400
DBT = ROOT / "examples/dbt"
# Of DuckDB.
TYPES = {
    "string": "varchar",
    "timestamp": "timestamp with time zone",
    "bigint": "bigint",
    "double": "double",
    "boolean": "boolean",
    "list of string": "varchar[]",
}

SCHEMA = {
    "outputs": """
        output_id string, time timestamp, service string, environment string, feature string,
        model string, release string, prompt_version string, conversation_id string, subject
        string, trace_id string, span_id string, response_id string, bucket bigint, weight
        double, weight_source string, output_length bigint?, voice boolean, ended_at timestamp,
        duration_seconds double, delivered_by string, seen boolean, failed boolean, class
        string, matured boolean, done list of string
    """,
    "actions": """
        action_id string, time timestamp, output_id string, action string, value double?, label
        string, reason string, kept_share double?, checkpoint bigint?, scroll_depth double?,
        selected_share double?, method string, source string, browser string, link_method
        string, ambiguous bigint, sampled boolean, output_arrived boolean, service string,
        environment string, feature string, subject string, conversation_id string, session_id
        string
    """,
    "evaluations": """
        evaluation_id string, time timestamp, output_id string, carrier string, scope string,
        kind string, name string, evaluator string, good string, score double?, label string,
        passed boolean?, link_method string, service string, environment string, feature string,
        bucket bigint
    """,
    "labels": """
        output_id string, review_id string, verdict string, modes list of string, reviewed_at
        timestamp, sampled boolean, class string?, inclusion_probability double?, weight double,
        service string, environment string, feature string, model string, release string
    """,
}


def review(client, name, verdict, *, at=NOW - timedelta(hours=1)):
    columns = "review_id, output_id, reading, reviewer, verdict, modes, note, reviewed_at"
    row = [f"{name} {at}", output_id(name), "extra", "Ann", verdict, ["wrong date"], "secret", at]
    client.insert("reviews", [row], column_names=columns.split(", "))


@pytest.fixture
def filled(clean):
    """Two days of answers; the first was copied, judged and reviewed."""
    insert(
        clean,
        [
            llm_span("one", text="secret words"),
            llm_span("two", at=DAY),
            action_span("copy", "one", at=5, value=1.0),
        ],
    )
    receive(clean, log=log_bytes([(EVENT, result("relevance", 0.9), "one", 9)]))
    review(clean, "one", "bad")
    facts.catch_up(clean)
    return clean


def files(directory):
    return {
        str(file.relative_to(directory)): file.stat().st_mtime_ns
        for file in directory.rglob("*")
        if file.is_file()
    }


def rows(directory, name):
    partition = pyarrow.dataset.partitioning(flavor="hive")
    return pyarrow.dataset.dataset(directory / name, partitioning=partition).to_table().to_pylist()


@pytest.mark.slow
def test_each_dataset_has_its_rows_in_a_folder_for_each_day(filled, tmp_path):
    made = export.export(filled, tmp_path, as_of=NOW)
    assert (made.written, made.unchanged, made.removed, made.rows) == (5, 0, 0, 5)
    assert sorted(files(tmp_path)) == [
        "actions/day=2025-11-17/actions.parquet",
        "evaluations/day=2025-11-17/evaluations.parquet",
        "labels/day=2025-11-17/labels.parquet",
        "outputs/day=2025-11-17/outputs.parquet",
        "outputs/day=2025-11-18/outputs.parquet",
    ]
    one, two = rows(tmp_path, "outputs")
    assert (one["output_id"], one["class"], one["done"]) == (output_id("one"), "used", ["copied"])
    assert (two["class"], two["day"], two["matured"]) == ("none", "2025-11-18", True)
    assert one["time"] == START
    (action,) = rows(tmp_path, "actions")
    assert (action["action"], action["value"], action["output_id"]) == (
        "copy", 1.0, output_id("one"),
    )  # fmt: skip
    (evaluation,) = rows(tmp_path, "evaluations")
    assert (evaluation["name"], evaluation["score"], evaluation["passed"]) == (
        "relevance", 0.9, True,
    )  # fmt: skip
    (label,) = rows(tmp_path, "labels")
    assert (label["verdict"], label["modes"], label["weight"]) == ("bad", ["wrong date"], 0)
    assert (label["sampled"], label["inclusion_probability"]) == (False, None)


@pytest.mark.slow
def test_no_text_and_no_name_of_a_person_is_in_any_file(filled, tmp_path):
    export.export(filled, tmp_path, as_of=NOW)
    for file in files(tmp_path):
        written = json.dumps(pyarrow.parquet.read_table(tmp_path / file).to_pylist(), default=str)
        assert "secret" not in written
        assert "Ann" not in written


def test_the_schema_is_the_one_that_warehouses_rely_on():
    # A column that goes or has another type breaks models of others: say so in the CHANGELOG.
    assert {
        dataset.name: [f"{c.name} {c.type}{'?' if c.nullable else ''}" for c in dataset.columns]
        for dataset in DATASETS
    } == {name: " ".join(columns.split()).split(", ") for name, columns in SCHEMA.items()}


@pytest.mark.slow
def test_every_file_has_the_columns_and_types_of_the_list(filled, tmp_path):
    export.export(filled, tmp_path, as_of=NOW)
    for dataset in DATASETS:
        found = sorted((tmp_path / dataset.name).rglob("*.parquet"))
        assert found
        for file in found:
            assert pyarrow.parquet.read_schema(file).equals(export.schema(dataset))


@pytest.mark.slow
def test_only_days_with_other_rows_are_written_again(filled, tmp_path):
    export.export(filled, tmp_path, as_of=NOW)
    before = files(tmp_path)
    made = export.export(filled, tmp_path, as_of=NOW + timedelta(hours=1))
    assert (made.written, made.unchanged) == (0, 5)
    assert files(tmp_path) == before
    insert(filled, [action_span("reject", "two", at=DAY + 9, output_at=DAY)])
    review(filled, "one", "good", at=NOW)
    made = export.export(filled, tmp_path, as_of=NOW + timedelta(hours=1))
    changed = {name for name, at in files(tmp_path).items() if before.get(name) != at}
    assert changed == {
        "actions/day=2025-11-18/actions.parquet",
        "labels/day=2025-11-17/labels.parquet",
        "outputs/day=2025-11-18/outputs.parquet",
    }
    assert made.written == 3
    assert [row["verdict"] for row in rows(tmp_path, "labels")] == ["good"]


@pytest.mark.slow
def test_a_file_that_is_damaged_or_missing_is_written_again(filled, tmp_path):
    export.export(filled, tmp_path, as_of=NOW)
    (tmp_path / "labels/day=2025-11-17/labels.parquet").write_bytes(b"PAR1")
    (tmp_path / "actions/day=2025-11-17/actions.parquet").unlink()
    assert export.export(filled, tmp_path, as_of=NOW).written == 2
    assert len(rows(tmp_path, "labels")) == len(rows(tmp_path, "actions")) == 1


@pytest.mark.slow
def test_days_without_rows_go_and_days_before_the_first_stay(filled, tmp_path):
    export.export(filled, tmp_path, as_of=NOW)
    filled.command("truncate table output_facts")
    second = START.date() + timedelta(days=1)
    assert export.export(filled, tmp_path, second, as_of=NOW).removed == 1
    assert [row["output_id"] for row in rows(tmp_path, "outputs")] == [output_id("one")]
    assert not (tmp_path / "outputs/day=2025-11-18").exists()


@pytest.mark.slow
def test_days_that_may_have_expired_in_the_store_stay(filled, tmp_path):
    export.export(filled, tmp_path, as_of=NOW)
    setting = "('retention_derived_months', '{}', now64(3))"
    columns = "(name, value, changed_at)"
    filled.command(f"insert into settings {columns} values {setting.format(3)}")
    try:
        filled.command("truncate table output_facts")
        assert export.export(filled, tmp_path, as_of=NOW + timedelta(days=100)).removed == 0
    finally:
        filled.command(f"insert into settings {columns} values {setting.format(0)}")


@pytest.mark.slow
def test_an_export_that_fails_leaves_the_file_as_it_was(filled, tmp_path, monkeypatch):
    export.export(filled, tmp_path, as_of=NOW)
    before = files(tmp_path)
    insert(filled, [llm_span("three", at=DAY + 60)])

    def broken(*_):
        yield from ()
        raise OSError("the connection is gone")

    monkeypatch.setattr(export, "_batches", broken)
    with pytest.raises(OSError, match="gone"):
        export.export(filled, tmp_path, as_of=NOW)
    assert files(tmp_path) == before


@pytest.mark.slow
def test_the_command_says_what_it_wrote(filled, settings, tmp_path, capsys):
    command = ["export", "--store", settings.store, "--parquet", str(tmp_path / "out")]
    assert cli.main([*command, "--since", "2025-11-18"]) == 0
    assert "1 file written (1 row), 0 unchanged, 0 removed." in capsys.readouterr().out
    assert cli.main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "directory": str(tmp_path / "out"), "written": 4, "unchanged": 1, "removed": 0, "rows": 4,
    }  # fmt: skip
    assert cli.main(["export", "--all", str(tmp_path / "all"), "--since", "2025-11-18"]) == 2


def test_the_sources_for_dbt_are_the_datasets():
    document = yaml.safe_load((DBT / "models/sources.yml").read_text())
    (source,) = document["sources"]
    found = {
        table["name"]: [(column["name"], column["data_type"]) for column in table["columns"]]
        for table in source["tables"]
    }
    assert found == {
        dataset.name: [("day", "date"), *((c.name, TYPES[c.type]) for c in dataset.columns)]
        for dataset in DATASETS
    }


PROGRAM = """
import os, sys, duckdb
from dbt.cli.main import dbtRunner
folder, database = sys.argv[1:]
for command in (["build"], ["test"]):
    place = ("--project-dir", folder, "--profiles-dir", folder, "--quiet")
    done = dbtRunner().invoke([*command, *place])
    assert done.success, done.exception or [r.message for r in done.result]
with duckdb.connect(database) as opened:
    print(opened.sql("select day::varchar, answers, used from daily_use order by day").fetchall())
    print(opened.sql("select name, answers, agreement from judges_and_reviewers").fetchall())
    for name in ("outputs", "actions", "evaluations", "labels"):
        place = f"{os.environ['AI_FEEDBACK_PARQUET']}/{name}/*/*.parquet"
        read = f"read_parquet('{place}', hive_partitioning = true)"
        print(dict((c, t.lower()) for c, t, *_ in opened.sql(f"describe from {read}").fetchall()))
"""


@pytest.mark.packages
@pytest.mark.timeout(900)
def test_dbt_reads_the_files_by_the_example(filled, tmp_path):
    export.export(filled, tmp_path / "files", as_of=NOW)
    project = shutil.copytree(DBT, tmp_path / "dbt")
    database = tmp_path / "example.duckdb"
    given = os.environ | {
        "AI_FEEDBACK_PARQUET": str(tmp_path / "files"),
        "AI_FEEDBACK_DUCKDB": str(database),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    done = subprocess.run(
        [environment("dbt"), "-c", PROGRAM, str(project), str(database)],
        env=given, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    use, judged, *types = map(ast.literal_eval, done.stdout.splitlines()[-6:])
    assert use == [("2025-11-17", 1.0, 1.0), ("2025-11-18", 1.0, 0.0)]
    assert judged == [("relevance", 1, 0.0)]
    for dataset, found in zip(DATASETS, types, strict=True):
        assert found == {"day": "date"} | {c.name: TYPES[c.type] for c in dataset.columns}
