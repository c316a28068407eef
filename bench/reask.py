"""How well does the store see from two sketches that a question was asked again? One JSON line.

``sketch``: over all pairs of the questions, the error of the similarity that the view
``turn_pairs`` gives against the true Jaccard similarity of the grams: its mean, its
root mean square beside that of the formula sqrt(J (1 - J) / 128), the same near the threshold of
.30 (``near``: J from .2 to .4), and the share of these that fall on the wrong side of it.

Then the rule itself. Each pair of questions is a conversation of two turns a minute apart, sent as
the spans and events that capture makes, and decided by the view. The first questions are the
prompts of LLMonitor's crowdsourced benchmark (``prompts.jsonl``; without it, a few of our own);
what follows is of our own making (``reask_turns.json``):

- ``reworded``, ``refined``: the same need again, in other words, or with more said (``asked_again``
  should be high);
- ``complaint``: the need again, by naming the failure ("This is wrong, please try again");
- ``similar``: another task of the same form; ``follow_up``: the conversation goes on; ``next``: any
  other question (``asked_again`` should be low);
- ``next_in_template``: two different questions, each in one long template, as retrieval puts them;
- ``dense``: the same need again in Chinese, Japanese, Thai and Korean (should be high);
  ``dense_next``: another need in these (low);
- ``generic``: "continue" and its like, twice (should be 0);
- ``long_again``: a page of our documentation as a question, and one with a sentence more (high);
  ``long_next``: two pages, of 2,000 to 4,000 characters; ``longer_next``: of 4,000 to 8,000 (low).

    python bench/reask.py --data prompts.jsonl
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import combinations, permutations
from pathlib import Path
from typing import Any, Final, NamedTuple

from otel_ai_feedback import attributes as names
from otel_ai_feedback import config, store
from otel_ai_feedback.capture.details import InputKeys, describe
from otel_ai_feedback.capture.text.sketch import BINS, grams
from otel_ai_feedback.store import facts

TURNS: Final = Path(__file__).with_name("reask_turns.json")
PAGES: Final = Path(__file__).parents[1] / "docs"
KEYS: Final = InputKeys(hash=b"h" * 32, min_length=0, sketch=b"s" * 32)
START: Final = 1_795_464_000
THRESHOLD: Final = 0.3
SMOKE_PAIRS: Final = 60
LONG: Final = 2_000


class Pair(NamedTuple):
    """Two questions of one conversation, and what the second is to the first."""

    kind: str
    first: str
    second: str


def questions_of(turns: dict[str, Any], data: Path | None) -> dict[str, dict[str, Any]]:
    """First questions, each with what people ask after it."""
    if data is None:
        return {entry["question"]: entry for entry in turns["own"]}
    prompts = [json.loads(line) for line in data.open(encoding="utf-8")]
    known = turns["by_slug"]
    return {prompt["text"]: known[prompt["slug"]] for prompt in prompts if prompt["slug"] in known}


def pairs_of(turns: dict[str, Any], questions: dict[str, dict[str, Any]]) -> Iterator[Pair]:
    """All conversations of two turns."""
    for named in turns["named"]:
        yield Pair("named", *named["turns"])
    for question, after in questions.items():
        for kind in ("reworded", "refined", "similar"):
            for second in after[kind]:
                yield Pair(kind, question, second)
        for second in turns["complaints"]:
            yield Pair("complaint", question, second)
        for second in turns["follow_ups"]:
            yield Pair("follow_up", question, second)
    template = turns["template"]
    for first, second in permutations(questions, 2):
        yield Pair("next", first, second)
        yield Pair("next_in_template", template + first, template + second)
    for kind in ("dense", "dense_next"):
        for two in turns[kind]:
            yield Pair(kind, *two)
    for turn in turns["generic"]:
        yield Pair("generic", turn, turn)
    pages = [path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.md"))]
    for kind, length in (("long_next", 4_000), ("longer_next", 8_000)):
        long = [page[:length] for page in pages if len(page) >= length / 2]
        for two in combinations(long, 2):
            yield Pair(kind, *two)
    for page in pages:
        yield Pair("long_again", page, f"{page} Please say it in fewer words.")


def identity(*parts: object) -> str:
    """32 hexadecimal digits."""
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def insert(client: Any, pairs: Sequence[Pair]) -> None:
    """Two turns for each pair, as capture and the Collector's exporter make them."""
    spans, logs = [], []
    for number, pair in enumerate(pairs):
        for turn, question in enumerate(pair[1:]):
            start = START + 60 * turn
            trace_id, span_id = identity(number, turn), identity(number, turn)[:16]
            common = {
                "Timestamp": start,
                "TraceId": trace_id,
                "SpanId": span_id,
                "ServiceName": "bench",
                "ResourceAttributes": {names.BACKFILL: "true"},
            }
            attributes = {
                names.OUTPUT_TIME: str(start),
                names.REQUEST_SPAN_ID: span_id,
                names.OUTPUT_HASH: f"hmac-sha256:{trace_id}",
                names.CONVERSATION_ID: str(number),
            }
            spans.append(common | {"SpanAttributes": attributes, "Duration": 5_000_000_000})
            details = describe(question, KEYS) | {names.OUTPUT_TIME: str(start)}
            logs.append(
                common | {"EventName": names.EVENT_OUTPUT_DETAILS, "LogAttributes": details}
            )
    for table, rows in (("otel_traces", spans), ("otel_logs", logs)):
        lines = "\n".join(map(json.dumps, rows)).encode()
        client.raw_insert(table, list(rows[0]), lines, fmt="JSONEachRow")


def decided(pairs: Sequence[Pair]) -> dict[int, tuple[float | None, str]]:
    """Similarity and decision for each pair, as the conversations of a store of their own."""
    with tempfile.TemporaryDirectory() as directory:
        settings = config.load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": directory})
        client = store.connect(settings.store)
        store.migrate(client, settings)
        insert(client, pairs)
        facts.catch_up(client)
        query = "select conversation_id, similarity, action from turn_pairs"
        rows = client.query(query).result_rows
        client.close()
    return {int(conversation): (similarity, action) for conversation, similarity, action in rows}


def jaccard(one: str, other: str) -> float:
    """The true similarity of two questions, as the definition of a re-ask has it."""
    a, b = grams(one), grams(other)
    return len(a & b) / len(a | b)


def sketch_errors(compared: Iterable[tuple[float, float]]) -> dict[str, float]:
    """How far the estimates are from the truth.

    Args:
        compared: True similarity and estimate of each pair.
    """
    found = list(compared)
    near = [(truth, estimate) for truth, estimate in found if 0.2 <= truth <= 0.4]

    def root_mean_square(values: Iterable[float]) -> float:
        squares = [value * value for value in values]
        return math.sqrt(sum(squares) / len(squares)) if squares else math.nan

    wrong = sum((truth >= THRESHOLD) != (estimate >= THRESHOLD) for truth, estimate in near)
    errors = {
        "pairs": len(found),
        "mean": sum(estimate - truth for truth, estimate in found) / len(found),
        "rms": root_mean_square(estimate - truth for truth, estimate in found),
        "formula_rms": root_mean_square(math.sqrt(t * (1 - t) / BINS) for t, _ in found),
        "near_pairs": len(near),
        "near_rms": root_mean_square(estimate - truth for truth, estimate in near),
        "near_wrong_side": wrong / len(near) if near else math.nan,
    }
    return {name: round(value, 4) for name, value in errors.items()}


def main() -> None:
    """Send all conversations, and compare what the view says with what they are."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="prompts.jsonl; our own questions without")
    parser.add_argument("--smoke", action="store_true", help="a few pairs only")
    options = parser.parse_args()
    turns = json.loads(TURNS.read_text(encoding="utf-8"))
    questions = questions_of(turns, options.data)
    pairs = list(pairs_of(turns, questions))
    if options.smoke:
        pairs = pairs[:SMOKE_PAIRS]
    found = decided(pairs)
    # Any two of the questions: more pairs for the error than make sense as a conversation.
    texts = sorted({text for pair in pairs for text in pair[1:] if len(text) < LONG})
    every = [Pair("any", *two) for two in combinations(texts, 2)]
    estimates = decided(every)

    rule: dict[str, dict[str, float]] = {}
    for number, pair in enumerate(pairs):
        counts = rule.setdefault(pair.kind, {"pairs": 0, "asked_again": 0})
        counts["pairs"] += 1
        counts["asked_again"] += found[number][1] == "reask"
    for counts in rule.values():
        counts["asked_again"] = round(counts["asked_again"] / counts["pairs"], 3)
    named = [
        {
            "label": entry["label"],
            "jaccard": round(jaccard(*entry["turns"]), 3),
            "similarity": round(found[number][0] or 0.0, 3),
            "asked_again": found[number][1] == "reask",
        }
        for number, entry in enumerate(turns["named"])
    ]
    del rule["named"]
    compared = (
        (jaccard(pair.first, pair.second), estimate)
        for number, pair in enumerate(every)
        if (estimate := estimates[number][0]) is not None
    )
    result = {
        "bench": "reask",
        "python": platform.python_version(),
        "real_prompts": options.data is not None,
        "questions": len(questions),
        "sketch": sketch_errors(compared),
        "named": named,
        "rule": rule,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
