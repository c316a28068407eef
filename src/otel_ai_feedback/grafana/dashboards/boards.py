"""Every dashboard, in the order in which people should meet them."""

from typing import Final

from otel_ai_feedback.grafana.dashboards import (
    compare,
    drift,
    output,
    overview,
    pipeline,
    review,
    signals,
    triage,
)

BOARDS: Final = (
    overview.BOARD,
    signals.BOARD,
    compare.BOARD,
    drift.BOARD,
    review.BOARD,
    triage.BOARD,
    pipeline.BOARD,
    output.BOARD,
)
