"""The rows behind a number, and one of them in full."""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="output",
    title="Output",
    about="Which outputs are behind a number, and what became of one of them?",
    texts=("signal", "day", "class", "conversation", "output_id"),
    days=7,
    panels=(
        Panel(
            "Outputs behind the number",
            "output/outputs",
            "table",
            "none",
            "Outputs of the choices above, the newest first, 500 at most; n is the number of rows. "
            "Coming from a point of a chart: those of its day that showed its signal. Choose one "
            "by its id.",
            width=24,
            height=10,
            units={"duration_seconds": "s"},
            link=links.ONE_OUTPUT,
        ),
        Panel(
            "The output",
            "output/output",
            "table",
            "none",
            "What is known of the chosen output; n is how many it stands for under sampling. Its "
            "text is not here: reviewers see it, where it was recorded at all.",
            width=24,
            height=6,
            units={"duration_seconds": "s"},
        ),
        Panel(
            "What was done with it",
            "output/actions",
            "table",
            "none",
            "Actions in the order of time, n in all. `derived` ones follow from the next question "
            "in the conversation; an `ambiguous` one fitted several outputs.",
        ),
        Panel(
            "Its conversation",
            "output/conversation",
            "table",
            "none",
            "The outputs of the same conversation in the order of time, n in all. Empty where the "
            "service names no conversations.",
            link=links.ONE_OUTPUT,
        ),
        Panel(
            "Its label",
            "output/labels",
            "table",
            "none",
            "What the reviewer who counts said, and with which probability it was drawn; n is 1 or "
            "nothing. Most outputs are never read.",
        ),
        Panel(
            "LLM spans of its trace",
            "output/trace",
            "table",
            "none",
            "The LLM spans of the trace, n in all; with the trace id, the whole trace is in your "
            "tracing tool.",
        ),
    ),
)
