"""Replay of the LLMonitor crowdsourced benchmark: real answers, judged by real people.

The directory holds ``results.jsonl`` (model, prompt id, answer, duration in ms), ``prompts.jsonl``
(id, text) and ``crowd-comparisons.csv`` (which of two models answered a prompt better).
"""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.demo.corpus import Answer, Corpus

SERVICE: Final = "llmonitor-replay"
_FILES: Final = ("results.jsonl", "prompts.jsonl", "crowd-comparisons.csv")

# Few people judged each answer, so its share is shrunk towards its model's, and that towards a
# half, as if so many more judgements had said exactly that.
_MODEL_PRIOR: Final = 10.0
_ANSWER_PRIOR: Final = 6.0
_POINTS: Final[Mapping[str, float]] = {"left": 1.0, "tie": 0.5, "right": 0.0}


def read(directory: Path) -> Corpus:
    """Read the benchmark.

    Args:
        directory: Where its three files are.

    Raises:
        ConfigError: When a file is missing, unreadable or not what its name says.
    """
    missing = [name for name in _FILES if not (directory / name).is_file()]
    if missing:
        raise ConfigError([f"--replay: {directory} has no {' and no '.join(missing)}"])
    try:
        prompts = {line["id"]: str(line["text"]) for line in _lines(directory / "prompts.jsonl")}
        results = list(_lines(directory / "results.jsonl"))
        shares = win_shares(directory / "crowd-comparisons.csv")
        answers = [
            Answer(
                prompt=prompts[result["prompt"]],
                model=str(result["name"]),
                text=str(result["result"]),
                duration_ns=int(float(result["duration"]) * 1e6),
                quality=shares(int(result["model"]), int(result["prompt"])),
            )
            for result in results
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            [f"--replay: {directory} is not the LLMonitor data set ({error!r})"]
        ) from None
    # The file is sorted by model; people meet models at random.
    random.Random(SERVICE).shuffle(answers)  # noqa: S311 - an order, not a secret
    return Corpus(SERVICE, "1.0.0", answers)


class WinShares:
    """Share of comparisons won, by model and by answer, each shrunk towards the better known."""

    def __init__(self) -> None:
        self._models: defaultdict[int, list[float]] = defaultdict(list)
        self._answers: defaultdict[tuple[int, int], list[float]] = defaultdict(list)

    def add(self, model: int, prompt: int, points: float) -> None:
        """Count one judgement: 1 for a win, .5 for a tie, 0 for a loss."""
        self._models[model].append(points)
        self._answers[model, prompt].append(points)

    def __call__(self, model: int, prompt: int) -> float:
        """Estimated share of comparisons that this answer wins, between 0 and 1."""
        share = _drawn_towards(0.5, _MODEL_PRIOR, self._models.get(model, []))
        return _drawn_towards(share, _ANSWER_PRIOR, self._answers.get((model, prompt), []))


def win_shares(path: Path) -> WinShares:
    """Read the pairwise judgements."""
    shares = WinShares()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            points, prompt = _POINTS[row["winner"]], int(row["prompt"])
            shares.add(int(row["model_x"]), prompt, points)
            shares.add(int(row["model_y"]), prompt, 1.0 - points)
    return shares


def _drawn_towards(prior: float, weight: float, points: list[float]) -> float:
    return (sum(points) + weight * prior) / (len(points) + weight)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
