"""Messages in the shape of the GenAI conventions: ``[{"role", "parts": [{"type", ...}]}]``.

They come as a JSON string, as nested sequences of mappings, or as the dataclasses of
``opentelemetry-util-genai``.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    NO_TEXT,
    TRUNCATED,
    UNPARSEABLE,
    Answer,
    is_cut,
)

# How a named tuple makes itself; its constructor takes twice as long.
_new: Final = tuple.__new__
# Tuples, not sets: what is looked up is foreign and need not be hashable.
_TEXT: Final = ("text", "output_text", "input_text")
_UNSEEN: Final = ("reasoning", "thinking", "redacted_thinking", "compaction")
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


def answer_of(value: Any, limit: int | None) -> Answer:
    """The first choice's answer in an output-messages value."""
    if isinstance(value, str):
        text = usual_text(value)
        if text is not None:
            return _new(Answer, (text, None))
        messages = decode(value)
        if messages is None:
            return TRUNCATED if is_cut(value, limit) else UNPARSEABLE
        # What parses was not cut.
        return first_choice(messages)
    return first_choice(value, limit)


def first_choice(messages: Any, limit: int | None = None) -> Answer:
    """The answer in already decoded output messages, whose texts the SDK may have cut."""
    if not is_list(messages):
        return UNPARSEABLE
    if not messages:
        return Answer("")
    answer = answer_of_parts(get(messages[0], "parts"), limit)
    if get(messages[0], "finish_reason") == "" and answer.text is not None:
        # Not the end of a choice but a piece of a stream, of which the rest comes behind.
        for message in messages[1:]:
            piece = answer_of_parts(get(message, "parts"), limit)
            if piece.text is None:
                return piece if piece.missing != "no_text" else answer
            answer = Answer(answer.text + piece.text) if answer.text else piece
            if get(message, "finish_reason") != "":
                break
    # Some leave out tool calls; what remains is the reason why the model stopped.
    silent = answer.text is not None and not answer.text.strip()
    return NO_TEXT if silent and get(messages[0], "finish_reason") in _CALLS else answer


def answer_of_parts(parts: Any, limit: int | None = None) -> Answer:
    """The text parts joined by newlines; reasoning is left out, as nobody sees it."""
    if not is_list(parts):
        return UNPARSEABLE
    texts: list[str] = []
    others, withheld = False, False
    for part in parts:
        kind = get(part, "type")
        if _is_thought(part, kind):
            continue
        text = _text(part, kind)
        if text is not None:
            texts.append(text)
        elif kind in _TEXT:
            withheld = True
        else:
            others = True
    if limit is not None and any(is_cut(text, limit) for text in texts):
        return TRUNCATED
    if withheld:
        return ABSENT
    answer = "\n".join(texts)
    return NO_TEXT if others and not answer.strip() else Answer(answer)


def last_user_turn_of(value: Any) -> str | None:
    """Text of the last message with the role ``user``, if there is one with text."""
    if isinstance(value, str):
        value = decode(value)
    if not is_list(value):
        return None
    for message in reversed(value):
        role = get(message, "role")
        if getattr(role, "value", role) == "user":
            text = answer_of_parts(get(message, "parts")).text
            if text:
                return text
            # A user message without text (a tool result, an image) is no turn of its own.
    return None


def texts_of(messages: Any) -> str | None:
    """The texts of messages as the JSON of the conventions, if there are any."""
    found: list[dict[str, Any]] = []
    for message in messages if is_list(messages) else ():
        parts = get(message, "parts")
        texts = [answer_of_parts((part,)).text for part in (parts if is_list(parts) else ())]
        if any(texts):
            role = get(message, "role")
            written = [{"type": "text", "content": text} for text in texts if text]
            found.append({"role": str(getattr(role, "value", role)), "parts": written})
    return json.dumps(found, ensure_ascii=False) if found else None


def get(holder: Any, name: str) -> Any:
    """The entry of a mapping or the attribute of an object, or ``None``."""
    # What JSON decodes to is asked for by type, at a tenth of the cost.
    if type(holder) is dict or isinstance(holder, Mapping):
        return holder.get(name)
    return getattr(holder, name, None)


def is_list(value: Any) -> bool:
    """Whether the value is a sequence, and not of characters or bytes."""
    return type(value) is list or (
        isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))
    )


def _is_thought(part: Any, kind: Any) -> bool:
    """Whether nobody sees the part: by its type, or as Bedrock, Haystack and Gemini say it."""
    if kind in _UNSEEN or get(part, "thought") is True:
        return True
    return any(get(part, name) is not None for name in ("reasoningContent", "reasoning"))


def _text(part: Any, kind: Any) -> str | None:
    """Text of a part; those of Amazon Bedrock have no type, and some are bare strings."""
    if isinstance(part, str):
        return part
    if kind is not None and kind not in _TEXT:
        return None
    content = get(part, "content") if kind is not None else None
    if content is None:
        content = get(part, "text")
    return content if isinstance(content, str) else None
