"""Write what capture is held to in every language: ``python tests/vectors/make.py``.

``capture.json`` has hashes, sketches, handles and ids as the Python package makes them, and
``recorded_spans.json`` what it reads from spans that real instrumentations recorded.
``js/node/src/text/folds.ts`` is where Python folds letters in another way than JavaScript's
lower case.

One file, although it is long: more than half of it is the tables of cases, and what makes vectors
of them stands beside each.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unicodedata import ucd_3_2_0

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from otel_ai_feedback.capture.actions import action_id
from otel_ai_feedback.capture.capture import Capture
from otel_ai_feedback.capture.guard import Guard
from otel_ai_feedback.capture.linking.answer_choice import choose
from otel_ai_feedback.capture.linking.handles import Handle, RefusedHandleError, mint, verify
from otel_ai_feedback.capture.linking.output import Output
from otel_ai_feedback.capture.processor import OutputProcessor
from otel_ai_feedback.capture.scope import context_of
from otel_ai_feedback.capture.sources import (
    find_answer,
    find_last_user_turn,
    find_model,
    find_response_id,
    find_session_id,
    recognise,
)
from otel_ai_feedback.capture.sources.source import Recorded
from otel_ai_feedback.capture.span_state import take_end_hook
from otel_ai_feedback.capture.text.hashing import derive_key, hash_subject, hash_text
from otel_ai_feedback.capture.text.sketch import fold, sketch
from otel_ai_feedback.config import load

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDS = ROOT / "js/node/src/text/folds.ts"
SECRET = "vectors are not a secret at all"
NOW = 1_795_464_000
# What JavaScript instrumentations record; the others are read by the Python package alone.
SOURCES = frozenset(
    {"OpenTelemetry GenAI", "OpenInference", "OpenLLMetry", "Vercel AI SDK", "LangSmith"}
)

TURNS = {
    "one word": "yes",
    "a short turn in other case and punctuation": "  Yes!! ",
    "fifteen grams": "Please continue!",
    "sixteen grams": "Please, continue 1",
    "a question": "What is the capital of France, and since when?",
    "the same in capitals": "WHAT IS THE CAPITAL OF FRANCE, AND SINCE WHEN?",
    "letters that fold to several": "Straße und ﬁne ŉ İstanbul",
    "a final sigma": "ΟΔΥΣΣΕΥΣ Οδυσσεύς",
    "combining marks split words": "cafe\u0301 au lait, s'il vous plai\u0302t",
    "digits and numerals": "Ⅷ ½ ٣ 四 x² over 100,000 or 1_000",
    "beyond the basic plane": "𝒳 and 𐐀𐐁𐐂 or 😀😀 emoji between 𠮷野家 words",
    "right to left": "מה בירת צרפת ומאז מתי",
    "without spaces": "プログラミング言語はどれがいいですか",
    "without spaces, short": "继续说",
    "without spaces, enough": "如何重置密码",
    "two scripts in one word": "怎样把上个月的发票导出成PDF文件？",
    "syllables in words": "지난달 청구서 PDF로 어떻게 내보내요?",
    "vowels above letters": "รีเซ็ตรหัสผ่านยังไง",
    "nothing but punctuation": "?! ... 😀",
    "empty": "",
}
LONG = {
    "of more than the limit": ("Sphinx of black quartz, judge my vow; 0123456789. ", 500),
    "of more than the limit in pairs": ("𐐀 sphinx of black quartz 𐐀b ", 900),
    "a little more than the limit in pairs": ("𐐀𐐂b sphinx 𐐀𐐁𐐂 quartz ", 30),
    "less than the limit in pairs": ("𐐀𐐂b sphinx 𐐀𐐁𐐂 quartz ", 20),
}

_TEXT = {"type": "text", "content": "Paris."}
_CALL = {"type": "tool_call", "id": "1", "name": "f", "arguments": {"a": [1, "b  c"], "é": None}}
_THOUGHT = {"type": "reasoning", "content": "Hm."}
# As which the instrumentations record what the model thinks.
THOUGHTS = ("thinking", "redacted_thinking", "reasoning_content", "thought", "reasoning_text")
# Output messages as the GenAI conventions have them, by what is in them.
MESSAGES: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "a text": [{"role": "assistant", "parts": [_TEXT], "finish_reason": "stop"}],
    "two texts": [{"parts": [_TEXT, {"type": "text", "content": "Rome."}]}],
    "two choices": [{"parts": [_TEXT]}, {"parts": [{"type": "text", "content": "Rome."}]}],
    "a thought first": [{"parts": [_THOUGHT, _TEXT]}],
    "thoughts under other names": [
        {"parts": [{"type": name, "content": "Hm.", "text": "Hm."} for name in THOUGHTS] + [_TEXT]}
    ],
    "a text that is marked as a thought": [
        {"parts": [{"type": "text", "content": "Hm.", "thought": True}, _TEXT]}
    ],
    "thoughts alone": [{"parts": [_THOUGHT], "finish_reason": "stop"}],
    "a thought, a call and a text, one message each": [
        {"parts": [_THOUGHT]},
        {"parts": [_CALL]},
        {"parts": [_TEXT]},
    ],
    "a thought and a call within a text": [
        {
            "parts": [
                {
                    "type": "text",
                    "content": json.dumps([{"type": "thinking", "thinking": "Hm."}, _CALL]),
                }
            ]
        }
    ],
    "a thought in a message of its own": [{"parts": [_THOUGHT]}, {"parts": [_TEXT]}],
    "a hosted call first": [{"parts": [{"type": "web_search_call"}]}, {"parts": [_TEXT]}],
    "a call alone": [{"parts": [_CALL], "finish_reason": "tool_calls"}],
    "a call whose arguments are text": [
        {"parts": [{"type": "tool_call", "arguments": '{ "a": "b  c",\n "d": 1 }'}]}
    ],
    "a call without arguments": [{"parts": [{"type": "tool_call", "arguments": "{}"}]}],
    "a text and a call": [{"parts": [_TEXT, _CALL]}],
    "calls left out": [{"parts": [], "finish_reason": "tool_calls"}],
    "media": [{"parts": [{"type": "blob", "content": "AA=="}]}],
    "what is said in audio": [{"parts": [{"type": "audio", "transcript": "Paris."}]}],
    "a text without content": [{"parts": [{"type": "text"}]}],
    "pieces of a stream": [
        {"parts": [{"type": "text", "content": "Pa"}], "finish_reason": ""},
        {"parts": [{"type": "text", "content": "ris."}], "finish_reason": "stop"},
    ],
    "a stream that never began": [{"parts": [], "finish_reason": "error"}],
    "a stream that was closed": [{"parts": [], "finish_reason": None}],
    "the beginning of a stream": [
        {"parts": [{"type": "text", "content": ""}], "finish_reason": ""}
    ],
    "parts within a text": [
        {"parts": [{"type": "text", "content": '[{"type": "text", "text": "Paris."}]'}]}
    ],
    "thinking within the text": [
        {"parts": [{"type": "text", "content": "<think>Hm.</think>\n\nParis."}]}
    ],
    "the end of thinking alone": [{"parts": [{"type": "text", "content": "Hm.</think>Paris."}]}],
    "thinking that never ends": [{"parts": [{"type": "text", "content": "<think>Hm."}]}],
}


_CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.output.messages": json.dumps(MESSAGES["a text"]),
    "gen_ai.response.model": "m",
}
_FETCHED = _CHAT | {"gen_ai.operation.name": "fetch_response", "gen_ai.response.id": "resp_1"}
_PENDING = {"gen_ai.operation.name": "chat", "gen_ai.response.id": "resp_1"}
_FRAMEWORK = {"gen_ai.conversation.id": "made up"}
_NOTHING = {"gen_ai.output.messages": json.dumps([{"parts": [], "finish_reason": "stop"}])}
# What is said of model calls by the conversation that they are made in, by the agent's span above
# them, and by their own attributes, one after the other.
CALLS: dict[str, tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]] = {
    "nothing is said": ({}, {}, [_CHAT]),
    "an id": ({"conversation_id": "c-1", "subject": "ana"}, {}, [_CHAT]),
    "an id beside one of a framework": ({"conversation_id": "c-1"}, {}, [_CHAT | _FRAMEWORK]),
    "a feature alone beside an id of a framework": (
        {"feature": "support"},
        {},
        [_CHAT | _FRAMEWORK],
    ),
    "a prompt's version": ({"prompt_version": "7"}, {}, [_CHAT]),
    "a prompt's version that the instrumentation knows": (
        {"prompt_version": "7"},
        {},
        [_CHAT | {"gen_ai.prompt.name": "greeting", "gen_ai.prompt.version": "8"}],
    ),
    "a prompt's name without a version": ({}, {}, [_CHAT | {"gen_ai.prompt.name": "greeting"}]),
    "a user on the call": ({}, {}, [_CHAT | {"user.id": "ana"}]),
    "a user on the agent": ({}, {"gen_ai.agent.name": "a", "user.id": "ana"}, [_CHAT]),
    "a user on both and in the conversation": (
        {"subject": "bo"},
        {"gen_ai.agent.name": "a", "user.id": "ana"},
        [_CHAT | {"user.id": "carla"}],
    ),
    "an agent's version": (
        {},
        {"gen_ai.agent.name": "a", "gen_ai.agent.version": "2.1"},
        [_CHAT],
    ),
    "responses that name the one before": (
        {},
        {},
        [
            _CHAT | {"gen_ai.response.id": "resp_1"},
            _CHAT
            | {"gen_ai.response.id": "resp_2", "gen_ai.request.previous_response.id": "resp_1"},
            _CHAT
            | {"gen_ai.response.id": "resp_3", "gen_ai.request.previous_response.id": "resp_2"},
        ],
    ),
    "a response that is made in the background and fetched": (
        {},
        {},
        [
            _PENDING,
            _PENDING | {"gen_ai.operation.name": "fetch_response"},
            _FETCHED,
            _FETCHED,
        ],
    ),
    "structured output by a tool call": (
        {},
        {},
        [_CHAT | {"gen_ai.output.messages": json.dumps(MESSAGES["a call alone"])}],
    ),
    "a stream that was closed before its first token": (
        {},
        {},
        [_CHAT | _NOTHING | {"gen_ai.response.finish_reasons": ["error"]}],
    ),
    "an empty answer": ({}, {}, [_CHAT | _NOTHING | {"gen_ai.response.finish_reasons": ["stop"]}]),
}
SAID = (
    "ai_feedback.feature",
    "ai_feedback.output.hash",
    "ai_feedback.output.length",
    "ai_feedback.output.type",
    "ai_feedback.prompt.version",
    "ai_feedback.release",
    "ai_feedback.request.seq",
    "ai_feedback.subject",
    "gen_ai.conversation.id",
)


def calls() -> list[dict[str, Any]]:
    """What is said of model calls, in the attributes of ``SAID``, and what is counted."""
    found = []
    settings = load(environ={"OTEL_AI_FEEDBACK_KEY": SECRET}, directory=HERE)
    for name, (conversation, agent, spans) in CALLS.items():
        guard, exporter = Guard(), InMemorySpanExporter()
        capture = Capture(settings, lambda: NOW * 10**9, None, guard)
        provider = TracerProvider()
        provider.add_span_processor(OutputProcessor(capture))
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        tracer = provider.get_tracer("vectors")
        within = context_of(
            conversation.get("conversation_id"),
            conversation.get("subject"),
            conversation.get("feature"),
            prompt_version=conversation.get("prompt_version"),
        )
        above = tracer.start_span("agent", context=within, attributes=agent)
        beneath = trace.set_span_in_context(above, within)
        for attributes in spans:
            span: Any = tracer.start_span("call", context=beneath, attributes=attributes)
            before_end = take_end_hook(span)
            assert before_end is not None
            before_end(span)
            span.end()
        ended = [span.attributes or {} for span in exporter.get_finished_spans()]
        counted = guard.counts.snapshot()
        capture.active = False
        found.append(
            {
                "name": name,
                "conversation": conversation,
                "agent": agent,
                "calls": spans,
                "said": [{key: one[key] for key in SAID if key in one} for one in ended],
                "counted": {key: counted[key] for key in counted if key != "no_logger"},
            }
        )
    return found


_OUTPUT = {"has_text": True, "calls": False, "streamed": False, "marked": False}
# Outputs of one request in the order in which they ended, each by what differs from the usual.
REQUESTS: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "one": [{"hash": "a"}],
    "one without text": [{"has_text": False}],
    "a text after nothing": [{"has_text": False}, {"hash": "a"}],
    "nothing after a text": [{"hash": "a"}, {"has_text": False}],
    "two": [{"hash": "a"}, {"hash": "b"}],
    "the same twice": [{"hash": "a"}, {"hash": "a"}],
    "the same response twice": [{"response_id": "r"}, {"response_id": "r"}],
    "one of two is marked": [{"hash": "a", "marked": True}, {"hash": "b"}],
    "both are marked": [{"hash": "a", "marked": True}, {"hash": "b", "marked": True}],
    "one of two was streamed": [{"hash": "a"}, {"hash": "b", "streamed": True}],
    "both were streamed": [{"hash": "a", "streamed": True}, {"hash": "b", "streamed": True}],
    "marked counts more than streamed": [
        {"hash": "a", "marked": True},
        {"hash": "b", "streamed": True},
    ],
    "a call of tools first": [{"hash": "a", "calls": True}, {"hash": "b"}],
    "a call of tools last": [{"hash": "a"}, {"hash": "b", "calls": True}],
    "calls of tools alone": [{"hash": "a", "calls": True}, {"hash": "b", "calls": True}],
}


def choices() -> list[dict[str, Any]]:
    """Which output of a request is its answer: its place, if it can be told."""
    found = []
    for name, differing in REQUESTS.items():
        outputs = []
        for at, given in enumerate(differing):
            values = _OUTPUT | given
            text_hash = values.pop("hash", None)
            outputs.append(Output(1, at + 1, NOW, delivered=False, known_hash=text_hash, **values))
        choice = choose(outputs)
        answer = None if choice.output is None else choice.output.span_id - 1
        found.append(
            {
                "name": name,
                "outputs": [_OUTPUT | given for given in differing],
                "answer": answer,
                "ambiguous": choice.ambiguous,
            }
        )
    return found


def answers() -> list[dict[str, Any]]:
    """What becomes of output messages."""
    found = []
    for name, messages in MESSAGES.items():
        for response_id in ("chatcmpl-1", "resp_1"):
            attributes = {
                "gen_ai.operation.name": "chat",
                "gen_ai.response.id": response_id,
                "gen_ai.output.messages": json.dumps(messages),
            }
            recorded = Recorded(attributes)
            answer = find_answer(recognise(recorded), recorded)
            found.append({"name": name, "attributes": attributes, **answer._asdict()})
    return found


def capture_vectors() -> dict[str, Any]:
    """Everything that is computed from a secret, or names an action."""
    secret = SECRET.encode()
    purposes = ("subject", "handle", "sketch", "fragment", "sample", "registry")
    keys = {name: derive_key(secret, name.encode()) for name in purposes}
    sketched = partial(sketch, key=keys["sketch"])
    handles = [
        Handle("output", 0x4BF92F3577B34DA6A3CE929D0E0E4736, 0x00F067AA0BA902B7, NOW, True),
        Handle("request", 1, 2, NOW - 6 * 86_400, True),
        Handle("output", (1 << 128) - 1, (1 << 64) - 1, NOW + 299, False),
    ]
    refused = {
        "expired": mint(Handle("output", 1, 2, NOW - 7 * 86_400 - 1, True), keys["handle"]),
        "future": mint(Handle("output", 1, 2, NOW + 301, True), keys["handle"]),
        "foreign": mint(Handle("output", 1, 2, NOW, True), keys["sketch"]),
        "malformed": mint(handles[0], keys["handle"])[:-1],
    }
    assert {reason: _refusal(text, keys["handle"]) for reason, text in refused.items()} == {
        reason: reason for reason in refused
    }
    named = [("a b", "copy", "7f3a9c"), ("x", "rating", "ein Däumchen 👍"), ("", "close", "\ud800")]
    return {
        "secret": SECRET,
        "now": NOW,
        "keys": {name: key.hex() for name, key in keys.items()},
        "hashes": [
            {"text": text, "plain": hash_text(text, None), "keyed": hash_text(text, secret)}
            for text in TURNS.values()
        ],
        "subjects": {name: hash_subject(name, secret) for name in ("ana", "Ünal", "42")},
        "sketches": [
            {"name": name, "text": text, "folded": fold(text), "sketch": sketched(text)}
            for name, text in TURNS.items()
        ],
        "long_sketches": [
            {"name": name, "unit": unit, "count": count, "sketch": sketched(unit * count)}
            for name, (unit, count) in LONG.items()
        ],
        "folds": {"".join(letters): fold("".join(letters)) for letters in _letters()},
        "answers": answers(),
        "calls": calls(),
        "choices": choices(),
        "handles": [
            {
                "handle": mint(handle, keys["handle"]),
                "kind": handle.kind,
                "traceId": f"{handle.trace_id:032x}",
                "spanId": f"{handle.span_id:016x}",
                "time": handle.time,
                "sampled": handle.sampled,
            }
            for handle in handles
        ],
        "refused": refused,
        "action_ids": [
            {"identity": of, "name": name, "given": given, "id": action_id(of, name, given)}
            for of, name, given in named
        ],
    }


def _refusal(handle: str, key: bytes) -> str | None:
    try:
        verify(handle, key, NOW)
    except RefusedHandleError as error:
        return error.reason
    return None


def _letters() -> Iterator[list[str]]:
    """Every character that has a case, of a version of Unicode that all runtimes know."""
    cased = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if character != character.casefold() and ucd_3_2_0.category(character) != "Cn"
    ]
    for at in range(0, len(cased), 100):
        yield cased[at : at + 100]


def recorded_spans() -> list[dict[str, Any]]:
    """What is read from the spans in tests/instrumentations/fixtures."""
    found = []
    for path in sorted((HERE.parent / "instrumentations/fixtures").glob("*.json")):
        for span in json.loads(path.read_text())["spans"]:
            recorded = Recorded(span["attributes"], (), None, span["scope"])
            sources = recognise(recorded)
            if not {source.name for source in sources} <= SOURCES or span["events"]:
                continue
            answer = find_answer(sources, recorded) if sources else None
            found.append(
                {
                    "fixture": path.stem,
                    "attributes": span["attributes"],
                    "scope": span["scope"],
                    "llm": bool(sources),
                    "answer": answer and answer.text,
                    "missing": answer and answer.missing,
                    "question": find_last_user_turn(sources, recorded),
                    "response_id": find_response_id(sources, recorded),
                    "model": find_model(sources, recorded),
                    "session": find_session_id(sources, recorded),
                }
            )
    return found


def folds() -> str:
    """The table, as TypeScript."""
    entries = [
        (character, character.casefold())
        for character in map(chr, range(sys.maxunicode + 1))
        if character.casefold() != character.lower()
    ]
    rows = [f"  [{json.dumps(one)}, {json.dumps(other)}]," for one, other in entries]
    return "\n".join(
        [
            "/** Letters whose case folding is not their lower case. */",
            "// Written by `python tests/vectors/make.py`; do not edit.",
            "export const FOLDS: ReadonlyMap<string, string> = new Map([",
            *rows,
            "]);",
            "",
        ]
    )


def written(content: Any) -> str:
    """As it stands in a file."""
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    (HERE / "capture.json").write_text(written(capture_vectors()))
    (HERE / "recorded_spans.json").write_text(written(recorded_spans()))
    FOLDS.write_text(folds())
