"""How often is an edited fragment linked to the answer it was taken from? Prints one JSON line.

Real answers of language models (``results.jsonl`` of the crowdsourced LLM benchmark by LLMonitor,
CC BY 4.0; any file of JSON lines with ``prompt`` and ``result`` will do) stand in for those of a
session, 20 at a time:

- ``session``: answers to any of the prompts,
- ``same_question``: answers of different models to one prompt, which share phrases.

From one of the 20 a fragment is cut at words and a share of its words replaced by others. ``found``
is linked to the right answer, ``wrong`` to another that does not hold the uncut fragment as well,
``wrong_unflagged`` is the part of these that is not marked ambiguous; ``wrong_when_absent`` is how
often a fragment is linked although its answer is not among the candidates.

``everybody`` is what a search through the outputs of all users would do: how often is a fragment of
120 characters, 15 % edited, linked although none of the answers, to whatever prompt, holds it?

``cpu_us_per_kb`` is what the worker spends on 1,000 characters of an answer, ``match_us`` on
comparing one fragment with 20 answers.

    python bench/fragments.py --data results.jsonl
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from otel_ai_feedback.capture.text.fragments import (
    MAX_CANDIDATES,
    best_matches,
    fingerprints,
    fold,
)

KEY = b"k" * 32
TRIALS = 4000
LENGTHS = (60, 120, 240)
EDITED = (0.0, 0.15, 0.30)
MIN_LENGTH = 300


def made_up() -> list[tuple[int, str]]:
    """Answers of random words."""
    words = ["".join(random.choices("abcdefghij", k=random.randint(2, 9))) for _ in range(500)]
    return [(number % 2, " ".join(random.choices(words, k=90))) for number in range(60)]


def fragment_of(text: str, length: int) -> str:
    """About so many characters of a text, from the beginning of a word to the end of one."""
    start = random.randrange(len(text) - length + 1)
    start = text.find(" ", start) + 1 if start else 0
    return text[start : start + length].rpartition(" ")[0].strip() or text[start : start + length]


def edited(fragment: str, share: float, vocabulary: list[str]) -> str:
    """The fragment with a share of its words replaced."""
    words = fragment.split()
    for place in random.sample(range(len(words)), round(share * len(words))):
        words[place] = random.choice(vocabulary)
    return " ".join(words)


def accuracy(
    pools: list[list[str]],
    known: Mapping[str, Sequence[int]],
    length: int,
    share: float,
    trials: int,
) -> dict[str, float]:
    """Rates over many fragments, each of an answer from one of the pools."""
    vocabulary = [word for text in known for word in text.split()]
    found = wrong = unflagged = absent = 0
    for _ in range(trials):
        candidates = random.sample(random.choice(pools), MAX_CANDIDATES)
        source = random.choice(candidates)
        uncut = fragment_of(source, length)
        prints = fingerprints(edited(uncut, share, vocabulary), KEY)
        best = best_matches(prints, [(text, known[text]) for text in candidates])
        if best and best[0] == source:
            found += 1
        elif best and fold(uncut) not in fold(best[0]):
            wrong += 1
            unflagged += len(best) == 1
        others = [text for text in candidates if fold(uncut) not in fold(text)]
        absent += bool(best_matches(prints, [(text, known[text]) for text in others]))
    counts = {"found": found, "wrong": wrong, "wrong_unflagged": unflagged,
              "wrong_when_absent": absent}  # fmt: skip
    return {name: round(count / trials, 4) for name, count in counts.items()}


def among_everybodys(known: Mapping[str, Sequence[int]], trials: int) -> float:
    """Share of the fragments that are linked to another's answer, their own being unknown."""
    vocabulary = [word for text in known for word in text.split()]
    folded = {text: fold(text) for text in known}
    linked = 0
    for _ in range(trials):
        uncut = fragment_of(random.choice(list(known)), 120)
        prints = fingerprints(edited(uncut, 0.15, vocabulary), KEY)
        others = [(text, known[text]) for text in known if fold(uncut) not in folded[text]]
        linked += bool(best_matches(prints, others))
    return round(linked / trials, 4)


def main() -> None:
    """Fingerprint all answers, then cut, edit and match."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="results.jsonl; made-up answers without")
    parser.add_argument("--smoke", action="store_true", help="run, but not long enough to measure")
    options = parser.parse_args()
    random.seed(1)
    if options.data is None:
        answers = made_up()
    else:
        rows = [json.loads(line) for line in options.data.open()]
        answers = [(row["prompt"], row["result"]) for row in rows]
    answers = [(prompt, text) for prompt, text in answers if len(text) >= MIN_LENGTH]
    trials = 20 if options.smoke else TRIALS

    start = time.process_time_ns()
    known = {text: fingerprints(text, KEY) for _, text in answers}
    cpu = time.process_time_ns() - start
    characters = sum(map(len, known))

    by_prompt: dict[int, list[str]] = defaultdict(list)
    for prompt, text in dict.fromkeys(answers):
        by_prompt[prompt].append(text)
    pools = {
        "session": [list(known)],
        "same_question": [texts for texts in by_prompt.values() if len(texts) >= MAX_CANDIDATES],
    }
    rates = {
        f"{name}_{length}_characters_{share:.0%}_edited": accuracy(
            pool, known, length, share, trials
        )
        for name, pool in pools.items()
        for length in LENGTHS
        for share in EDITED
    }
    some = random.sample(list(known), MAX_CANDIDATES)
    prints = fingerprints(fragment_of(some[0], 120), KEY)
    start = time.process_time_ns()
    for _ in range(trials):
        best_matches(prints, [(text, known[text]) for text in some])
    match = time.process_time_ns() - start
    result = {
        "bench": "fragments",
        "python": platform.python_version(),
        "real_answers": options.data is not None,
        "answers": len(known),
        "candidates": MAX_CANDIDATES,
        "trials": trials,
        "cpu_us_per_kb": round(cpu / characters, 1),
        "match_us": round(match / trials / 1000, 1),
        "fingerprints_per_kb": round(1000 * sum(map(len, known.values())) / characters),
        **rates,
        "everybody_linked_when_absent": among_everybodys(known, max(trials // 10, 20)),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
