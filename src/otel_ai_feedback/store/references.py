"""The questions that a team tests with, as sketches: what an output's question is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store.statements import statement


@dataclass(frozen=True)
class Prompt:
    """A question without its text.

    Attributes:
        sketch: The keyed sketch that capture makes of a question, 256 hexadecimal digits.
        length: Number of characters of the question.
        language: As its author names it, or empty.
    """

    sketch: str
    length: int
    language: str = ""


def replace(
    client: Client, name: str, prompts: Iterable[Prompt], *, service: str = "", feature: str = ""
) -> int:
    """Put a set of questions in the place of the one that had this name.

    Readers see the old set or the new one, never a part. What was counted of the last
    four weeks is recounted by the next run of the jobs.

    Args:
        client: From ``connect``, with the right to insert.
        name: Name of the set.
        prompts: Its questions; of those with the same sketch one is kept.
        service: The service that is tested with them; every one when empty.
        feature: Likewise.

    Returns:
        How many questions the set has now.

    Raises:
        ValueError: There is no question; an empty set would take away what is compared with.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    distinct = {prompt.sketch: prompt for prompt in prompts}
    if not distinct:
        raise ValueError("there must be at least one question")
    version, imported_at = client.query(
        statement("store/raw/reference_prompts.next").text
    ).result_rows[0]
    client.insert(
        "reference_prompts",
        [
            [
                name, version, service, feature, prompt.sketch, prompt.length, prompt.language,
                imported_at,
            ]
            for prompt in distinct.values()
        ],
        column_names=[
            "set_name", "version", "service", "feature", "sketch", "length", "language",
            "imported_at",
        ],
    )  # fmt: skip
    return len(distinct)
