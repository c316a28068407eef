"""The dashboard that sets two versions against each other."""

from typing import Final

from otel_ai_feedback.grafana.dashboards import links
from otel_ai_feedback.grafana.dashboards.board import Board, Panel
from otel_ai_feedback.signals import names_of_answers


def _kinds() -> tuple[str, ...]:
    return "release", "model", "prompt_version", "prompt_name"


BOARD: Final = Board(
    name="compare",
    title="Compare",
    about="Is version B better than version A?",
    variables=("service", "environment", "feature"),
    pick={"by": _kinds, "series": names_of_answers},
    single={"arm_a": "(previous)", "arm_b": "(newest)"},
    panels=(
        Panel(
            "B minus A",
            "compare/differences",
            "table",
            "percentunit",
            "Each signal over the time range, from 30 answers in each arm (n in all): B minus A "
            "with its 95% interval, with users as the unit. A difference counts when the interval "
            "leaves out 0 and reaches beyond `matters_from`; `better` says which way is good. "
            "Looking daily or at many signals finds some by chance: the verdict that allows for "
            "both is on the page Compare.",
            width=24,
            units={"n_a": "none", "n_b": "none", "n": "none"},
        ),
        Panel(
            "Rates of both versions",
            "compare/rates",
            "table",
            "percentunit",
            "The rate of each signal in both versions, with its 95% interval and n answers. Where "
            "`n_effective` is far below n, few users give many of the answers, and the interval "
            "is as wide as that makes it.",
            units={"n": "none", "n_effective": "none"},
        ),
        Panel(
            "Selected signal by day",
            "compare/days",
            "lines",
            "percentunit",
            "The selected signal in both versions by day, of the n answers where it was possible; "
            "thin lines are the 95% interval. Versions that follow each other also differ in "
            "their days. A point leads to the answers of all versions on that day.",
            link=links.CHOSEN_SIGNAL_OF_DAY,
            main="rate",
            interval=True,
        ),
    ),
)
