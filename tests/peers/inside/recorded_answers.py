"""What a recorded response of a model's API answers, read without anything of ours.

The oracle that hashes of capture are compared with: the first choice, its texts joined by a
newline, else the arguments of its tool calls as JSON without whitespace outside strings.
"""

import base64
import gzip
import json
import re
from collections import defaultdict

_TEXTS = ("text", "output_text")


def answer_of(body):
    """The answer in a response's body, or ``None`` when no model was asked for one.

    Args:
        body: All bytes of a response that succeeded.
    """
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    try:
        document = json.loads(body)
    except ValueError:
        events = _events(body)
        return _of_stream(events) if events else None
    if isinstance(document, list):
        return _of_list(document)
    return _of_document(document) if isinstance(document, dict) else None


def _of_list(document):
    first = document[0] if document else None
    if not isinstance(first, dict):
        return None
    if "generated_text" in first:
        return first["generated_text"]
    # Google streams a list where no events are asked for.
    return _of_stream(document) if "candidates" in first else None


def _of_document(document):
    """The answer in a response that came whole."""
    kind = document.get("object")
    choices = document.get("choices")
    if choices and "message" in choices[0]:
        message = choices[0]["message"]
        return _said(_texts(message.get("content")), _calls(message.get("tool_calls")))
    if choices and "text" in choices[0]:
        return choices[0]["text"]
    if kind == "response":
        return _of_items(document.get("output") or ())
    if document.get("type") == "message":
        return _of_blocks(document["content"])
    if document.get("type") == "completion":
        return document["completion"]
    if "candidates" in document:
        return _of_candidate(document["candidates"][0]) if document["candidates"] else ""
    return _of_cohere(document) or _of_bedrock(document)


def _of_cohere(document):
    if "generation_id" in document and "text" in document:
        calls = document.get("tool_calls") or ()
        return _said([document["text"]], [_compact(call["parameters"]) for call in calls])
    if document.get("generations"):
        return document["generations"][0]["text"]
    message = document.get("message")
    if isinstance(message, dict) and message.get("role") == "assistant":
        # What it says of its plan, it says beside the calls.
        texts = _texts(message.get("content")) or _texts(message.get("tool_plan"))
        return _said(texts, _calls(message.get("tool_calls")))
    return None


def _of_bedrock(document):
    """What the families of models answer that Amazon Bedrock serves."""
    output = document.get("output")
    if isinstance(output, dict) and "message" in output:
        content = output["message"]["content"]
        texts = [block["text"] for block in content if "text" in block]
        return _said(texts, [_compact(b["toolUse"]["input"]) for b in content if "toolUse" in b])
    if document.get("results") and "outputText" in document["results"][0]:
        return document["results"][0]["outputText"]
    if document.get("outputs") and "text" in document["outputs"][0]:
        return document["outputs"][0]["text"]
    if document.get("completions"):
        return document["completions"][0]["data"]["text"]
    for name in ("generation", "completion"):
        if isinstance(document.get(name), str):
            return document[name]
    return None


def _of_items(items):
    """The answer in the items of OpenAI's Responses API."""
    texts, calls = [], []
    for item in items:
        if item.get("type") == "message":
            texts += _texts(item["content"])
        elif item.get("type") == "function_call":
            calls.append(_compact(item["arguments"]))
        elif item.get("type") == "computer_call" and "actions" in item:
            calls.append(_compact({"actions": item["actions"]}))
    return _said(texts, calls) if items else None


def _of_blocks(blocks):
    """The answer in the blocks of Anthropic's Messages API."""
    calls = [_compact(block["input"]) for block in blocks if block["type"] == "tool_use"]
    return _said(_texts(blocks), calls)


def _of_candidate(candidate):
    parts = (candidate.get("content") or {}).get("parts") or ()
    texts = [part["text"] for part in parts if "text" in part and not part.get("thought")]
    calls = [p["functionCall"].get("args") for p in parts if "functionCall" in p]
    return _said(texts, [_compact(call) for call in calls])


def _of_stream(events):
    """The answer in the events of a stream that was read to its end."""
    texts, calls, whole = defaultdict(str), defaultdict(str), None
    asked = False
    for event in events:
        kind = event.get("type") or event.get("event_type") or ""
        if event.get("choices"):
            asked = True
            choice = event["choices"][0]
            if choice.get("index", 0) == 0:
                delta = choice.get("delta") or {}
                texts[0] += "".join(_texts(delta.get("content"))) + (choice.get("text") or "")
                for call in delta.get("tool_calls") or ():
                    calls[call.get("index", 0)] += (call.get("function") or {}).get(
                        "arguments"
                    ) or ""
        elif kind in ("response.completed", "response.incomplete"):
            whole = _of_items(event["response"]["output"])
        elif kind == "content_block_delta":
            asked = True
            texts[event["index"]] += event["delta"].get("text", "")
            calls[event["index"]] += event["delta"].get("partial_json", "")
        elif "contentBlockDelta" in event:
            asked = True
            # Amazon's own models count each piece as a block.
            block = event["contentBlockDelta"]
            texts[0] += block["delta"].get("text", "")
            calls[block["contentBlockIndex"]] += block["delta"].get("toolUse", {}).get("input", "")
        elif event.get("candidates"):
            asked = True
            texts[0] += _of_candidate(event["candidates"][0])
        elif kind == "text-generation":
            asked = True
            texts[0] += event["text"]
        elif kind == "content-delta":
            asked = True
            texts[event.get("index", 0)] += event["delta"]["message"]["content"].get("text", "")
        elif kind == "completion" or isinstance(event.get("completion"), str):
            asked = True
            texts[0] += event["completion"]
        elif isinstance(event.get("outputText"), str):
            asked = True
            texts[0] += event["outputText"]
        elif isinstance(event.get("generation"), str):
            asked = True
            texts[0] += event["generation"]
    if whole is not None:
        return whole
    if not asked:
        return None
    written = [_compact(calls[index]) for index in sorted(calls) if calls[index]]
    return _said([texts[index] for index in sorted(texts) if texts[index]], written)


def _events(body):
    """The JSON documents of server-sent events, of lines, or of Amazon's event streams."""
    if body[:3] == b"\x00\x00\x00" or body[:2] == b"\x00\x00":
        return _amazon_events(body)
    found = []
    for line in body.decode("utf-8", "replace").splitlines():
        written = line.removeprefix("data:").strip()
        if written.startswith("{"):
            try:
                found.append(json.loads(written))
            except ValueError:
                return []
    return found


def _amazon_events(body):
    from botocore.eventstream import EventStreamBuffer

    frames = EventStreamBuffer()
    frames.add_data(body)
    found = []
    for frame in frames:
        payload = json.loads(frame.payload or b"{}")
        if "bytes" in payload:
            found.append(json.loads(base64.b64decode(payload["bytes"])))
        else:
            found.append({frame.headers.get(":event-type", ""): payload})
    return found


def _texts(content):
    """The texts of a message's content, which may be a string or a list of parts."""
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        content = [content]
    return [part["text"] for part in content or () if part.get("type") in _TEXTS]


def _calls(calls):
    return [_compact(call["function"]["arguments"]) for call in calls or ()]


def _said(texts, calls):
    text = "\n".join(texts)
    calls = [call for call in calls if call not in ("", "{}", "[]", "null")]
    return "\n".join(calls) if not text.strip() and calls else text


def _compact(value):
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    outside = re.compile(r'"(?:[^"\\]|\\.)*"|\s+')
    return outside.sub(lambda found: found[0] if found[0][0] == '"' else "", value)
