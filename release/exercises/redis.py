"""The extra ``redis``: the registry that workers share can be made."""

from importlib import import_module

# This file has the package's name.
assert import_module("redis.client").Redis
assert import_module("otel_ai_feedback.capture.linking.redis_outputs")
