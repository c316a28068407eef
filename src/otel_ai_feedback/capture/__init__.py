"""Everything that runs inside the user's service.

Imports only the OpenTelemetry API and SDK and the standard library; never raises into user code,
never blocks on I/O and never grows without bound.
"""
