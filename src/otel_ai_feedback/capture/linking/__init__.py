"""Handles and keys, and finding the output that an action belongs to."""
