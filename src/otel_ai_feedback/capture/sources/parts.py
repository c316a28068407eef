"""The parts of a message: which of them are said to the user, whatever a convention calls them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeGuard

from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    CALLS_ONLY,
    NO_TEXT,
    TRUNCATED,
    Answer,
    is_cut,
)

# Tuples, not sets: what is looked up is foreign and need not be hashable.
_TEXT: Final = ("text", "output_text", "input_text")
_SPOKEN: Final = ("audio", "output_audio", "input_audio")
_CALLS: Final = (
    "tool_call",
    "tool_calls",
    "tool_use",
    "function_call",
    "custom_tool_call",
    "toolUse",
    "functionCall",
)
_THOUGHTS: Final = ("reason", "think", "thought")
# Where a part says that it is a thought, when its type does not: Bedrock, Haystack, Gemini.
_MARKS: Final = ("reasoningContent", "reasoning", "reasoning_content", "thinking")
# Where the arguments of a call are, and what else may contain them.
_ARGUMENTS: Final = ("arguments", "input", "args")
_CALL_HOLDERS: Final = ("function", "function_call", "functionCall", "toolUse", "tool_call")
_NO_ARGUMENTS: Final = ("", "{}", "[]", "null")
_OUTSIDE_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\s+')


class Parts:
    """What the parts of one answer say.

    Attributes:
        texts: The texts, in order.
        calls: The arguments of the tools that are called.
        called: Whether the application is asked to call a tool.
        others: Whether there is anything else, such as media.
        withheld: Whether a text is there without its content.
    """

    __slots__ = ("called", "calls", "others", "texts", "withheld")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.calls: list[str] = []
        self.called = self.others = self.withheld = False

    def take(self, parts: Iterable[Any]) -> None:
        """Add parts; reasoning is left out, as nobody sees it."""
        for part in parts:
            kind = get(part, "type")
            if is_thought(part, kind):
                continue
            text = text_of(part, kind)
            if text is not None:
                self.say(text)
            elif kind in _TEXT:
                self.withheld = True
            elif kind in _CALLS or (kind is None and _held_call(part) is not None):
                self.call(part)
            else:
                self.others = True

    def say(self, text: str) -> None:
        """Add a text, which may itself be a list of parts written as JSON."""
        inner = parts_within(text)
        if inner is None:
            self.texts.append(text)
        else:
            self.take(inner)

    def call(self, call: Any) -> None:
        """Add a tool call."""
        self.called = True
        arguments = arguments_of(call)
        if arguments is not None:
            self.calls.append(arguments)

    def add(self, other: Parts) -> None:
        """Add what other parts of the same answer say."""
        self.texts += other.texts
        self.calls += other.calls
        self.called |= other.called
        self.others |= other.others
        self.withheld |= other.withheld

    @property
    def silent(self) -> bool:
        """Whether there is no text."""
        return not self.withheld and not any(text.strip() for text in self.texts)

    def answer(self, limit: int | None = None) -> Answer:
        """The answer: the texts joined by newlines, or else the arguments of the calls.

        Args:
            limit: The length at which the SDK may have cut each of them.
        """
        if limit is not None and any(is_cut(one, limit) for one in (*self.texts, *self.calls)):
            return TRUNCATED
        if self.withheld:
            return ABSENT
        text = "\n".join(self.texts)
        if text.strip():
            return Answer(text, None, self.called)
        if self.calls:
            return Answer("\n".join(self.calls), None, True, True)
        if self.called:
            return CALLS_ONLY
        return NO_TEXT if self.others else Answer(text)


def is_thought(part: Any, kind: Any) -> bool:
    """Whether nobody sees the part: by its type, or as Bedrock, Haystack and Gemini say it."""
    if isinstance(kind, str):
        if kind in _TEXT:
            return get(part, "thought") is True
        if kind == "compaction" or any(name in kind.lower() for name in _THOUGHTS):
            return True
    if isinstance(part, str):
        return False
    return get(part, "thought") is True or any(get(part, name) is not None for name in _MARKS)


def text_of(part: Any, kind: Any) -> str | None:
    """Text of a part; those of Amazon Bedrock have no type, and some are bare strings."""
    if isinstance(part, str):
        return part
    if kind in _SPOKEN:
        transcript = get(part, "transcript")
        return transcript if isinstance(transcript, str) else None
    if kind is not None and kind not in _TEXT:
        return None
    content = get(part, "content") if kind is not None else None
    if content is None:
        content = get(part, "text")
    return content if isinstance(content, str) else None


def arguments_of(call: Any) -> str | None:
    """The arguments of a tool call as JSON without whitespace outside strings, if it has any."""
    held = _held_call(call)
    call = call if held is None else held
    for name in _ARGUMENTS:
        found = get(call, name)
        if found is not None:
            written = compact(found)
            return None if written in _NO_ARGUMENTS else written
    return None


def compact(value: Any) -> str:
    """A JSON value without whitespace outside strings, otherwise as it was written."""
    if isinstance(value, str):
        written: str = value.strip()
        if not written.startswith(("{", "[")):
            return written
        return _OUTSIDE_STRINGS.sub(lambda found: found[0] if found[0][0] == '"' else "", written)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def parts_within(text: str) -> Sequence[Any] | None:
    """The parts of which a text is the JSON, if it is one."""
    if not text.startswith("[{") or '"type"' not in text:
        return None
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parts if all(map(_is_part, parts)) else None


def _is_part(part: Any) -> bool:
    kind = get(part, "type")
    if kind in _TEXT:
        return text_of(part, kind) is not None
    return kind in _CALLS or is_thought(part, kind)


def _held_call(part: Any) -> Any:
    for name in _CALL_HOLDERS:
        held = get(part, name)
        if isinstance(held, Mapping) or hasattr(held, "arguments"):
            return held
    return None


def get(holder: Any, name: str) -> Any:
    """The entry of a mapping or the attribute of an object, or ``None``."""
    # What JSON decodes to is asked for by type, at a tenth of the cost.
    if type(holder) is dict or isinstance(holder, Mapping):
        return holder.get(name)
    return getattr(holder, name, None)


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Whether the value is a sequence, and not of characters or bytes."""
    return type(value) is list or (
        isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))
    )
