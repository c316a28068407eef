"""Does everything arrive, and does it find its place?"""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="pipeline",
    title="Pipeline health",
    about="Does everything arrive, and does it find its place?",
    days=7,
    panels=(
        Panel(
            "Outputs by hour",
            "pipeline/outputs",
            "lines",
            "none",
            "Delivered outputs (n) of each group and hour, counted half an hour after they ended. "
            "Compare with the same hours of other days; an hour without outputs is a gap.",
            width=24,
            step_days=1 / 24,
            main="n",
        ),
        Panel(
            "Actions by way of linking",
            "pipeline/links",
            "lines",
            "percentunit",
            "By which way actions found their output, as a share of all of the day; n is actions. "
            "`unlinked` found none. A way that stops, while `unlinked` grows, is what broke.",
            most=1,
            link=links.OUTPUTS_OF_DAY,
            main="share",
        ),
        Panel(
            "Actions a day",
            "pipeline/actions",
            "lines",
            "none",
            "What was done, as it was reported: n actions a day by name. One that stops while "
            "others go on points to the part of the page that reports it.",
            link=links.OUTPUTS_OF_DAY,
            main="n",
        ),
        Panel(
            "Newest counts",
            "pipeline/freshness",
            "table",
            "none",
            "The newest hour with counted outputs of each group, the oldest first, and n outputs "
            "in four weeks. Outputs are counted half an hour after they ended, and within a minute "
            "of that while `serve` runs.",
            units={"age": "s"},
        ),
        Panel(
            "Sampling",
            "pipeline/sampling",
            "table",
            "none",
            "The last 7 days: n outputs that are here and how many they stand for. Where "
            "`unknown_share` is above 0 rates count each output once, and there is no quality; "
            "`lost_share` is actions whose output should be here and is not.",
            units={"unknown_share": "percentunit", "lost_share": "percentunit"},
        ),
        Panel(
            "What the loop says of itself",
            "pipeline/health",
            "table",
            "none",
            "Every alarm of the view `loop_health`, n in all, the firing ones first; `value` and "
            "`threshold` are in the unit of the alarm, and `detail` says it in words. Quiet rows "
            "are here, too: an alarm that is missing is not watched.",
            width=24,
        ),
    ),
)
