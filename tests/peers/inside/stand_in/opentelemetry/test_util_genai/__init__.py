"""What the tests of OpenTelemetry's GenAI instrumentations import and PyPI does not have."""
