"""The embedded side: the engine, the OTLP receiver, the ClickHouse endpoint and the pages.

Needs the extra ``serve``: ``pip install 'otel-ai-feedback[serve]'``.
"""

from otel_ai_feedback.local.limits import Limits
from otel_ai_feedback.local.server import ListenError, Server, running

__all__ = ["Limits", "ListenError", "Server", "running"]
