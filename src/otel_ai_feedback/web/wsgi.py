"""The middleware for WSGI applications."""

from otel_ai_feedback.capture.web.wsgi import FeedbackMiddleware

__all__ = ["FeedbackMiddleware"]
