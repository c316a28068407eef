"""Asks the store once what has arrived is in the facts."""

from otel_ai_feedback.store import facts


def asked(client, question, **parameters):
    """The answer to a question about outputs or actions, with all that has arrived."""
    facts.catch_up(client)
    return client.query(question, parameters=parameters)
