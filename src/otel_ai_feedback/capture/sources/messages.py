"""Messages in the shape of the GenAI conventions: ``[{"role", "parts": [{"type", ...}]}]``.

They come as a JSON string, as nested sequences of mappings, or as the dataclasses of
``opentelemetry-util-genai``.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import (
    CALLS_ONLY,
    TRUNCATED,
    UNFINISHED,
    UNPARSEABLE,
    Answer,
    is_cut,
)
from otel_ai_feedback.capture.sources.parts import Parts, get, is_list

# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__
# Tuples, not sets: what is looked up is foreign and need not be hashable.
_NO_END: Final = ("error", "", None)
_CALLS: Final = ("tool_call", "tool_calls", "tool_use", "function_call")


# Without the steps around it that only other values need.
_raw_decode: Final = json.JSONDecoder().raw_decode


# The usual shapes of one message with one text: how each begins, up to the text's first character,
# and what may follow its closing quote.
_ORDERS: Final = (
    ("role", "parts"),
    ("role", "parts", "finish_reason"),
    ("role", "finish_reason", "parts"),
    ("parts", "role", "finish_reason"),
)
_PART_ORDERS: Final = (("type", "content"), ("content", "type"))
_REASONS: Final = ("stop", "length", "end_turn", "max_tokens", "STOP", "completed")
_SEPARATORS: Final = ((", ", ": "), (",", ":"))
_LONGEST_BEGINNING: Final = 120


def _usual_shapes() -> dict[str, frozenset[str]]:
    shapes: dict[str, set[str]] = {}
    part = {"type": "text", "content": "|"}
    for order, part_order, reason, separators in itertools.product(
        _ORDERS, _PART_ORDERS, _REASONS, _SEPARATORS
    ):
        parts = [{name: part[name] for name in part_order}]
        message = {"role": "assistant", "parts": parts, "finish_reason": reason}
        written = json.dumps([{name: message[name] for name in order}], separators=separators)
        beginning, _, end = written.partition("|")
        shapes.setdefault(beginning, set()).add(end.removeprefix('"'))
    return {beginning: frozenset(ends) for beginning, ends in shapes.items()}


_ENDS_BY_BEGINNING: Final = _usual_shapes()
# The shape that was found last, which is the next one's too where one instrumentation writes all:
# its beginning, the length of that, and its ends.
_latest: tuple[str, int, frozenset[str]] = ("", 0, frozenset())


def usual_text(value: str) -> str | None:
    """The text of a value in one of the usual shapes, at half the cost of decoding it all.

    Whatever the decoder would find otherwise, in the string or around it, gives ``None``.
    """
    global _latest
    beginning, length, ends = _latest
    if not length or not value.startswith(beginning):
        found = value.find('"content":', 0, _LONGEST_BEGINNING)
        if found < 0:
            return None
        beginning = value[: found + (12 if value.startswith(' "', found + 10) else 11)]
        known = _ENDS_BY_BEGINNING.get(beginning)
        if known is None:
            return None
        length, ends = len(beginning), known
        _latest = beginning, length, ends
    try:
        text, end = scanstring(value, length)
    except ValueError:
        return None
    return text if value[end:] in ends else None


def decode(value: str) -> Any:
    """The JSON document, or ``None`` when it does not parse."""
    try:
        if value.startswith(("[", "{")):
            document, end = _raw_decode(value)
            return document if not value[end:].strip() else None
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def answer_of(value: Any, limit: int | None, items: bool = False) -> Answer:
    """The first choice's answer in an output-messages value.

    Args:
        value: A JSON string, or what it would decode to.
        limit: The length at which the SDK cuts strings.
        items: Whether each message is an item of one response, and not a choice.
    """
    if isinstance(value, str):
        text = usual_text(value)
        if text is not None and not text.startswith("[{"):
            return _new(Answer, (text, None, False, False))
        messages = decode(value)
        if messages is None:
            return TRUNCATED if is_cut(value, limit) else UNPARSEABLE
        # What parses was not cut.
        return first_choice(messages, items=items)
    return first_choice(value, limit, items)


def first_choice(messages: Any, limit: int | None = None, items: bool = False) -> Answer:
    """The answer in already decoded output messages, whose texts the SDK may have cut.

    Args:
        messages: One for each choice, for each item of a response, or for each piece of a stream.
        limit: The length at which the SDK cuts strings.
        items: Whether they are known to be items.
    """
    if not is_list(messages):
        return UNPARSEABLE
    if not messages:
        # An answer that is empty has a choice. This is a stream of which nothing was read.
        return UNFINISHED
    if limit is None and len(messages) == 1:
        text = _only_text(messages[0])
        if text is not None:
            return _new(Answer, (text, None, False, False))
    said: list[Parts] = []
    for message in messages:
        parts = get(message, "parts")
        if not is_list(parts):
            if not said:
                return UNPARSEABLE
            break
        one = Parts()
        one.take(parts)
        said.append(one)
    if get(messages[0], "finish_reason") == "" and said[0].texts:
        return _pieces(messages, said, limit)
    answer = joined(said, items).answer(limit)
    # Some leave out tool calls; what remains is the reason why the model stopped.
    reason = get(messages[0], "finish_reason")
    if answer.text is None or answer.text.strip():
        return answer
    if reason in _CALLS:
        return CALLS_ONLY
    return UNFINISHED if reason in _NO_END and _has_reason(messages[0]) else answer


def _has_reason(message: Any) -> bool:
    """Whether a message says why the model stopped, even if that is nothing: a closed stream."""
    if isinstance(message, Mapping):
        return "finish_reason" in message
    return hasattr(message, "finish_reason")


def _only_text(message: Any) -> str | None:
    """What a message of ``opentelemetry-util-genai`` says that is one text, as most are.

    The same as by the way that knows all shapes, in a fifth of its time.
    """
    parts = getattr(message, "parts", None)
    if type(parts) is not list or len(parts) != 1:
        return None
    part = getattr(parts[0], "__dict__", None)
    if type(part) is not dict or len(part) != 2 or part.get("type") != "text":
        return None
    text = part.get("content")
    # Blank ones have a reason to be looked for, and one may be the JSON of more parts.
    return None if type(text) is not str or text.isspace() or text[:2] in ("", "[{") else text


def joined(said: list[Parts], items: bool) -> Parts:
    """What the messages of the first choice say together.

    The items of one response are parts of one answer: a hosted tool call, a thought, the text. One
    without text shows that they are items; otherwise a second text is another choice.
    """
    first = Parts()
    for one in said:
        if one.silent:
            items = True
        elif not first.silent and not items:
            break
        first.add(one)
    return first


def _pieces(messages: Any, said: list[Parts], limit: int | None) -> Answer:
    """The answer of which each message is a piece, as a stream brought it."""
    whole = ""
    calls = False
    for message, one in zip(messages, said, strict=False):
        piece = one.answer(limit)
        calls = calls or piece.calls
        if one.texts or piece.text is None:
            if piece.text is None and piece.missing != "no_text":
                return piece
            whole += piece.text or ""
        if get(message, "finish_reason") != "":
            break
    else:
        if not whole.strip() and not calls:
            return UNFINISHED
    return Answer(whole, None, calls)


def answer_of_parts(parts: Any, limit: int | None = None) -> Answer:
    """The answer in the parts of one message."""
    if not is_list(parts):
        return UNPARSEABLE
    said = Parts()
    said.take(parts)
    return said.answer(limit)


def turn_of_parts(parts: Any) -> str | None:
    """What a message of the user says; one of a tool's results or an image is no turn."""
    said = Parts()
    said.take(parts if is_list(parts) else ())
    return None if said.withheld else "\n".join(said.texts) or None


def last_user_turn_of(value: Any) -> str | None:
    """Text of the last message with the role ``user``, if there is one with text."""
    if isinstance(value, str):
        value = decode(value)
    if not is_list(value):
        return None
    for message in reversed(value):
        role = get(message, "role")
        if getattr(role, "value", role) == "user":
            text = _only_text(message) or turn_of_parts(get(message, "parts"))
            if text:
                return text
            # A user message without text (a tool result, an image) is no turn of its own.
    return None


def texts_of(messages: Any) -> str | None:
    """The texts of messages as the JSON of the conventions, if there are any."""
    found: list[dict[str, Any]] = []
    for message in messages if is_list(messages) else ():
        parts = get(message, "parts")
        texts = [turn_of_parts((part,)) for part in (parts if is_list(parts) else ())]
        if any(texts):
            role = get(message, "role")
            written = [{"type": "text", "content": text} for text in texts if text]
            found.append({"role": str(getattr(role, "value", role)), "parts": written})
    return json.dumps(found, ensure_ascii=False) if found else None
