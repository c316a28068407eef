"""What the demo's models answer, and how good each answer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from otel_ai_feedback.demo.identifiers import derived_id


@dataclass(frozen=True)
class Answer:
    """One model's answer to one prompt.

    Attributes:
        prompt: What a person asks.
        model: Name of the model.
        text: What it answers; may be empty.
        duration_ns: Time the call takes.
        quality: Probability that a person is content with it, from 0 to 1.
        status: HTTP status of the call; anything but 200 is an error without text.
        flaw: What a careful reader would say is wrong with it; empty when nothing is.
        provokes: What most people do who are not content with it; empty for nothing in particular.
    """

    prompt: str
    model: str
    text: str
    duration_ns: int
    quality: float
    status: int = 200
    flaw: str = ""
    provokes: Literal["", "reask", "edit"] = ""


@dataclass(frozen=True)
class Corpus:
    """The answers of a demo, in the order in which people will come upon them.

    Attributes:
        service: Name of the chat service, as ``service.name`` says it.
        version: Its release.
        answers: Every one is delivered at least once.
        feature: Which feature of the service gives them.
        people: How many people use it; by default one for eight answers.
    """

    service: str
    version: str
    answers: Sequence[Answer]
    feature: str = "chat"
    people: int | None = None

    @cached_property
    def digest(self) -> str:
        """Changes with anything in the corpus."""
        return derived_id(self.service, self.version, self.feature, *map(repr, self.answers))

    def others(self, answer: Answer) -> list[Answer]:
        """Answers of other models to the same prompt, each text once."""
        return [
            other
            for other in self._by_prompt[answer.prompt]
            if other.model != answer.model and other.text != answer.text
        ]

    @cached_property
    def _by_prompt(self) -> dict[str, list[Answer]]:
        found: dict[str, dict[Answer, None]] = {}
        for answer in self.answers:
            found.setdefault(answer.prompt, {})[answer] = None
        return {prompt: list(distinct) for prompt, distinct in found.items()}
