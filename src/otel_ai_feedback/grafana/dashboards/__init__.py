"""The dashboards: one module each says what is on it, ``build`` makes Grafana's JSON of it."""

from otel_ai_feedback.grafana.dashboards.board import Board, Panel
from otel_ai_feedback.grafana.dashboards.boards import BOARDS

__all__ = ["BOARDS", "Board", "Panel"]
