"""Why an output was drawn for review or not, and what the promised hour can carry, in words."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.review.identifiers import OUTPUT_ID
from otel_ai_feedback.store.statements import statement

# From how many on the view review_capacity_at believes its measurement.
_ENOUGH_TIMED: Final = 20


def capacity(client: Client, as_of: datetime | None = None) -> str:
    """Say how many groups the promised time of review can carry, and whose turn it is.

    Args:
        client: From ``store.connect``.
        as_of: The moment to which it is true; an aware datetime, now by default.

    Returns:
        A few sentences.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    result = client.query(
        statement("review/review_capacity").text,
        parameters={"as_of": at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]},
    )
    of = dict(zip(result.column_names, result.result_rows[0], strict=True))
    if not of["minutes_per_week"]:
        return (
            "No time of review is promised (OTEL_AI_FEEDBACK_REVIEW_MINUTES_PER_WEEK is 0), so "
            "every group is drawn from, and a number comes from whatever is read."
        )
    measured = (
        f"as the last {of['timed_items']} readings took"
        if of["timed_items"] >= _ENOUGH_TIMED
        else f"assumed until {_ENOUGH_TIMED} readings are timed"
    )
    said = (
        f"{of['minutes_per_week']:g} minutes of review a week at {of['seconds_per_item']:.0f} s an "
        f"output ({measured}) are {of['items_per_week']:.0f} outputs. 85 % of them become labels "
        f"of a first reading, and a number takes 50 in 28 days: enough for "
        f"{_groups(of['groups_in_28_days'])}."
    )
    if not of["groups"]:
        return f"{said} No group is known from the weeks before yet, so all are drawn from."
    if not of["waiting"]:
        return f"{said} There {_are(of['groups'])}, and every one is drawn from."
    turn = ", ".join("/".join(filter(None, name)) for name in of["drawn_names"]) or "none"
    return (
        f"{said} There {_are(of['groups'])}, so they take turns, the least labelled first, "
        f"{of['weeks_at_once']} week(s) each; in the week of {of['week']} it is the turn of "
        f"{turn}. "
        "The view quality_pooled has the number of all together. More minutes "
        "(OTEL_AI_FEEDBACK_REVIEW_MINUTES_PER_WEEK), or fewer groups, give each its own."
    )


def _groups(number: int) -> str:
    return "1 group" if number == 1 else f"{number} groups"


def _are(number: int) -> str:
    return f"{'is' if number == 1 else 'are'} {_groups(number)}"


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
        statement("review/draw_of_output").text,
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
    if of["is_outside_of_lot"]:
        return (
            "Not drawn: only a random sample of outputs keeps its text "
            "(OTEL_AI_FEEDBACK_REVIEW_TEXT=sample), and this one is not in it."
        )
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
    if not of["threshold"]:
        return (
            f"Not drawn: on {of['day']} it was not the turn of {group}. There are more groups than "
            "the promised time of review can carry; `draw --explain` without an id says how many."
        )
    return (
        f"Not drawn: {of['group_drawn']} of {of['group_outputs']:g} outputs of {group} were on "
        f"{of['day']}. Its random key is {of['uniform']:.3g}, and the threshold of a class that is "
        f"read at the rate 1 was {of['threshold']:.3g}; or it came after the day had been frozen."
    )
