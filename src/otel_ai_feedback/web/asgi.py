"""The middleware for ASGI applications."""

from otel_ai_feedback.capture.web.asgi import FeedbackMiddleware

__all__ = ["FeedbackMiddleware"]
