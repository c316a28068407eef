"""The demo's own story: four weeks of a shop's support service with two features.

``support-chat`` answers customers and ``ticket-summary`` writes summaries for the staff, each with
two models. Release 1.3.0 makes the summaries too long and is repaired by 1.3.1; release 1.4.0 makes
one of the two models of the chat worse. Nothing says so but what people do with the answers and
what reviewers find in them: whether and when a rule finds it is up to the rules.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from typing import Any, Final, Literal

from otel_ai_feedback.demo.corpus import Answer, Corpus
from otel_ai_feedback.demo.identifiers import derived_id
from otel_ai_feedback.demo.story import Chapter, Fix, Run

SERVICE: Final = "demo-support"
CHAT: Final = "support-chat"
SUMMARY: Final = "ticket-summary"

_DAY: Final = 86_400
_HOUR: Final = 3_600
# The service itself runs for so long before the end; what came before is recorded.
_LIVE_SECONDS: Final = 8 * _HOUR

_QUALITY: Final[Mapping[str, float]] = {"good": 0.94, "fair": 0.62, "poor": 0.06}
# How often a model gives a good, a fair and a poor answer, or none.
_MIX: Final[Mapping[str, tuple[float, float, float, float]]] = {
    "finch-large": (0.82, 0.13, 0.04, 0.01),
    "finch-medium": (0.72, 0.19, 0.08, 0.01),
    "finch-small": (0.76, 0.16, 0.07, 0.01),
    "finch-medium, worse": (0.24, 0.25, 0.50, 0.01),
    "finch-small, worse": (0.58, 0.21, 0.20, 0.01),
    "finch-large, worse": (0.60, 0.20, 0.19, 0.01),
}
_NS_PER_CHARACTER: Final[Mapping[str, int]] = {
    "finch-large": 14_000_000,
    "finch-medium": 7_000_000,
    "finch-small": 3_000_000,
}
_FIRST_TOKEN_NS: Final = 350_000_000


@dataclass(frozen=True)
class Feature:
    """One feature of the service.

    Attributes:
        name: As ``ai_feedback.feature`` says it.
        models: Those it uses, each for as many answers as the others.
        answers_a_day: How many questions people come with; they ask some of them again.
        people: How many use it.
        provokes: What most people do with one of its poor answers.
    """

    name: str
    models: tuple[str, ...]
    answers_a_day: int
    people: int
    provokes: Literal["reask", "edit"]


@dataclass(frozen=True)
class Release:
    """One version of the service.

    Attributes:
        version: Which.
        hours: When it goes out, before the last midnight (UTC) of the window.
        worse: The features and models whose answers it makes worse.
        repairs: The feature that it repairs, why that was broken, and what was done.
    """

    version: str
    hours: int
    worse: frozenset[tuple[str, str]] = frozenset()
    repairs: tuple[str, str, str] | None = None


FEATURES: Final = (
    Feature(CHAT, ("finch-large", "finch-medium"), 180, 260, "reask"),
    Feature(SUMMARY, ("finch-small", "finch-large"), 165, 60, "edit"),
)
RELEASES: Final = (
    Release("1.2.0", 10_000),
    Release("1.3.0", 13 * 24 - 5, frozenset({(SUMMARY, "finch-small"), (SUMMARY, "finch-large")})),
    Release(
        "1.3.1",
        8 * 24 - 10,
        repairs=(SUMMARY, "prompt", "1.3.1 takes back the new prompt: summaries are short again."),
    ),
    Release("1.4.0", 5 * 24 - 7, frozenset({(CHAT, "finch-medium")})),
)


class SupportStory:
    """Four weeks of it; a shorter window has the end of them."""

    service: Final = SERVICE

    @cached_property
    def digest(self) -> str:
        """Changes with texts, releases or features."""
        return derived_id(json.dumps(_texts(), sort_keys=True), repr(RELEASES), repr(FEATURES))

    def chapters(self, run: Run) -> Sequence[Chapter]:
        """One a release, and one more for the time in which the service runs."""
        starts = [max(run.start, _time(release, run)) for release in RELEASES]
        live_from = max(run.start, run.end - _LIVE_SECONDS)
        chapters = []
        for release, start, end in zip(RELEASES, starts, [*starts[1:], run.end], strict=True):
            for since, until, live in (
                (start, min(end, live_from), False),
                (max(start, live_from), end, True),
            ):
                if since < until:
                    corpora = tuple(corpus(feature, release, since, until) for feature in FEATURES)
                    chapters.append(Chapter(since, until, corpora, live))
        return chapters

    def fixes(self, run: Run) -> Sequence[Fix]:
        """Those of the releases within the window."""
        return [
            Fix(_time(release, run), *release.repairs)
            for release in RELEASES
            if release.repairs and _time(release, run) >= run.start
        ]


def corpus(feature: Feature, release: Release, since: int, until: int) -> Corpus:
    """What a feature of a release answers within some time, the same on every call."""
    questions = _texts()[feature.name]
    rng = random.Random(f"{feature.name} {release.version}")  # noqa: S311 - a simulation
    answers = []
    for _ in range(max(1, round(feature.answers_a_day * (until - since) / _DAY))):
        model = rng.choice(feature.models)
        mix = _MIX[f"{model}, worse" if (feature.name, model) in release.worse else model]
        kind = rng.choices(("good", "fair", "poor", ""), mix)[0]
        answers.append(_answer(rng.choice(questions), kind, model, feature, rng))
    return Corpus(SERVICE, release.version, answers, feature.name, feature.people)


def _answer(
    question: Mapping[str, str], kind: str, model: str, feature: Feature, rng: random.Random
) -> Answer:
    text = question.get(kind, "")
    answer = Answer(
        prompt=question["prompt"],
        model=model,
        text=text,
        duration_ns=_FIRST_TOKEN_NS + len(text) * _NS_PER_CHARACTER[model],
        quality=_QUALITY.get(kind, 0.0),
        flaw=question["mode"] if kind == "poor" else "",
        provokes=feature.provokes if kind == "poor" else "",
    )
    return answer if text or rng.random() < 0.5 else replace(answer, status=503)


def _time(release: Release, run: Run) -> int:
    return run.end // _DAY * _DAY - release.hours * _HOUR


def _texts() -> dict[str, Any]:
    source = files("otel_ai_feedback.demo").joinpath("own.json").read_text(encoding="utf-8")
    texts: dict[str, Any] = json.loads(source)
    return texts
