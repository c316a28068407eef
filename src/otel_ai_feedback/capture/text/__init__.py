"""Texts in the service: normal form, hash, sketch, fingerprints, and removal before they leave."""
