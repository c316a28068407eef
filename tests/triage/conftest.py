"""What the tests of triage share: a file, alerts, incidents on the emptied store."""

import sys
from pathlib import Path

import pytest

from otel_ai_feedback.triage import file
from otel_ai_feedback.triage.incidents import Incidents

# The raw rows that these tests write are those of the store's tests.
sys.path += [str(Path(__file__).parents[1] / "store"), str(Path(__file__).parent)]

from alarms import FILE


@pytest.fixture
def triage():
    """Ana, Ben and Cleo take turns."""
    return file.parse(FILE, [])


@pytest.fixture
def incidents(clean, triage):
    """The incidents of the emptied store."""
    return Incidents(clean, triage)
