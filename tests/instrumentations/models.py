"""A local server that answers like OpenAI (chat and responses), like Anthropic, and like Gemini."""

from capture.fakes import ANSWER, OpenAI, pieces

QUESTION = "What is the capital of France, and since when?"
THOUGHT = "Let me think."
TOOL_USE = {"type": "tool_use", "id": "call_1", "name": "search", "input": {}}


class Models(OpenAI):
    """One handler for all of them, by path.

    The models are those of chat completions, and ``thinks``, whose answer comes after a thought.
    """

    def complete(self, request):
        if self.path.endswith("/messages"):
            self.message(request)
        elif "/models/" in self.path:
            self.generate(request, *self.path.split("/models/")[1].split("?")[0].split(":"))
        elif self.path.endswith("/responses"):
            self.respond(request)
        else:
            super().complete(request)

    def named_event(self, event):
        self.wfile.write(b"event: " + event["type"].encode() + b"\n")
        self.event(event)

    def respond(self, request):
        model = request["model"]
        message = {
            "id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": ANSWER, "annotations": []}],
        }  # fmt: skip
        call = {
            "id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "search",
            "arguments": "{}", "status": "completed",
        }  # fmt: skip
        thought = {
            "id": "rs_1", "type": "reasoning",
            "summary": [{"type": "summary_text", "text": THOUGHT}],
        }  # fmt: skip
        items = {"tools": [call], "tools response": [call], "thinks": [thought, message]}.get(
            model, [message]
        )
        whole = {
            "id": f"resp_{model}", "object": "response", "created_at": 1_795_464_000,
            "model": model, "status": "completed", "output": items, "parallel_tool_calls": True,
            "tool_choice": "auto", "tools": [], "metadata": {}, "temperature": 1.0, "top_p": 1.0,
            "error": None, "incomplete_details": None, "instructions": None,
            "usage": {
                "input_tokens": 1, "output_tokens": 1, "total_tokens": 2,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens_details": {"reasoning_tokens": 0},
            },
        }  # fmt: skip
        if not request.get("stream"):
            self.answer(200, whole)
            return
        part = {"type": "output_text", "text": "", "annotations": []}
        at = {"output_index": 0, "content_index": 0, "item_id": "msg_1"}
        started = {**whole, "status": "in_progress", "output": [], "usage": None}
        events = [
            {"type": "response.created", "response": started},
            {"type": "response.output_item.added", "output_index": 0,
             "item": {**message, "content": [], "status": "in_progress"}},
            {"type": "response.content_part.added", **at, "part": part},
            *({"type": "response.output_text.delta", **at, "delta": piece, "logprobs": []}
              for piece in pieces(ANSWER)),
            {"type": "response.output_text.done", **at, "text": ANSWER, "logprobs": []},
            {"type": "response.content_part.done", **at, "part": {**part, "text": ANSWER}},
            {"type": "response.output_item.done", "output_index": 0, "item": message},
            {"type": "response.completed", "response": whole},
        ]  # fmt: skip
        self.begin_events()
        for number, event in enumerate(events):
            self.named_event({**event, "sequence_number": number})

    def message(self, request):
        model = request["model"]
        if model == "broken":
            error = {"type": "invalid_request_error", "message": "no"}
            self.answer(400, {"type": "error", "error": error})
            return
        content = TOOL_USE if model == "tools" else {"type": "text", "text": ANSWER}
        thought = {"type": "thinking", "thinking": THOUGHT, "signature": "s"}
        contents = [thought, content] if model == "thinks" else [content]
        stop = "tool_use" if model == "tools" else "end_turn"
        message = {
            "id": "msg_1", "type": "message", "role": "assistant", "model": model,
            "content": contents, "stop_reason": stop, "stop_sequence": None,
            "usage": {"input_tokens": 1, "output_tokens": 1},
        }  # fmt: skip
        if not request.get("stream"):
            self.answer(200, message)
            return
        started = {**message, "content": [], "stop_reason": None}
        if model == "tools":
            deltas = [{"type": "input_json_delta", "partial_json": "{}"}]
        else:
            deltas = [{"type": "text_delta", "text": piece} for piece in pieces(ANSWER)]
            content = {"type": "text", "text": ""}
        self.begin_events()
        for event in (
            {"type": "message_start", "message": started},
            {"type": "content_block_start", "index": 0, "content_block": content},
            *({"type": "content_block_delta", "index": 0, "delta": delta} for delta in deltas),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None},
             "usage": {"output_tokens": 1}},
            {"type": "message_stop"},
        ):  # fmt: skip
            self.named_event(event)

    def generate(self, request, model, method):
        """Gemini's: ``generateContent``, or ``streamGenerateContent`` as events."""
        called = any("functionResponse" in part for c in request["contents"] for part in c["parts"])
        name = model.removeprefix("gemini-")
        texts = [ANSWER] if method == "generateContent" else pieces(ANSWER)
        parts = [{"text": text} for text in texts]
        if name == "thinks":
            parts = [{"text": THOUGHT, "thought": True}, *parts]
        if name == "tools" or (name == "agent" and not called):
            parts = [{"functionCall": {"name": "search", "args": {}}}]
        usage = {"promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2}
        common = {"modelVersion": model, "responseId": "gemini-1"}
        if method == "generateContent":
            content = {"role": "model", "parts": parts}
            candidate = {"index": 0, "content": content, "finishReason": "STOP"}
            self.answer(200, {"candidates": [candidate], "usageMetadata": usage, **common})
            return
        self.begin_events()
        for number, part in enumerate(parts, start=1):
            candidate = {"index": 0, "content": {"role": "model", "parts": [part]}}
            if number == len(parts):
                candidate["finishReason"] = "STOP"
            self.event({"candidates": [candidate], "usageMetadata": usage, **common})
