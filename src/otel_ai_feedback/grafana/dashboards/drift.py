"""The dashboard that answers: has a signal changed significantly?"""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel
from otel_ai_feedback.signals import names

BOARD: Final = Board(
    name="drift",
    title="Drift",
    about="Has a signal changed significantly?",
    variables=("service", "environment", "feature"),
    pick={"series": names},
    days=84,
    panels=(
        Panel(
            "Drift score",
            "drift/evidence",
            "lines",
            "none",
            "Accumulates while days differ from the same weekday of the last 8 weeks, and resets "
            "after 28 days. Alerts when `fell` or `rose` reaches `threshold`, which an unchanged "
            "signal does once in about two years. n is answers per day.",
            link=links.CHOSEN_SIGNAL_OF_DAY,
            step_days=7,
            dashed="threshold",
        ),
        Panel(
            "Rate and expected rate",
            "drift/rate",
            "lines",
            "percentunit",
            "The rate of each day, of n answers, and that of the same weekday over the last 8 "
            "weeks. A signal with too few answers per day has one point per week.",
            link=links.CHOSEN_SIGNAL_OF_DAY,
            step_days=7,
            main="rate",
            label="group",
            dashed="expected",
        ),
        Panel(
            "Deviation (z-score)",
            "drift/z",
            "lines",
            "none",
            "How far each day, of n answers, is from the expected rate, in standard deviations of "
            "its own noise: 19 days in 20 lie between -2 and 2. A single day outside is normal.",
            least=None,
            link=links.CHOSEN_SIGNAL_OF_DAY,
            step_days=7,
            main="z",
            label="group",
        ),
        Panel(
            "All signals",
            "drift/state",
            "table",
            "none",
            "The newest point of every signal, the nearest to its threshold first. An `evidence` "
            "of 1 alerts; so does a `since_accepted_z` of 3.5 (more above 20 series), a slow fade. "
            "n is the answers of that point.",
            units={"rate": "percentunit", "expected": "percentunit"},
        ),
        Panel(
            "Distribution shift (PSI)",
            "drift/psi",
            "table",
            "none",
            "Population stability index of the last 7 days (n answers) against the 56 before "
            "(n_before): length and language of questions, length and finish reason of answers, "
            "outcomes. Significant only above `noise`; a fixed limit of 0.1 would not be.",
        ),
        Panel(
            "Segments",
            "drift/segments",
            "table",
            "none",
            "Every segment of a feature, of n answers, against its reference. Among many some move "
            "by chance: of the rows with `q_value` up to .05, one in twenty. Declared segments "
            "have alerts of their own.",
            units={"rate": "percentunit", "reference": "percentunit"},
        ),
        Panel(
            "Coverage by your test set",
            "drift/untested",
            "table",
            "percentunit",
            "The share of questions, of n answers, unlike any of your test prompts, with its 95% "
            "interval, and the same among bad answers. Empty until test prompts are imported. A "
            "growing share means that your evaluations no longer match production.",
            units={"n": "none", "bad_labels": "none"},
        ),
        Panel(
            "Hourly outages",
            "drift/outages",
            "table",
            "none",
            "The newest hour of each signal, of n answers, against the same hour of the week over "
            "8 weeks, the farthest off first. `direction` is set where two hours in a row are off "
            "to the same side, by 2.5 standard deviations each and 6.4 together: that is an "
            "outage. A new feature is compared with its own last 7 days; `why_not_judged` says "
            "what is missing.",
            units={"rate": "percentunit", "expected": "percentunit"},
        ),
    ),
)
