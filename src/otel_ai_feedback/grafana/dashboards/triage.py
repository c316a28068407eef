"""Who has what, and by when?"""

from typing import Final

from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="triage",
    title="Triage",
    about="What has to be answered, by whom and by when?",
    variables=("service", "environment", "feature"),
    panels=(
        Panel(
            "Open incidents",
            "triage/open",
            "table",
            "none",
            "Open incidents, n in all, the next deadline first. `due_at` is that for the "
            "acknowledgement while `state` is open, then that for the resolution. An empty table "
            "is good news only while the rules are evaluated: see Pipeline health.",
            width=24,
        ),
        Panel(
            "Incidents opened a day",
            "triage/opened",
            "bars",
            "none",
            "Incidents (n) by the day on which they were opened, and by rule. A rule that opens "
            "one every day and never leads to a change has the wrong threshold.",
            main="n",
        ),
        Panel(
            "How soon they were answered",
            "triage/answered",
            "table",
            "s",
            "Incidents of the last 90 days, n by owner and severity: the share acknowledged by its "
            "deadline with the 95 % interval, the share resolved in time, and the median and 90 % "
            "times on the clock, as users wait.",
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
