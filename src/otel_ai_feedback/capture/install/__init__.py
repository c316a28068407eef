"""Reaching the application's providers, processors and hooks."""
