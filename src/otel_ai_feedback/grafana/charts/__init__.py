"""The dashboards without Grafana: pages of ``serve``, drawn from the same JSON by uPlot."""

from otel_ai_feedback.grafana.charts.routes import ROOM, TABS, routes

__all__ = ["ROOM", "TABS", "routes"]
