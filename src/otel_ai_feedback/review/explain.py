"""Why an output was drawn for review, or was not, in words."""

from __future__ import annotations

from datetime import datetime, timezone

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.identifiers import OUTPUT_ID
from otel_ai_feedback.store.statements import statement


def explain(client: Client, output_id: str, as_of: datetime | None = None) -> str:
    """Say why an output is or is not in the draw.

    Args:
        client: From ``store.connect``.
        output_id: As in the view ``outputs``.
        as_of: The moment to which it is true; an aware datetime, now by default.

    Returns:
        A sentence or two.

    Raises:
        ValueError: It has not the form of an output's id.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    if not OUTPUT_ID.fullmatch(output_id):
        raise ValueError(
            f"{output_id!r} is not the id of an output: 32 hexadecimal digits of the trace, "
            "a hyphen, 16 of the span; the column output_id of the view outputs has them"
        )
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    result = client.query(
        statement("queries/draw_of_output").text,
        parameters={
            "output_id": output_id,
            "as_of": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        },
    )
    if not result.result_rows:
        return (
            "Not drawn: the store has no delivered output with this id. A model call that nobody "
            "was shown, such as a step of an agent, is not an output, nor is a repeat of another "
            "span."
        )
    of = dict(zip(result.column_names, result.result_rows[0], strict=True))
    group = "/".join(filter(None, (of["service"], of["environment"], of["feature"])))
    if of["is_drawn"]:
        return (
            f"Drawn on {of['day']} as one of {of['group_drawn']} out of {of['group_outputs']:g} "
            f"outputs of {group}. An output of class {of['stratum']} was drawn with a probability "
            f"of {of['inclusion_probability']:.3g}; its place in the order of reading is "
            f"u = {of['u']:.3g}, the lowest first."
        )
    if of["class"] == "failed":
        return "Not drawn: it failed, so there is no text to read. Failures have their own series."
    if not of["matured"]:
        return (
            f"Not drawn yet: it matures at {of['matured_at']:%Y-%m-%d %H:%M} UTC, when what people "
            "did with it is known."
        )
    if not of["day_is_closed"]:
        return f"Not drawn yet: {of['day']} is frozen an hour after it has ended."
    if not of["group_outputs"]:
        return (
            f"Not drawn: nothing of {group} was on {of['day']}. Either no draw has run since, or "
            f"the environment {of['environment'] or '(none)'} takes no part "
            "(setting OTEL_AI_FEEDBACK_ENVIRONMENTS)."
        )
    return (
        f"Not drawn: {of['group_drawn']} of {of['group_outputs']:g} outputs of {group} were on "
        f"{of['day']}. Its random key is {of['uniform']:.3g}, and the threshold of a class that is "
        f"read at the rate 1 was {of['threshold']:.3g}; or it came after the day had been frozen."
    )
