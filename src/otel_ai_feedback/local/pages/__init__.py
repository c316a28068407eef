"""The pages that ``serve`` shows: signal rates by model, and outputs with what was done to them."""

from otel_ai_feedback.local.pages.routes import routes

__all__ = ["routes"]
