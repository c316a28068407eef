"""The dashboard that answers: is quality good, and is it changing?"""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="overview",
    title="Overview",
    about="Is quality good, and is it changing?",
    days=84,
    panels=(
        Panel(
            "Services and features",
            "overview/loop",
            "table",
            "none",
            "The last 7 days of each feature: n answers, the share that was used, the share that "
            "was seen on a page; the newest 28-day quality score with its reviews (`labels`); "
            "open incidents, and whether review is behind schedule. An empty cell means unknown, "
            "not zero. A feature that is missing sent nothing.",
            width=24,
            height=8,
            units={"used": "percentunit", "seen_on_page": "percentunit", "quality": "percentunit"},
        ),
        Panel(
            "Quality score",
            "overview/quality",
            "lines",
            "percentunit",
            "The share of answers that a reviewer would call good, per window of 28 days; thin "
            "lines are the 95% interval, n is the number of reviews. Two windows differ when "
            "their intervals hardly overlap. Thumbs are shown for comparison: unhappy people vote "
            "more. No line below 50 reviews.",
            most=1,
            link=links.OUTPUTS_OF_DAY,
            step_days=7,
            main="quality",
            interval=True,
            dashed="thumbs",
        ),
        Panel(
            "Signals",
            "overview/signals",
            "lines",
            "percentunit",
            "How often people copied, asked again, closed fast and so on, per day, of the n "
            "answers where that was possible; thin lines are the 95% interval. Compare a line "
            "with its own past, not with another line. A day without data is a gap.",
            link=links.SIGNAL_OF_DAY,
            main="rate",
            interval=True,
        ),
        Panel(
            "Link rate",
            "overview/links",
            "lines",
            "percentunit",
            "The share of n user actions a day that matched an answer. Expect close to 100%: "
            "unmatched actions are missing from every rate, usually for one reason. See the "
            "dashboard Pipeline health.",
            most=1,
            link=links.OUTPUTS_OF_DAY,
            main="rate",
        ),
    ),
)
