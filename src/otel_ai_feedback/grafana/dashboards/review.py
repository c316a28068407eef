"""The dashboard of reviews: quality scores, failure modes, progress and agreement."""

from typing import Final

from otel_ai_feedback.grafana.dashboards.board import Board, Panel

_SHARE: Final = "percentunit"

BOARD: Final = Board(
    name="review",
    title="Review and failure modes",
    about="What is good, what goes wrong, and is review on schedule?",
    variables=("service", "environment", "feature"),
    days=84,
    panels=(
        Panel(
            "Quality by model and release",
            "review/quality",
            "table",
            _SHARE,
            "The newest 28 days of closed weeks: the share of good answers with its 95% interval, "
            "from n reviews. Empty model and release mean all. `thumbs_gap` is how far thumbs are "
            "off. Without a quality score, `reason` says why.",
            width=24,
            units={"n": "none", "weeks_read": "none"},
        ),
        Panel(
            "Failure modes",
            "review/modes",
            "table",
            _SHARE,
            "What reviewers found in bad answers of the last four closed weeks: the share of all "
            "answers affected, with the 95% interval, from n reviews. Fixing the first row helps "
            "most users.",
            units={"n": "none"},
        ),
        Panel(
            "New and recurring failure modes",
            "review/states",
            "table",
            "none",
            "Every failure mode with n reviews: `is_new` was first seen in the last 28 days, "
            "`is_recurring` was closed and has returned. Both alert; close a mode when its cause "
            "is fixed.",
        ),
        Panel(
            "Review time vs plan",
            "review/debt",
            "table",
            "none",
            "Minutes planned and reviewed in 14 days, over all features, and n reviews of each "
            "feature in 28 days. `debt` is 1 below 85% of the minutes or below 50 reviews; the "
            "length of the queue does not matter.",
        ),
        Panel(
            "Sampled answers reviewed",
            "review/reading",
            "bars",
            "none",
            "Answers sampled in each week (n) and how many of them were reviewed, over all "
            "features. Not all need to be: any part reviewed in order is a fair sample.",
            step_days=7,
        ),
        Panel(
            "Reviews per week",
            "review/labels",
            "bars",
            "none",
            "Reviews (n) by verdict, over all features, in the week in which they were given. A "
            "quality score needs 50 good or bad verdicts in 28 days.",
            step_days=7,
            main="n",
        ),
        Panel(
            "Reviewer agreement",
            "review/agreement",
            "table",
            "percentunit",
            "The share of answers reviewed twice whose two verdicts agree, with the 95% interval, "
            "of n pairs; from 50 on with kappa and similar measures, which fall where almost all "
            "is good. Below .80 at the upper end, agree on what good means first.",
            units={"n": "none", "kappa": "none", "ac1": "none", "alpha": "none"},
        ),
        Panel(
            "Changes in what signals mean",
            "review/meaning",
            "table",
            "none",
            "Whether the share of good answers moved differently by outcome (n outcomes) between "
            "the last two windows of 28 days. `p_value` below .001 means yes; an equal fall in "
            "all outcomes does not count.",
        ),
    ),
)
