"""Whether what was sampled can be read."""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.ask import ask


def lacking_text(client: Client) -> str | None:
    """What to do when recently sampled outputs have no text; ``None`` when they have.

    Args:
        client: From ``store.connect``.
    """
    found = ask(client, "review/text_of_draw")[0]
    outputs, with_text = found["outputs"], found["with_text"]
    if not outputs or with_text >= 0.9 * outputs:
        return None
    return (
        f"{outputs - with_text} of {outputs} recently sampled answers have no text in the store: "
        "reviewers need a link to your own log (OTEL_AI_FEEDBACK_OUTPUT_URL), or "
        "text on the spans: OTEL_AI_FEEDBACK_REVIEW_TEXT=sample in the service adds that of a "
        "random sample of outputs"
    )
