"""The embedded engine: one directory a process, so one store for the whole test run."""

import os
from pathlib import Path

import hypothesis
import pytest

from otel_ai_feedback import store
from otel_ai_feedback.config import load

# No test judges by the clock: a busy machine is not a fault.
hypothesis.settings.register_profile("patient", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("patient")

_DATA = (
    "otel_traces",
    "otel_logs",
    "output_state",
    "request_state",
    "action_state",
    "derived_actions",
    "output_facts",
    "linked_actions",
    "facts_passes",
    "delivery_days",
    "late_links",
    "evaluation_state",
    "evaluation_facts",
    "import_cursors",
    "delivery_rules",
    "draw_key",
    "draws",
    "reviews",
    "mode_changes",
    "draw_rotations",
    "draw_recounts",
    "sent_reports",
    "review_leases",
    "review_requests",
    "second_readings",
    "exposures",
    "signal_counts",
    "facts_daily",
    "action_arrivals",
    "rollup_days",
    "named_values",
    "rollup_inputs",
    "drift_daily",
    "quality_weekly",
    "mode_counts_weekly",
    "drift_exclusions",
    "incident_events",
    "incident_outputs",
    "notification_events",
    "heartbeats",
    "span_traits",
    "histograms",
    "reference_prompts",
    "visits",
    "sessions",
)

_SHARED = Path(__file__).parents[1] / "../shared/data"


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="without the tests marked slow")


def pytest_collection_modifyitems(config, items):
    if config.getoption("quick"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(scope="session")
def shared_data():
    """``shared_data(name)``: a file or folder of real data, which is not part of the project."""

    def find(name):
        path = Path(os.environ.get("OTEL_AI_FEEDBACK_TEST_DATA", _SHARED)) / name
        if not path.exists():
            pytest.skip(f"needs {name}; name its folder in OTEL_AI_FEEDBACK_TEST_DATA")
        return path

    return find


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    """Settings of the run's one embedded store."""
    directory = tmp_path_factory.mktemp("state")
    return load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": str(directory)}, directory=directory)


@pytest.fixture(scope="session")
def engine(settings):
    """A client of the run's one embedded store, migrated."""
    client = store.connect(settings.store)
    # Machine code pays over millions of rows; tests have few, and many statements.
    for setting in ("expressions", "aggregate_expressions", "sort_description"):
        client.command(f"set compile_{setting} = 0")
    store.migrate(client, settings)
    yield client
    client.close()


@pytest.fixture(scope="session")
def wiped():
    """``wiped(client)``: the client, over an emptied store; for fixtures that outlast a test."""

    def wiped(client):
        for table in _DATA:
            client.command(f"truncate table {table}")
        return client

    return wiped


@pytest.fixture
def clean(engine, wiped):
    """The same client over an emptied store."""
    return wiped(engine)
