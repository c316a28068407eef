"""For web applications: the middleware, and the script tag for pages.

::

    from otel_ai_feedback.web.asgi import FeedbackMiddleware   # Starlette, FastAPI, Django ...
    from otel_ai_feedback.web.wsgi import FeedbackMiddleware   # Flask, Django ...
    from otel_ai_feedback.web import script_tag

docs/web.md shows them in each framework.
"""

from otel_ai_feedback.capture.web.rates import Rates
from otel_ai_feedback.capture.web.responses import HEADER
from otel_ai_feedback.capture.web.script_tag import script_tag

__all__ = ["HEADER", "Rates", "script_tag"]
