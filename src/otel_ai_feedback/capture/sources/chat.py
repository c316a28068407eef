"""Messages, requests and responses as the models' own APIs and frameworks have them, decoded.

OpenAI's chat completions, completions and responses, Anthropic's messages, Gemini's contents, and
what LangChain and Haystack make of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from otel_ai_feedback.capture.sources.answer import (
    ABSENT,
    CALLS_ONLY,
    NO_TEXT,
    UNPARSEABLE,
    Answer,
)
from otel_ai_feedback.capture.sources.messages import turn_of_parts
from otel_ai_feedback.capture.sources.parts import Parts, is_list

# Tuples, not sets: what is looked up is foreign and need not be hashable.
_USER: Final = ("user", "human", "HumanMessage")
_MODEL: Final = ("assistant", "model", "ai", "AIMessage", "AIMessageChunk")
_CALLED: Final = ("tool_calls", "function_call")
_ITEMS: Final = ("message", "reasoning")
# Where a request has what is asked, and a response of few words what is answered.
_ASKED: Final = ("messages", "input", "contents", "prompt", "prompts")
_SAID: Final = ("text", "output", "completion", "response")


def answer_of_message(message: Any) -> Answer:
    """The answer in ``{"role": "assistant", "content": ..., "tool_calls": ...}``."""
    message = _unwrapped(message)
    if not isinstance(message, Mapping):
        return UNPARSEABLE
    said = Parts()
    content = _content(message)
    if isinstance(content, str):
        said.say(content)
    elif content is not None:
        content = (content,) if isinstance(content, Mapping) else content
        if not is_list(content):
            return UNPARSEABLE
        said.take(content)
    _take_calls(message, said)
    audio = message.get("audio")
    if isinstance(audio, Mapping) and said.silent:
        said.take(({"type": "audio", **audio},))
    said.others |= bool(message.get("refusal"))
    answer = said.answer()
    recorded = "content" in message or "parts" in message
    return ABSENT if answer.text == "" and not recorded else answer


def _take_calls(message: Mapping[Any, Any], said: Parts) -> None:
    """Add the tool calls beside what a message says."""
    calls = message.get("tool_calls")
    for call in calls if is_list(calls) else ():
        said.call(call)
    call = message.get("function_call")
    if isinstance(call, Mapping) and call:
        said.call(call)


def answer_of_response(response: Any) -> Answer:
    """The first choice's answer in whatever a model call returned."""
    if isinstance(response, str):
        return Answer(response)
    if is_list(response):
        return _answer_of_list(response)
    response = _unwrapped(response)
    if not isinstance(response, Mapping):
        return UNPARSEABLE
    if _speaker(response) in _MODEL:
        return answer_of_message(response)
    if _is_item(response):
        return _answer_of_items((response,))
    for name, read in _CHOICES.items():
        choices = response.get(name)
        if is_list(choices) and (choices or name == "output"):
            return read(choices)
    for name in ("message", "content"):
        # The message of a response that has one only.
        if isinstance(response.get(name), Mapping):
            return answer_of_message(response[name])
    for name in _SAID:
        if isinstance(response.get(name), str):
            return Answer(response[name])
    return UNPARSEABLE


def last_user_turn_of_chat(messages: Any) -> str | None:
    """Text of the last message of the user, if there is one with text."""
    if not is_list(messages):
        return None
    if messages and is_list(messages[0]):
        # A batch, of which the first is answered first.
        messages = messages[0]
    for message in reversed(messages):
        message = _unwrapped(message)
        if isinstance(message, Mapping) and _speaker(message) in _USER:
            content = _content(message)
            text = content if isinstance(content, str) else turn_of_parts(content)
            if text:
                return text
    return None


def last_user_turn_of_request(request: Any) -> str | None:
    """The last user turn in whatever a model call was given."""
    if isinstance(request, str):
        return request or None
    if not isinstance(request, Mapping):
        return last_user_turn_of_chat(request)
    for name in _ASKED:
        asked = request.get(name)
        if is_list(asked) and asked and isinstance(asked[0], str):
            asked = asked[0]
        turn = asked if isinstance(asked, str) else last_user_turn_of_chat(asked)
        if turn:
            return turn
    return None


def _answer_of_list(values: Any) -> Answer:
    """The answer in a list: the items of a response, or one message for each choice."""
    if not values:
        return UNPARSEABLE
    if isinstance(values[0], Mapping) and _is_item(values[0]):
        return _answer_of_items(values)
    return answer_of_response(values[0]) if isinstance(values[0], (str, Mapping)) else UNPARSEABLE


def _answer_of_choices(choices: Any) -> Answer:
    choice = choices[0]
    if not isinstance(choice, Mapping):
        return UNPARSEABLE
    if "message" in choice:
        answer = answer_of_message(choice["message"])
        # Streams are put together without their tool calls, but for the reason why they stopped.
        silent = answer.text is not None and not answer.text.strip()
        return CALLS_ONLY if silent and choice.get("finish_reason") in _CALLED else answer
    text = choice.get("text")
    return Answer(text) if isinstance(text, str) else UNPARSEABLE


def _answer_of_items(items: Any) -> Answer:
    """The answer in a response's output: messages among tool calls and reasoning."""
    said = Parts()
    for item in items:
        if isinstance(item, Mapping) and is_list(item.get("content")):
            # A reasoning item has content of its own, which is not said to the user.
            said.take(item["content"] if item.get("type") == "message" else ())
        else:
            said.take((item,))
    return said.answer()


def _is_item(value: Mapping[Any, Any]) -> bool:
    """Whether it is an item of a response: a message, a thought, or a call, hosted or not."""
    kind = value.get("type")
    return isinstance(kind, str) and (kind in _ITEMS or kind.endswith("_call"))


def _answer_of_candidates(candidates: Any) -> Answer:
    """The answer in Gemini's response."""
    first = candidates[0]
    return answer_of_message(first.get("content")) if isinstance(first, Mapping) else UNPARSEABLE


def _answer_of_generations(prompts: Any) -> Answer:
    """The answer in LangChain's result: for each prompt, its generations."""
    generations = prompts[0]
    generation = generations[0] if is_list(generations) and generations else generations
    text = generation.get("text") if isinstance(generation, Mapping) else None
    if not isinstance(text, str):
        return UNPARSEABLE
    if text.strip():
        return Answer(text)
    message = _unwrapped(generation.get("message"))
    # Without text it consists of tool calls, or of nothing; which one, its message says.
    return answer_of_message(message) if isinstance(message, Mapping) else NO_TEXT


def _answer_of_replies(replies: Any) -> Answer:
    """The answer in what a generator of Haystack replies: messages, or texts."""
    return Answer(replies[0]) if isinstance(replies[0], str) else answer_of_message(replies[0])


_CHOICES: Final = {
    "choices": _answer_of_choices,
    "output": _answer_of_items,
    "candidates": _answer_of_candidates,
    "generations": _answer_of_generations,
    "replies": _answer_of_replies,
}


def _unwrapped(message: Any) -> Any:
    """The message within LangChain's serialisation of one, of either kind."""
    if isinstance(message, Mapping):
        for name, beside in (("kwargs", "lc"), ("data", "type")):
            if beside in message and isinstance(message.get(name), Mapping):
                return message[name]
    return message


def _speaker(message: Mapping[Any, Any]) -> Any:
    """Who says it: its role, or LangChain's type of message."""
    role = message.get("role")
    return message.get("type") if role is None else role


def _content(message: Mapping[Any, Any]) -> Any:
    """The text; Gemini's messages have parts."""
    content = message.get("content")
    return message.get("parts") if content is None else content
