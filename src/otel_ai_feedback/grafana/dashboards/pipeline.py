"""The dashboard that answers: is telemetry arriving and being matched?"""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="pipeline",
    title="Pipeline health",
    about="Is telemetry arriving and being matched?",
    days=7,
    panels=(
        Panel(
            "Answers by hour",
            "pipeline/outputs",
            "lines",
            "none",
            "Answers shown to users (n) per feature and hour, included half an hour after they "
            "ended. Compare with the same hours of other days; an hour without answers is a gap.",
            width=24,
            step_days=1 / 24,
            main="n",
        ),
        Panel(
            "Actions by link method",
            "pipeline/links",
            "lines",
            "percentunit",
            "How user actions were matched to answers, as a share of the day; n is actions. "
            "`unlinked` matched none. The method that stops while `unlinked` grows is the broken "
            "one.",
            most=1,
            link=links.OUTPUTS_OF_DAY,
            main="share",
        ),
        Panel(
            "User actions per day",
            "pipeline/actions",
            "lines",
            "none",
            "User actions as reported: n per day by name. One that stops while others go on points "
            "to the part of the page that reports it.",
            link=links.OUTPUTS_OF_DAY,
            main="n",
        ),
        Panel(
            "Freshness",
            "pipeline/freshness",
            "table",
            "none",
            "The newest hour in the rates of each feature, the oldest first, and n answers in four "
            "weeks. Answers are included half an hour after they ended, within a minute while "
            "`serve` runs.",
            units={"age": "s"},
        ),
        Panel(
            "Sampling",
            "pipeline/sampling",
            "table",
            "none",
            "The last 7 days: n stored answers and how many they represent. Where `unknown_share` "
            "is above 0, rates count each answer once and there is no quality score; `lost_share` "
            "is actions whose answer should be stored and is not.",
            units={"unknown_share": "percentunit", "lost_share": "percentunit"},
        ),
        Panel(
            "Undelivered actions",
            "pipeline/losses",
            "table",
            "none",
            "The last 7 days by browser: n user actions that pages delivered, and how many they "
            "say they could not. A lower bound: a page that delivers nothing reports nothing.",
            units={"lost_share": "percentunit"},
        ),
        Panel(
            "Health checks",
            "pipeline/health",
            "table",
            "none",
            "Every check of the view `loop_health`, n in all, failing ones first; `value` and "
            "`threshold` are in the unit of the check, and `detail` explains. Passing checks are "
            "listed as well: a missing one does not run.",
            width=24,
        ),
    ),
)
