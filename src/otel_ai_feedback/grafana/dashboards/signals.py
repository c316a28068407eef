"""The dashboard that compares signals by model, release and prompt version."""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel
from otel_ai_feedback.signals import names_of_answers

BOARD: Final = Board(
    name="signals",
    title="Implicit signals",
    about="How do signals differ by model, release and prompt version?",
    pick={"series": names_of_answers},
    panels=(
        Panel(
            "By model",
            "signals/by-model",
            "lines",
            "percentunit",
            "The selected signal by model and day, of the n answers where it was possible; thin "
            "lines are the 95% interval. Models that serve different users differ without being "
            "better or worse: trust a comparison only where traffic was split at random.",
            link=links.MODEL_OF_DAY,
            main="rate",
            interval=True,
        ),
        Panel(
            "By release",
            "signals/by-release",
            "lines",
            "percentunit",
            "The selected signal by release of the service. A release that replaces another at "
            "once also differs in its days: check that the step is larger than those between "
            "weekdays.",
            link=links.RELEASE_OF_DAY,
            main="rate",
            interval=True,
        ),
        Panel(
            "By prompt version",
            "signals/by-prompt-version",
            "table",
            "percentunit",
            "The selected signal over the time range by prompt version, with its 95% interval and "
            "n answers. `unnamed` are answers whose spans carry no version.",
            units={"n": "none"},
        ),
        Panel(
            "Edit ratio",
            "signals/edit-ratio",
            "heatmap",
            "none",
            "Submitted edits by how much of the answer they changed, n in each cell: darker means "
            "more. A band that moves up means that people keep less of each answer.",
            link=links.OUTPUTS_OF_DAY,
        ),
        Panel(
            "Models and releases compared",
            "signals/compared",
            "table",
            "percentunit",
            "Every signal over the time range by model and release, with its 95% interval and n "
            "answers. One in twenty comparisons differs by chance.",
            units={"n": "none", "n_effective": "none"},
        ),
        Panel(
            "Signals and verdicts",
            "signals/calibration",
            "table",
            "percentunit",
            "How often reviewers called answers of each outcome good in the last four closed "
            "weeks, with the 95% interval and n reviews. An outcome that is good as often as the "
            "others says nothing about quality.",
            units={"n": "none"},
        ),
        Panel(
            "What signals say about quality",
            "signals/information",
            "table",
            "percentunit",
            "Share of good answers with each signal and without it, by the reviews of the last "
            "four closed weeks, with 95% intervals. Signals of each source, votes in other tools "
            "and judges are on one scale: bits per answer, the most informative first.",
            units={"n": "none", "bits": "none"},
        ),
        Panel(
            "Judges and reviewers",
            "signals/judges",
            "table",
            "percentunit",
            "How often each judge, and users' votes in other tools, agreed with reviewers in the "
            "last four closed weeks: of good answers the share that passed, of bad ones the share "
            "that was caught, with 95% intervals. The note says how many reviews are missing.",
            units={"n": "none"},
        ),
        Panel(
            "Quality with a judge's help",
            "signals/tightened",
            "table",
            "percentunit",
            "Share of good answers in the last four closed weeks, by reviewers with each judge's "
            "scores as help and by reviewers alone, with 95% intervals. It is right even when the "
            "judge is wrong, and narrower when the judge is good. From 300 reviews on.",
            units={"n": "none"},
        ),
    ),
)
