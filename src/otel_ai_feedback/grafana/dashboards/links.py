"""Links from numbers to the answers behind them, with the filters of the dashboard kept."""

from typing import Final

_GROUP: Final = "${service:queryparam}&${environment:queryparam}&${feature:queryparam}"
_ALL: Final = f"{_GROUP}&${{model:queryparam}}&${{release:queryparam}}"
_RANGE: Final = "from=${__from}&to=${__to}"
_DAY: Final = "var-day=${__value.time}"

SIGNAL_OF_DAY: Final = ("output", f"{_ALL}&{_RANGE}&var-signal=${{__field.labels.series}}&{_DAY}")
"""The answers of the point's day that showed the signal of the line."""

MODEL_OF_DAY: Final = (
    "output",
    f"{_GROUP}&${{release:queryparam}}&{_RANGE}&var-signal=${{series}}"
    f"&var-model=${{__field.labels.series}}&{_DAY}",
)
RELEASE_OF_DAY: Final = (
    "output",
    f"{_GROUP}&${{model:queryparam}}&{_RANGE}&var-signal=${{series}}"
    f"&var-release=${{__field.labels.series}}&{_DAY}",
)
CHOSEN_SIGNAL_OF_DAY: Final = ("output", f"{_GROUP}&{_RANGE}&var-signal=${{series}}&{_DAY}")
OUTPUTS_OF_DAY: Final = ("output", f"{_GROUP}&{_RANGE}&{_DAY}")
ONE_OUTPUT: Final = ("output", f"{_RANGE}&var-output_id=${{__value.raw}}")
"""The output whose id the cell holds."""
