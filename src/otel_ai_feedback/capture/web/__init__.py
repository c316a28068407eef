"""Between the service and the page: handles on responses, the script, and the beacons it sends.

The public face is :mod:`otel_ai_feedback.web`.
"""
