"""What is on the screen while an output is read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from otel_ai_feedback.pages import Questions
from otel_ai_feedback.review.conversation_text import Exchange, Reader
from otel_ai_feedback.setting_values import OUTPUT_URL_IDS
from otel_ai_feedback.store.ask import Row


@dataclass(frozen=True)
class Item:
    """An output to read; nothing of what its user did.

    Attributes:
        output_id: Its id.
        output: The row of ``item``; ``None`` when it is not there any more.
        exchange: Its text.
        link: Where the user's own log has it, if that is configured and the ids are known.
        week: Monday of the week it was sampled for, ``None`` when it was not sampled.
        closed: Whether that week has ended.
    """

    output_id: str
    output: Row | None
    exchange: Exchange
    link: str | None
    week: Any
    closed: bool


class Items:
    """Finds what is shown of an output.

    Args:
        questions: Asks the store for this room.
        reader: Finds texts in raw rows.
        url: Address of the user's own log, with the names of ids in braces; ``None`` for none.
    """

    def __init__(self, questions: Questions, reader: Reader, url: str | None) -> None:
        self._questions = questions
        self._reader = reader
        self._url = url

    async def find(self, output_id: str, now: datetime) -> Item:
        """What is shown before the verdict.

        Args:
            output_id: Which output.
            now: The time, aware.
        """
        output, drawn = await asyncio.gather(
            self._output(output_id),
            self._questions.ask("review/draw_of_item", output_id=output_id, as_of=now),
        )
        exchange = Exchange(None)
        if output is not None:
            place = {
                "trace_id": output["trace_id"],
                "span_id": output["span_id"],
                "day": output["output_day"],
            }
            exchange = self._reader(
                *await asyncio.gather(
                    self._questions.ask(
                        "review/raw_spans", **place, output_hash=output["output_hash"]
                    ),
                    self._questions.ask("review/raw_logs", **place),
                )
            )
        return Item(
            output_id,
            output,
            exchange,
            link(self._url, output) if output else None,
            drawn[0]["week"] if drawn else None,
            bool(drawn and drawn[0]["closed"]),
        )

    async def reactions(self, output_id: str) -> list[Row]:
        """What its user did, in the order in which it happened: for after the verdict only."""
        span, day = await self._place(output_id)
        return (
            await self._questions.ask("review/reactions", **span, day=day)
            if day is not None
            else []
        )

    async def _output(self, output_id: str) -> Row | None:
        span, day = await self._place(output_id)
        found = await self._questions.ask("review/item", **span, day=day) if day is not None else []
        return found[0] if found else None

    async def _place(self, output_id: str) -> tuple[dict[str, str], date | None]:
        trace_id, _, span_id = output_id.partition("-")
        span = {"trace_id": trace_id, "span_id": span_id}
        days = await self._questions.ask("pages/output_day", **span)
        return span, days[0]["day"] if days else None


def link(url: str | None, output: Mapping[str, Any]) -> str | None:
    """Address of an output in the user's own log; ``None`` when it lacks an id for it."""
    if url is None:
        return None
    for name in OUTPUT_URL_IDS:
        field = "{" + name + "}"
        if field in url:
            if not output[name]:
                return None
            url = url.replace(field, quote(str(output[name]), safe=""))
    return url
