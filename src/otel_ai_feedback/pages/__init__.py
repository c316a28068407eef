"""The pages that ``serve`` shows: their shell, signal rates, and outputs with their actions.

Other rooms build their pages from the same shell: ``Pages`` renders, ``Questions`` asks the store,
``page`` makes a route, and ``People.page`` one that only people who are known may use.
"""

from otel_ai_feedback.pages.health import Health
from otel_ai_feedback.pages.people import People, Visit
from otel_ai_feedback.pages.questions import Questions
from otel_ai_feedback.pages.render import Notice, Pages
from otel_ai_feedback.pages.routes import page, routes
from otel_ai_feedback.pages.session_table import SessionTable
from otel_ai_feedback.pages.sign_in import SignIn

__all__ = [
    "Health",
    "Notice",
    "Pages",
    "People",
    "Questions",
    "SessionTable",
    "SignIn",
    "Visit",
    "page",
    "routes",
]
