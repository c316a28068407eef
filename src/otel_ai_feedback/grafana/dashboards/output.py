"""The dashboard of the answers behind a number, and one answer in full."""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="output",
    title="Output",
    about="Which answers are behind a number, and what happened to one of them?",
    texts=("signal", "day", "class", "conversation", "output_id"),
    days=7,
    panels=(
        Panel(
            "Answers behind the number",
            "output/outputs",
            "table",
            "none",
            "Answers for these filters, the newest first, 500 at most; n is the number of rows. "
            "Opened from a chart: those of its day that showed its signal. Select one to see the "
            "rest.",
            width=24,
            height=10,
            units={"duration_seconds": "s"},
            link=links.ONE_OUTPUT,
        ),
        Panel(
            "Details",
            "output/output",
            "table",
            "none",
            "Details of the selected answer; n is how many it represents under sampling. Its text "
            "is not stored here: follow the trace to your own log.",
            width=24,
            height=6,
            units={"duration_seconds": "s"},
        ),
        Panel(
            "User actions",
            "output/actions",
            "table",
            "none",
            "User actions by time, n in all. `derived` ones follow from the next question in the "
            "conversation.",
        ),
        Panel(
            "Conversation",
            "output/conversation",
            "table",
            "none",
            "Answers of the same conversation by time, n in all. Empty where the service names no "
            "conversation.",
            link=links.ONE_OUTPUT,
        ),
        Panel(
            "Review",
            "output/labels",
            "table",
            "none",
            "The verdict that counts, and the probability with which the answer was sampled; n is "
            "1 or 0.",
        ),
        Panel(
            "LLM spans of the trace",
            "output/trace",
            "table",
            "none",
            "The LLM spans of the trace, n in all; with the trace id, the whole trace is in your "
            "tracing tool.",
        ),
    ),
)
