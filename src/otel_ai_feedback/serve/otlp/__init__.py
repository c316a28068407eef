"""The OTLP/HTTP receiver: from a request to acknowledged rows of the raw tables."""
