"""The dashboards without Grafana: pages of ``serve``, rendered from the same JSON."""

from otel_ai_feedback.grafana.charts.routes import ROOM, TABS, routes

__all__ = ["ROOM", "TABS", "routes"]
