"""Counts as a metric, in a process of its own: a global meter provider can be set only once."""

import subprocess
import sys

import pytest

PROGRAM = """
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import otel_ai_feedback

reader = InMemoryMetricReader()
def provide():
    metrics.set_meter_provider(MeterProvider([reader]))
def count():
    otel_ai_feedback.instrument()
    otel_ai_feedback.uninstrument()
    otel_ai_feedback.instrument()
    otel_ai_feedback.record_action("x", "copy")
for step in sys.argv[1:]:
    {"provide": provide, "count": count}[step]()
(metric,) = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
for point in metric.data.data_points:
    print(metric.name, point.attributes["ai_feedback.reason"], point.value)
"""


@pytest.mark.parametrize("steps", [("provide", "count"), ("count", "provide")])
def test_what_is_counted_is_a_metric_of_the_applications_provider(steps, tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", "import sys" + PROGRAM, *steps],
        env={"OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "ai_feedback.capture.events no_provider 1" in ran.stdout.splitlines()
