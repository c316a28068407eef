"""The dashboard of incidents: owners, deadlines and response times."""

from typing import Final

from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="triage",
    title="Triage",
    about="Which incidents are open, who owns them, and by when?",
    variables=("service", "environment", "feature"),
    panels=(
        Panel(
            "Open incidents",
            "triage/open",
            "table",
            "none",
            "Open incidents, n in all, the next deadline first. `due_at` is the deadline to "
            "acknowledge while `state` is open, then the one to resolve. An empty table "
            "is good news only while alert rules are running: see Pipeline health.",
            width=24,
        ),
        Panel(
            "Incidents opened per day",
            "triage/opened",
            "bars",
            "none",
            "Incidents (n) by the day on which they were opened, and by rule. A rule that opens "
            "one every day and never leads to a change has the wrong threshold.",
            main="n",
        ),
        Panel(
            "Response times",
            "triage/answered",
            "table",
            "s",
            "Incidents of the last 90 days, n by owner and severity: the share acknowledged by its "
            "deadline with its 95% interval, the share resolved in time, and median and 90th "
            "percentile in wall-clock time.",
            units={
                "n": "none",
                "acknowledged_in_time": "percentunit",
                "low": "percentunit",
                "high": "percentunit",
                "resolved_in_time": "percentunit",
            },
        ),
    ),
)
