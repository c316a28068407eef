"""The demo's own small set: twelve questions, three answers each, three models.

``finch-large`` is good, ``finch-small`` is not, and ``finch-medium`` gets worse without notice in
the last third of the window, as models behind an API do. Nobody says so: it has to show in what
people do with its answers.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from otel_ai_feedback.demo.corpus import Answer, Corpus

SERVICE: Final = "demo-chat"
ANSWERS: Final = 720
FADES_AT: Final = 2 / 3

_QUALITY: Final[Mapping[str, float]] = {"good": 0.92, "fair": 0.55, "poor": 0.08}
# How often a model gives a good, a fair and a poor answer, or none.
_MIX: Final[Mapping[str, tuple[float, float, float, float]]] = {
    "finch-large": (0.84, 0.14, 0.02, 0.0),
    "finch-medium": (0.66, 0.26, 0.07, 0.01),
    "finch-medium (faded)": (0.08, 0.28, 0.60, 0.04),
    "finch-small": (0.24, 0.42, 0.31, 0.03),
}
_NS_PER_CHARACTER: Final[Mapping[str, int]] = {
    "finch-large": 14_000_000,
    "finch-medium": 7_000_000,
    "finch-small": 3_000_000,
}
_FIRST_TOKEN_NS: Final = 350_000_000


def corpus() -> Corpus:
    """The set, the same on every call."""
    source = files("otel_ai_feedback.demo").joinpath("own.json").read_text(encoding="utf-8")
    questions = json.loads(source)
    rng = random.Random(SERVICE)  # noqa: S311 - a simulation
    answers = []
    for place in range(ANSWERS):
        question = questions[rng.randrange(len(questions))]
        model = rng.choice(list(_NS_PER_CHARACTER))
        fades = model == "finch-medium" and place >= ANSWERS * FADES_AT
        weights = _MIX[f"{model} (faded)" if fades else model]
        kind = rng.choices(("good", "fair", "poor", "none"), weights)[0]
        text = question.get(kind, "")
        answers.append(
            Answer(
                prompt=question["prompt"],
                model=model,
                text=text,
                duration_ns=_FIRST_TOKEN_NS + len(text) * _NS_PER_CHARACTER[model],
                quality=_QUALITY.get(kind, 0.0),
                status=503 if not text and rng.random() < 0.5 else 200,
            )
        )
    return Corpus(SERVICE, "1.0.0", answers)
