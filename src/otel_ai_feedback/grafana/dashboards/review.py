"""What people who read outputs found."""

from typing import Final

from otel_ai_feedback.grafana.dashboards.board import Board, Panel

_SHARE: Final = "percentunit"

BOARD: Final = Board(
    name="review",
    title="Review and failure modes",
    about="What is good, what goes wrong, and does somebody read?",
    variables=("service", "environment", "feature"),
    days=84,
    panels=(
        Panel(
            "Quality by model and release",
            "review/quality",
            "table",
            _SHARE,
            "The newest 28 days of closed weeks: the share of good outputs with its 95 % interval "
            "from n labels. Empty model and release mean all. `thumbs_gap` is how far thumbs are "
            "off. Where there is no number, `reason` says why.",
            width=24,
            units={"n": "none", "weeks_read": "none"},
        ),
        Panel(
            "Failure modes",
            "review/modes",
            "table",
            _SHARE,
            "What reviewers named on bad outputs of the last four closed weeks: the share of all "
            "outputs that it concerns, with the 95 % interval, from n labels. The first line is "
            "where an hour of work helps most people.",
            units={"n": "none"},
        ),
        Panel(
            "Which modes are new or back?",
            "review/states",
            "table",
            "none",
            "Every failure mode with n labels: `is_new` was never seen before the last 28 days, "
            "`is_recurring` was closed and is named again. Both are incidents; close a mode when "
            "its cause is gone.",
        ),
        Panel(
            "Is as much read as was promised?",
            "review/debt",
            "table",
            "none",
            "Minutes promised and read in 14 days, over all groups, and n labels of each group in "
            "28 days. `debt` is 1 under 85 % of the minutes or under 50 labels; what lies unread "
            "does not matter.",
        ),
        Panel(
            "Read of what was drawn",
            "review/reading",
            "bars",
            "none",
            "Outputs drawn in each week (n) and how many of them have been read, over all groups. "
            "Not all need to be: any part read in order is a fair sample.",
            step_days=7,
        ),
        Panel(
            "Labels a week",
            "review/labels",
            "bars",
            "none",
            "Labels (n) by verdict, over all groups, in the week in which they were given. A "
            "28-day number needs 50 good or bad ones in its group.",
            step_days=7,
            main="n",
        ),
        Panel(
            "Do reviewers agree?",
            "review/agreement",
            "table",
            "percentunit",
            "On what share of outputs that were read twice the two verdicts agree, with the 95 % "
            "interval, of n pairs; from 50 on with kappa and its like, which fall where almost all "
            "is good. Under .80 at the upper end, settle what good means first.",
            units={"n": "none", "kappa": "none", "ac1": "none", "alpha": "none"},
        ),
        Panel(
            "Did signals change their meaning?",
            "review/meaning",
            "table",
            "none",
            "Whether the share of good outputs moved differently by class (n classes) between the "
            "last two windows of 28 days. `p_value` under .001 says so; a fall of all classes "
            "alike does not count.",
        ),
    ),
)
