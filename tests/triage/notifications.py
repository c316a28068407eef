"""A triage file, and alerts as Grafana sends them."""

import json
from datetime import datetime, timedelta, timezone

from otel_ai_feedback.triage import notification

MONDAY = datetime(2025, 12, 1, 9, tzinfo=timezone.utc)  # a Monday, at the start of work
FILE = """
people:
  - {name: Ana, contact: "json://127.0.0.1:1/ana"}
  - {name: Ben, contact: "json://127.0.0.1:1/ben"}
  - {name: Cleo, contact: "json://127.0.0.1:1/cleo"}
rotas:
  quality: {people: [Ana, Ben, Cleo], starts: 2025-12-01}
quiet: false
"""


def alert(status="firing", **labels):
    """An alert of a notification."""
    starts = labels.pop("startsAt", "2025-12-01T08:55:00Z")
    return {
        "status": status,
        "labels": {
            "alertname": "signal-drift", "service": "chat", "environment": "production",
            "feature": "chat", "series": "copied", "direction": "fell", "severity": "warning",
        } | labels,
        "annotations": {"summary": "copied fell"},
        "startsAt": starts,
        "endsAt": "0001-01-01T00:00:00Z",
        "values": {"times_threshold": 6.4, "answers": 100},
        "generatorURL": "http://grafana/alerting/x/view",
        "fingerprint": "c0ffee",
    }  # fmt: skip


def parsed(status="firing", **labels):
    return notification.parse_alert(json.loads(json.dumps(alert(status, **labels))))


def hours(number):
    return timedelta(hours=number)
