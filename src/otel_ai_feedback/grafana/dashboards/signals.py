"""What people do with outputs, compared."""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel
from otel_ai_feedback.store import series

SERIES: Final = tuple(each.name for each in series.SERIES if each.days == 1)
"""The signals whose outputs can be listed."""

BOARD: Final = Board(
    name="signals",
    title="Implicit signals",
    about="How often does a signal show, by model, release and prompt version?",
    pick={"series": SERIES},
    panels=(
        Panel(
            "By model",
            "signals/by-model",
            "lines",
            "percentunit",
            "The chosen signal by model and day, of n outputs that could have shown it; thin lines "
            "are the 95 % interval. Models that serve different users differ without being better "
            "or worse: trust a comparison only where traffic was split at random.",
            link=links.MODEL_OF_DAY,
            main="rate",
            interval=True,
        ),
        Panel(
            "By release",
            "signals/by-release",
            "lines",
            "percentunit",
            "The same by release of the service. A release that takes over in one step differs "
            "from the one before in its days, too: look whether the step is larger than those "
            "between weekdays.",
            link=links.RELEASE_OF_DAY,
            main="rate",
            interval=True,
        ),
        Panel(
            "By prompt version",
            "signals/by-prompt-version",
            "table",
            "percentunit",
            "The chosen signal in the whole time range by prompt version, with its 95 % interval "
            "and n outputs. `unnamed` are outputs whose spans carry no version.",
            units={"n": "none"},
        ),
        Panel(
            "Edit ratio",
            "signals/edit-ratio",
            "heatmap",
            "none",
            "How many submitted edits changed so much of the output, n in each cell: the darker, "
            "the more. A band that moves up means that people keep less of what they are given.",
            link=links.OUTPUTS_OF_DAY,
        ),
        Panel(
            "Models and releases compared",
            "signals/compared",
            "table",
            "percentunit",
            "Every signal in the whole time range by model and release, with its 95 % interval and "
            "n outputs. Of many comparisons one in twenty differs by chance.",
            units={"n": "none", "n_effective": "none", "spread": "none"},
        ),
        Panel(
            "What signals mean",
            "signals/calibration",
            "table",
            "percentunit",
            "How often reviewers of the last four closed weeks called an output of each class "
            "good, with the 95 % interval and n labels. A class that is good as often as others "
            "tells nothing about quality.",
            units={"n": "none"},
        ),
    ),
)
