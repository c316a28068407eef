"""For web applications: the middleware, and the script tag for pages.

::

    from otel_ai_feedback.web.asgi import FeedbackMiddleware   # Starlette, FastAPI, Django ...
    from otel_ai_feedback.web.wsgi import FeedbackMiddleware   # Flask, Django ...

docs/web.md shows both in each framework.
"""

from otel_ai_feedback.capture.web.rates import Rates
from otel_ai_feedback.capture.web.responses import HEADER

__all__ = ["HEADER", "Rates"]
