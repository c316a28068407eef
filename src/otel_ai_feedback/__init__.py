"""Implicit user feedback for LLM features, on OpenTelemetry."""
