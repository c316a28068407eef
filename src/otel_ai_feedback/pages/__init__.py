"""The pages that ``serve`` shows: their shell, signal rates, and outputs with their actions.

Other rooms build their pages from the same shell: ``Pages`` renders, ``Questions`` asks the store,
``page`` makes a route.
"""

from otel_ai_feedback.pages.questions import Questions, Row
from otel_ai_feedback.pages.render import Pages
from otel_ai_feedback.pages.routes import page, routes

__all__ = ["Pages", "Questions", "Row", "page", "routes"]
