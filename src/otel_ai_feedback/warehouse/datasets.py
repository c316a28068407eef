"""The datasets and their columns: what the files have, and what the docs say that they have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from otel_ai_feedback.store.statements import Statement, statement

Type = Literal["string", "timestamp", "bigint", "double", "boolean", "list of string"]

DAY: Final = "day"
"""The partition: a folder ``day=2026-11-24``. Files do not have it as a column."""


@dataclass(frozen=True)
class Column:
    """A column of a dataset.

    Attributes:
        name: As in the views.
        type: In the words of a warehouse; a timestamp is in UTC, to the millisecond.
        meaning: What it says.
        nullable: Whether it may be empty.
    """

    name: str
    type: Type
    meaning: str
    nullable: bool = False


@dataclass(frozen=True)
class Dataset:
    """A folder of files, a row of which is one thing.

    Attributes:
        name: The folder, and the statement that reads the rows.
        row: What a row is, and of which day.
        key: The column that names a row once.
        columns: All of them, in order.
    """

    name: str
    row: str
    key: str
    columns: tuple[Column, ...]

    @cached_property
    def statement(self) -> Statement:
        """What reads its rows."""
        return statement(f"warehouse/{self.name}")


_WHERE: Final = (
    Column("service", "string", "`service.name`"),
    Column("environment", "string", "`deployment.environment.name`"),
    Column("feature", "string", "the feature of the service"),
)
_OF_OUTPUT: Final = Column("output_id", "string", "the answer; empty while it is not known")

DATASETS: Final = (
    Dataset(
        "outputs",
        "an answer that was delivered, on the day on which it began",
        "output_id",
        (
            Column("output_id", "string", "trace id and span id, with `-` between"),
            Column("time", "timestamp", "when the model call began"),
            *_WHERE,
            Column("model", "string", "the model that answered"),
            Column("release", "string", "`service.version`"),
            Column("prompt_version", "string", "version of the prompt, where it is reported"),
            Column("conversation_id", "string", "as your service reports it"),
            Column("subject", "string", "keyed hash of the user; empty where none is reported"),
            Column("trace_id", "string", "of its span"),
            Column("span_id", "string", "of its span"),
            Column("response_id", "string", "the provider's id of the answer"),
            Column("bucket", "bigint", "one of 64 groups of users: cluster intervals by it"),
            Column("weight", "double", "how many answers it counts for, under head sampling"),
            Column("weight_source", "string", "how the weight is known"),
            Column("output_length", "bigint", "characters", nullable=True),
            Column("voice", "boolean", "whether it was spoken"),
            Column("ended_at", "timestamp", "when the model call ended"),
            Column("duration_seconds", "double", "how long it took"),
            Column("delivered_by", "string", "how it is known that it was delivered"),
            Column("seen", "boolean", "whether the script saw it on a page"),
            Column("failed", "boolean", "error or empty answer"),
            Column("class", "string", "its outcome, [in one word](signals.md)"),
            Column("matured", "boolean", "whether 30 minutes are over; rates count only these"),
            Column("done", "list of string", "user actions on it within 30 minutes, by name"),
        ),
    ),
    Dataset(
        "actions",
        "a user action, on the day on which it was done",
        "action_id",
        (
            Column("action_id", "string", "follows from the action itself"),
            Column("time", "timestamp", "when it was done"),
            _OF_OUTPUT,
            Column("action", "string", "[its name](signals.md)"),
            Column("value", "double", "its number, such as the share copied", nullable=True),
            Column("label", "string", "its category, such as `up`"),
            Column("reason", "string", "the code that the user chose"),
            Column("kept_share", "double", "share of the answer that was kept", nullable=True),
            Column("checkpoint", "bigint", "seconds after which that was seen", nullable=True),
            Column("scroll_depth", "double", "share of the answer that was read", nullable=True),
            Column("selected_share", "double", "share that was selected", nullable=True),
            Column("method", "string", "how it was done, such as `menu`"),
            Column("source", "string", "what reported it; `derived` follows from the next turn"),
            Column("browser", "string", "name of the browser"),
            Column("link_method", "string", "how it [found its answer](linking.md)"),
            Column("ambiguous", "bigint", "how many answers it could also have been about"),
            Column("sampled", "boolean", "whether the answer's span was sampled"),
            Column("output_arrived", "boolean", "whether the answer is in the store"),
            *_WHERE,
            Column("subject", "string", "keyed hash of the user"),
            Column("conversation_id", "string", "as your service reports it"),
            Column("session_id", "string", "of the page, until the tab is closed"),
        ),
    ),
    Dataset(
        "evaluations",
        "a result of [another tool](sources.md), on the day of the result",
        "evaluation_id",
        (
            Column("evaluation_id", "string", "source, answer, name and evaluator, hashed"),
            Column("time", "timestamp", "when it was given"),
            _OF_OUTPUT,
            Column("carrier", "string", "the source"),
            Column("scope", "string", "what it is about: a span, a trace, a session"),
            Column("kind", "string", "who says so: judge, reviewer, user, behavior"),
            Column("name", "string", "what is judged"),
            Column("evaluator", "string", "the judge's name"),
            Column("good", "string", "whether high or low is good"),
            Column("score", "double", "the number", nullable=True),
            Column("label", "string", "the category"),
            Column("passed", "boolean", "whether that is good", nullable=True),
            Column("link_method", "string", "how it found its answer"),
            *_WHERE,
            Column("bucket", "bigint", "one of 64 groups of users"),
        ),
    ),
    Dataset(
        "labels",
        "a reviewed answer, on the day of the answer",
        "output_id",
        (
            Column("output_id", "string", "the answer"),
            Column("review_id", "string", "the review that counts"),
            Column("verdict", "string", "good, bad, unsure or unreadable"),
            Column("modes", "list of string", "failure modes, by their names of today"),
            Column("reviewed_at", "timestamp", "when"),
            Column("sampled", "boolean", "whether the answer was sampled at random"),
            Column("class", "string", "its outcome when it was sampled", nullable=True),
            Column("inclusion_probability", "double", "how likely that was", nullable=True),
            Column("weight", "double", "how many answers it counts for; 0 outside the score"),
            *_WHERE,
            Column("model", "string", "the model that answered"),
            Column("release", "string", "`service.version`"),
        ),
    ),
)
