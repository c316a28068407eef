"""Tests about the name of the instrumentation, which are none of ours."""


class TelemetryHandlerScopeTest:
    """No tests."""
