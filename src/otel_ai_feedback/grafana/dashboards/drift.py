"""Did something leave its level?"""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel
from otel_ai_feedback.store.series import NAMES

BOARD: Final = Board(
    name="drift",
    title="Drift",
    about="Is a signal still where it was?",
    variables=("service", "environment", "feature"),
    pick={"series": NAMES},
    days=84,
    panels=(
        Panel(
            "Evidence against the threshold",
            "drift/evidence",
            "lines",
            "none",
            "Evidence adds up while days differ from the same weekday of the last 8 weeks, and is "
            "forgotten after 28 days. It is an alarm when `fell` or `rose` reaches `threshold`, as "
            "a series that does not change does once in about two years. n is outputs a day.",
            link=links.CHOSEN_SIGNAL_OF_DAY,
            step_days=7,
            dashed="threshold",
        ),
        Panel(
            "Rate and what was expected",
            "drift/rate",
            "lines",
            "percentunit",
            "The rate of each day, of n outputs, and that of the same weekday over the last 8 "
            "weeks. A series that is too small for days has one point a week.",
            link=links.CHOSEN_SIGNAL_OF_DAY,
            step_days=7,
            main="rate",
            label="group",
            dashed="expected",
        ),
        Panel(
            "Distance in units of noise",
            "drift/z",
            "lines",
            "none",
            "How far each day, of n outputs, is from what was expected; noise is measured, so days "
            "lie between -2 and 2 nineteen times in twenty. One day outside is nothing yet.",
            least=None,
            link=links.CHOSEN_SIGNAL_OF_DAY,
            step_days=7,
            main="z",
            label="group",
        ),
        Panel(
            "Where every series stands",
            "drift/state",
            "table",
            "none",
            "The newest point of every watched series, the nearest to its alarm first. `evidence` "
            "of 1 is an alarm; `since_accepted_z` beyond 3.5 either way is one, too: a slow fade. "
            "n is the outputs of that point.",
            units={"rate": "percentunit", "expected": "percentunit"},
        ),
        Panel(
            "Distributions against noise",
            "drift/psi",
            "table",
            "none",
            "PSI of the last 7 days (n outputs) against the 56 before (n_before), by what is "
            "looked at: length and language of questions, length and finish of answers, classes. "
            "Only beyond `noise` is it more than chance; a fixed bar of .1 would not be.",
        ),
        Panel(
            "Segments",
            "drift/segments",
            "table",
            "none",
            "Every part of a group, of n outputs, against its reference. Among many some move by "
            "luck: of the rows with `q_value` up to .05, one in twenty did. Declared ones raise "
            "alarms of their own.",
            units={"rate": "percentunit", "reference": "percentunit"},
        ),
        Panel(
            "Away from what was tested",
            "drift/untested",
            "table",
            "percentunit",
            "The share of questions, of n outputs, that is unlike anything the team tests with, "
            "with its 95 % interval, and the same among bad labels. Empty until test prompts are "
            "imported. A share that grows says that your evaluations answer another question.",
            units={"n": "none", "bad_labels": "none"},
        ),
        Panel(
            "Outages by the hour",
            "drift/outages",
            "table",
            "none",
            "The newest hour of each signal, of n outputs, against the same hour of the week over "
            "8 weeks, the farthest off first. `direction` is set where two hours in a row are 3 "
            "units of noise off to the same side: that is an outage.",
            units={"rate": "percentunit", "expected": "percentunit"},
        ),
    ),
)
