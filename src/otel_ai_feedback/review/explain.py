"""Why an answer was sampled or not, and what the planned review time covers, in words."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.formats import count, number, plural, utc_minute
from otel_ai_feedback.review.identifiers import OUTPUT_ID
from otel_ai_feedback.store.ask import ask

# From how many on the view review_capacity_at believes its measurement.
_ENOUGH_TIMED: Final = 20


def capacity(client: Client, as_of: datetime | None = None) -> str:
    """Say how many features the planned review time covers, and which are next.

    Args:
        client: From ``store.connect``.
        as_of: The moment to which it is true; an aware datetime, now by default.

    Returns:
        A few sentences.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    at = (as_of or datetime.now(timezone.utc)).astimezone(timezone.utc)
    of = ask(client, "review/review_capacity", as_of=at)[0]
    if not of["minutes_per_week"]:
        return (
            "No review time is planned (OTEL_AI_FEEDBACK_REVIEW_MINUTES_PER_WEEK is 0), so every "
            "feature is sampled, and the quality score uses the reviews that are done."
        )
    measured = (
        f"the pace of the last {of['timed_items']} reviews"
        if of["timed_items"] >= _ENOUGH_TIMED
        else f"assumed until {_ENOUGH_TIMED} reviews are timed"
    )
    said = (
        f"{number(of['minutes_per_week'])} minutes of review a week at "
        f"{count(of['seconds_per_item'])} s per answer ({measured}) cover "
        f"{plural(of['items_per_week'], 'answer')}. 85% of them become first reviews, and a "
        "quality score needs 50 in 28 days: enough for "
        f"{plural(of['groups_in_28_days'], 'feature')}."
    )
    if not of["groups"]:
        return f"{said} No features are known from earlier weeks yet, so all are sampled."
    known = f"{'There is' if of['groups'] == 1 else 'There are'} {plural(of['groups'], 'feature')}"
    if not of["waiting"]:
        return f"{said} {known}, all of them sampled."
    turn = ", ".join("/".join(filter(None, name)) for name in of["drawn_names"]) or "none"
    return (
        f"{said} {known}, so they take turns of {plural(of['weeks_at_once'], 'week')}, the least "
        f"reviewed first. Week of {of['week']}: {turn}. "
        "The view quality_pooled has the score of all together. More minutes "
        "(OTEL_AI_FEEDBACK_REVIEW_MINUTES_PER_WEEK), or fewer features, give each its own."
    )


def explain(client: Client, output_id: str, as_of: datetime | None = None) -> str:
    """Say why an output is or is not in the sample.

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
    found = ask(client, "review/draw_of_output", output_id=output_id, as_of=at)
    if not found:
        return (
            "Not sampled: the store has no delivered output with this id. A model call that was "
            "not shown to a user, such as a step of an agent, is not an output; nor is a "
            "duplicate span."
        )
    of = found[0]
    feature = "/".join(filter(None, (of["service"], of["environment"], of["feature"])))
    answers = f"{of['group_drawn']} of {plural(of['group_outputs'], 'answer')}"
    if of["is_drawn"]:
        return (
            f"Sampled on {of['day']} as one of {answers} of {feature}. Answers with the outcome "
            f"{of['stratum']} were sampled with probability {number(of['inclusion_probability'])}. "
            f"Place in the review order: u = {number(of['u'])}, the lowest first."
        )
    if of["class"] == "failed":
        return "Not sampled: it failed, so there is no text. Failures have their own signal."
    if of["is_outside_of_lot"]:
        return (
            "Not sampled: only a random sample of answers keeps its text "
            "(OTEL_AI_FEEDBACK_REVIEW_TEXT), and this one is not in it."
        )
    if not of["matured"]:
        return f"Not sampled yet: user actions still arrive until {utc_minute(of['matured_at'])}."
    if not of["day_is_closed"]:
        return f"Not sampled yet: {of['day']} is sampled an hour after it has ended."
    if not of["group_outputs"]:
        return (
            f"Not sampled: no answer of {feature} was considered on {of['day']}. Either sampling "
            f"has not run since, or the environment {of['environment'] or '(none)'} is excluded "
            "(setting OTEL_AI_FEEDBACK_ENVIRONMENTS)."
        )
    if not of["threshold"]:
        return (
            f"Not sampled: on {of['day']} it was not the turn of {feature}. There are more "
            "features than the planned review time covers; `draw --explain` without an id says "
            "how many."
        )
    return (
        f"Not sampled: {answers} of {feature} were sampled on {of['day']}. Its random key is "
        f"{number(of['uniform'])}; outcomes sampled at rate 1 had a threshold of "
        f"{number(of['threshold'])}. Or it arrived after that day was sampled."
    )
