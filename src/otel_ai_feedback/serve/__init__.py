"""One process with the engine, the OTLP receiver, the ClickHouse endpoint, the pages and the jobs.

Needs the extra ``serve``: ``pip install 'otel-ai-feedback[serve]'``.
"""

from otel_ai_feedback.serve.limits import Limits
from otel_ai_feedback.serve.listening import ListenError
from otel_ai_feedback.serve.server import Server, running

__all__ = ["Limits", "ListenError", "Server", "running"]
