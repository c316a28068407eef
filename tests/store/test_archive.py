"""A store as files, and back."""

import json
import shutil
from datetime import datetime, timedelta, timezone

import pytest
from parts import count
from raw_rows import SECOND, T0, insert
from test_erasure import traces_of
from test_migrate import empty  # noqa: F401 - a fixture

from otel_ai_feedback import store
from otel_ai_feedback.cli import main
from otel_ai_feedback.store import archive, jobs

SETTLED = datetime.fromtimestamp(T0 // SECOND, timezone.utc) + timedelta(days=1)
VIEWS = {
    "outputs": "* except (arrived_at)",
    "actions": "*",
    "signal_rates": "*",
    "links": "*",
}


def told(client):
    return {
        view: client.query(f"select {columns} from {view} order by all").result_rows
        for view, columns in VIEWS.items()
    }


@pytest.fixture(scope="module")
def original(engine, wiped, settings, tmp_path_factory):
    """A copy of a store, and what that store said."""
    copy = tmp_path_factory.mktemp("export") / "copy"
    client = wiped(engine)
    insert(client, [*traces_of("ada"), *traces_of("bob", at=86_400)])
    jobs.run(client, SETTLED + timedelta(days=7))
    days = client.query("select uniqExact(frozen) from signal_counts").result_rows
    assert days == [(2,)]  # a day of either kind
    rows = archive.export(client, settings, copy)
    assert rows["otel_traces"] == 12
    states = client.query("select count() from output_state").result_rows[0][0]
    return copy, told(client), states


@pytest.fixture
def exported(original, tmp_path):
    """A copy that may be damaged."""
    return shutil.copytree(original[0], tmp_path / "copy")


@pytest.mark.slow
def test_there_and_back(original, empty, exported, settings):  # noqa: F811
    _, before, states = original
    assert all(before.values())
    rows = archive.restore(empty, settings, exported)
    assert rows["output_state"] == states
    assert told(empty) == before
    count(empty, SETTLED + timedelta(days=7))
    assert told(empty) == before


@pytest.mark.slow
def test_only_into_an_empty_store(clean, exported, settings):
    insert(clean, traces_of("ada"))
    with pytest.raises(store.StoreError, match="has rows"):
        archive.restore(clean, settings, exported)


@pytest.mark.slow
def test_a_copy_that_was_cut_short_or_damaged_is_refused(empty, exported, settings):  # noqa: F811
    first = json.loads((exported / archive.MANIFEST).read_text())["files"][0]["file"]
    (exported / first).write_bytes((exported / "manifest.json").read_bytes())
    with pytest.raises((store.StoreError, OSError)):
        archive.restore(empty, settings, exported)
    (exported / archive.MANIFEST).unlink()
    with pytest.raises(store.StoreError, match="cut short"):
        archive.restore(empty, settings, exported)


@pytest.mark.slow
def test_a_copy_of_a_newer_version_is_refused(empty, exported, settings):  # noqa: F811
    file = exported / archive.MANIFEST
    manifest = json.loads(file.read_text())
    manifest["migrations"].append("9999_future")
    file.write_text(json.dumps(manifest))
    with pytest.raises(store.StoreError, match=r"9999_future.*upgrade"):
        archive.restore(empty, settings, exported)


def test_from_the_command_line(clean, settings, tmp_path, capsys):
    insert(clean, traces_of("ada"))
    arguments = ["export", "--store", settings.store, "--all", str(tmp_path / "copy"), "--json"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["otel_traces"] == 6
    assert main(arguments) == 1
    assert "not empty" in capsys.readouterr().err
    assert main(["restore", "--store", settings.store, str(tmp_path / "copy")]) == 1
    assert "has rows" in capsys.readouterr().err
