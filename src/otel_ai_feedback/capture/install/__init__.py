"""Reaching the application's providers, processors and hooks, whoever built them and when."""
