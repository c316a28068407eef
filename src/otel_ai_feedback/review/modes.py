"""The list of failure modes: what each means, what it was called, and whether it is fixed."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.formats import percent, plural
from otel_ai_feedback.review.identifiers import OUTPUT_ID
from otel_ai_feedback.store.ask import ask

UNNAMED: Final = "unnamed"
"""The mode of a bad answer without a named one."""

_LONGEST_NAME: Final = 80
_COLUMNS: Final = (
    "change_id", "mode", "change", "into", "definition", "examples", "service", "reason", "author",
    "changed_at",
)  # fmt: skip


class ModeError(ValueError):
    """The list of failure modes cannot be changed like this; the message says what to do."""


@dataclass(frozen=True)
class Mode:
    """A failure mode by its name of today.

    Attributes:
        mode: Its name.
        definition: What it is, in the words of who defined it last; empty when no one did.
        examples: Ids of outputs that have it.
        other_names: What it was called, and what was merged into it.
        labels: How many bad labels of the last 91 days have it.
        author: Who changed it last.
    """

    mode: str
    definition: str
    examples: tuple[str, ...]
    other_names: tuple[str, ...]
    labels: int
    author: str


def known(client: Client) -> list[Mode]:
    """Every mode that is defined or in use, the most frequent first: what to offer while typing.

    Args:
        client: From ``store.connect``.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    rows = [tuple(row.values()) for row in ask(client, "review/known_modes")]
    return [Mode(row[0], row[1], tuple(row[2]), tuple(row[3]), row[4], row[5]) for row in rows]


def define(
    client: Client, name: str, definition: str, author: str, examples: tuple[str, ...] = ()
) -> None:
    """Define a mode; a later definition replaces this one, which is kept.

    Args:
        client: From ``store.connect``, with the right to insert.
        name: The mode; a name that was renamed or merged becomes a mode of its own again.
        definition: When an output has it. Quote no user: who may read numbers may read it.
        author: Who says so.
        examples: Ids of outputs that have it.

    Raises:
        ModeError: Name, definition, author or an example is wrong.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    name = _name(name)
    if not definition.strip():
        raise ModeError("definition: must not be empty; say when an output has this mode")
    for example in examples:
        if not OUTPUT_ID.fullmatch(example):
            raise ModeError(
                f"examples: {example!r} is not the id of an output; the column output_id of the "
                "view outputs has them"
            )
    _write(
        client, name, "define", author, definition=definition.strip(), examples=list(examples)
    )  # fmt: skip


def rename(client: Client, name: str, into: str, author: str) -> None:
    """Give a mode another name, back to its first label.

    Args:
        client: From ``store.connect``, with the right to insert.
        name: What it is called.
        into: What it is called from now on; no mode has this name.
        author: Who says so.

    Raises:
        ModeError: There is no such mode, or one has the new name.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    modes = _existing(client, name)
    into = _name(into)
    if into in modes:
        raise ModeError(f"{into!r} already exists; to combine the two, merge {name!r} into it")
    # The definition goes along: it belongs to the mode, not to its name.
    _write(client, name, "rename", author, into=into)


def merge(client: Client, names: list[str], into: str, author: str) -> None:
    """Make one mode of several, back to their first labels.

    Args:
        client: From ``store.connect``, with the right to insert.
        names: What is merged.
        into: The mode that stays, one of today's.
        author: Who says so.

    Raises:
        ModeError: One of them does not exist, or is merged into itself.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    for name in [*names, into]:
        _existing(client, name)
    if into in names:
        raise ModeError(f"{into!r} cannot be merged into itself")
    for name in names:
        _write(client, name, "merge", author, into=into)


def close(client: Client, name: str, reason: str, author: str, service: str = "") -> None:
    """Say that a mode is fixed. Named on an output of a later day, it is open again by itself.

    Args:
        client: From ``store.connect``, with the right to insert.
        name: The mode.
        reason: What fixed it.
        author: Who says so.
        service: In this service only; everywhere by default.

    Raises:
        ModeError: There is no such mode, or no reason.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    _decide(client, name, "close", reason, author, service)


def reopen(client: Client, name: str, reason: str, author: str, service: str = "") -> None:
    """Say that a mode is not fixed after all; the arguments are those of :func:`close`."""
    _decide(client, name, "reopen", reason, author, service)


def unseen_in_words(of: dict[str, Any]) -> str:
    """Whether to go on looking for failure modes, in words.

    Args:
        of: A row of the view ``unseen_modes``.
    """
    labels, high = of["bad_labels"], of["high"]
    said = (
        f"{plural(of['modes'], 'failure mode')} across {plural(labels, 'bad answer')}, "
        f"{of['named_once']} seen only once. About {percent(of['unseen'], 0)} of failures (at most "
        f"{percent(high, 0)}) are of a kind not seen yet"
    )
    if not of["keep_opening"]:
        return f"{said}: the list is complete enough, expect few new modes."
    return f"{said}: keep adding new modes until that upper bound is below 10%."


def _decide(client: Client, name: str, change: str, reason: str, author: str, service: str) -> None:
    _existing(client, name)
    if not reason.strip():
        raise ModeError("reason: must not be empty")
    _write(client, name, change, author, reason=reason.strip(), service=service)


def _existing(client: Client, name: str) -> dict[str, Mode]:
    """Today's modes by name, of which ``name`` must be one that can be changed."""
    modes = {mode.mode: mode for mode in known(client)}
    if name == UNNAMED:
        raise ModeError(f"{UNNAMED!r} is reserved for unnamed failures and cannot change")
    if name not in modes:
        now = next((mode.mode for mode in modes.values() if name in mode.other_names), None)
        raise ModeError(
            f"{name!r} is called {now!r} today"
            if now
            else f"there is no failure mode {name!r}; "
            f"known are {', '.join(sorted(modes)) or 'none'}"
        )
    return modes


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or ";" in name or not name.isprintable():
        raise ModeError(
            f"name: {name!r} must be one line of 1 to {_LONGEST_NAME} characters without ;"
        )
    if name == UNNAMED:
        raise ModeError(f"name: {UNNAMED!r} is reserved for unnamed failures; choose another name")
    return name


def _write(
    client: Client,
    name: str,
    change: str,
    author: str,
    *,
    into: str = "",
    definition: str = "",
    examples: list[str] | None = None,
    service: str = "",
    reason: str = "",
) -> None:
    if not author.strip():
        raise ModeError("author: must not be empty")
    row = [
        secrets.token_hex(8), name, change, into, definition, examples or [], service, reason,
        author.strip(), datetime.now(timezone.utc),
    ]  # fmt: skip
    client.insert("mode_changes", [row], column_names=_COLUMNS)
