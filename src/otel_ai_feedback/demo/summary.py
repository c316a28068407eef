"""What the store says about a demo, held against what the demo knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.capture.linking.keys import load_key
from otel_ai_feedback.capture.text.hashing import hash_normalised
from otel_ai_feedback.capture.text.normalise import normalise
from otel_ai_feedback.config import Settings
from otel_ai_feedback.demo.model_server import response_id
from otel_ai_feedback.demo.story import Run
from otel_ai_feedback.demo.truth import Truth
from otel_ai_feedback.store.ask import Row, ask
from otel_ai_feedback.store.rates import Rate

LINKED_SHARE: Final = 0.999


@dataclass(frozen=True)
class Summary:
    """Counts in the store, and where they differ from the truth.

    Attributes:
        outputs: Delivered outputs of this demo that the store has.
        actions: Actions that the store has, those it derived itself included.
        linked_share: Share of the actions that are linked to an output.
        lost_outputs: Outputs that the store lacks.
        lost_actions: Actions that it lacks; re-asks and regenerations included.
        wrong_links: Actions linked to another output than they were done to, or never done.
        wrong_hashes: Outputs whose hash is not that of their text.
        rates: By series.
        classes: Outputs by class.
    """

    outputs: int
    actions: int
    linked_share: float
    lost_outputs: int
    lost_actions: int
    wrong_links: int
    wrong_hashes: int
    rates: Mapping[str, Rate]
    classes: Mapping[str, int]

    @property
    def true(self) -> bool:
        """Whether the store says what happened, no more and no less."""
        return self.linked_share >= LINKED_SHARE and not (
            self.lost_outputs or self.lost_actions or self.wrong_links or self.wrong_hashes
        )

    def as_json(self) -> dict[str, Any]:
        """The same as plain objects."""
        rates = {
            series: {"k": r.k, "n": r.n, "rate": r.value, "low": r.low, "high": r.high}
            for series, r in self.rates.items()
        }
        return asdict(self) | {"rates": rates}


def summarise(client: Client, settings: Settings, service: str, run: Run, truth: Truth) -> Summary:
    """Compare the store with the truth.

    Args:
        client: Of the store.
        settings: Those that capture used.
        service: The demo's ``service.name``.
        run: Its window.
        truth: What happened.
    """
    parameters = {"service": service, "start": run.start, "end": run.end}

    def asked(name: str) -> list[Row]:
        return ask(client, f"demo/{name}", **parameters)

    conversations = {turn.conversation_id for turn in truth.outputs.values()}
    outputs = [row for row in asked("outputs") if row["conversation_id"] in conversations]
    known = {row["output_id"] for row in outputs}
    actions = [
        row
        for row in asked("actions")
        if row["action_id"] in truth.actions or row["output_id"] in known
    ]
    linked = sum(bool(row["output_id"]) for row in actions)
    reported = {row["action_id"] for row in actions}
    derived = {(row["output_id"], row["action"]) for row in actions if row["source"] == "derived"}
    return Summary(
        outputs=len(outputs),
        actions=len(actions),
        linked_share=linked / len(actions) if actions else 0.0,
        lost_outputs=len(truth.outputs.keys() - known),
        lost_actions=len(truth.actions.keys() - reported) + len(truth.repeated - derived),
        wrong_links=sum(_wrongly_linked(row, truth) for row in actions),
        wrong_hashes=_wrong_hashes(outputs, settings, truth),
        rates={row["series"]: Rate(row["k"], row["n"]) for row in asked("rates")},
        classes=dict(sorted(Counter(row["class"] for row in outputs).items())),
    )


def _wrongly_linked(row: Mapping[str, Any], truth: Truth) -> bool:
    if row["source"] == "derived":
        return (row["output_id"], row["action"]) not in truth.repeated
    # Not linked is not wrong: it has a share of its own.
    return bool(row["output_id"]) and truth.actions.get(row["action_id"]) != row["output_id"]


def _wrong_hashes(outputs: list[dict[str, Any]], settings: Settings, truth: Truth) -> int:
    """Outputs that do not have the hash, or the id of the model's answer, that they must have."""
    key = None if settings.hash == "plain" else load_key(settings.key, settings.state_dir).secret
    wrong = 0
    for row in outputs:
        turn = truth.outputs.get(row["output_id"])
        if turn is None:
            wrong += 1
            continue
        normalised = normalise(turn.answer.text)
        long_enough = len(normalised.decode()) >= max(1, settings.hash_min_length)
        expected_hash = hash_normalised(normalised, key) if long_enough else ""
        expected_id = response_id(turn.request_id) if turn.answer.status == 200 else ""
        wrong += (row["output_hash"], row["response_id"]) != (expected_hash, expected_id)
    return wrong
