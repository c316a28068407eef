"""Is the loop closed, and is what comes out of it good?"""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel

BOARD: Final = Board(
    name="overview",
    title="Loop overview",
    about="Is the loop closed, and are the answers good?",
    days=84,
    panels=(
        Panel(
            "The loop, group by group",
            "overview/loop",
            "table",
            "none",
            "The last 7 days of each group: n outputs came, this share of them was used, this "
            "share of answers was seen on a page; the newest 28-day quality with its labels; "
            "how many incidents are open, and whether too little is read. "
            "An empty cell means not known, never none. A group that is missing sent nothing.",
            width=24,
            height=8,
            units={"used": "percentunit", "seen_on_page": "percentunit", "quality": "percentunit"},
        ),
        Panel(
            "Quality",
            "overview/quality",
            "lines",
            "percentunit",
            "The share of outputs that a reviewer would call good, per window of 28 days, between "
            "the thin lines with 95 % confidence; n is the labels behind it. Two windows differ "
            "when their intervals hardly overlap. Thumbs are drawn beside it to show how far off "
            "they are: unhappy people vote more. No line under 50 labels.",
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
            "How often people copied, asked again, closed at once ... of the outputs that could "
            "have shown it (n), day by day; thin lines are the 95 % interval. Compare a line with "
            "its own past, not with another line. A day without data is a gap.",
            link=links.SIGNAL_OF_DAY,
            main="rate",
            interval=True,
        ),
        Panel(
            "Link rate",
            "overview/links",
            "lines",
            "percentunit",
            "The share of actions whose output was found, of n actions a day. It should stand near "
            "100 %; what is lower is lost to every rate, and mostly from one cause: see the "
            "dashboard Pipeline health.",
            most=1,
            link=links.OUTPUTS_OF_DAY,
            main="rate",
        ),
    ),
)
