"""No 8 characters in a row of any prompt or answer leave the process: every byte is looked at."""

import json
import os
import random
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from .fakes import OpenAI, collecting, plain, serving, url
from .sent_bytes import sent
from .telemetry import KEY

WINDOW = 8
GENAI = "opentelemetry.instrumentation.genai.openai"
OPENINFERENCE = "openinference.instrumentation.openai"
OPENLLMETRY = "opentelemetry.instrumentation.openai"
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
CONTENT_OFF = {
    GENAI: {},
    OPENINFERENCE: {"OPENINFERENCE_HIDE_INPUTS": "true", "OPENINFERENCE_HIDE_OUTPUTS": "true"},
    OPENLLMETRY: {"TRACELOOP_TRACE_CONTENT": "false"},
}
CONTENT_ON = {GENAI: {CONTENT: "span_and_event"}, OPENINFERENCE: {}, OPENLLMETRY: {}}


def words(count):
    """Words that nothing else says: what is found of them was taken from here."""
    drawn = random.Random(count)
    letters = "bcdfghjklmnpqrstvwxzäöüßéñ"
    return " ".join("".join(drawn.choices(letters, k=drawn.randint(4, 9))) for _ in range(count))


TEXTS = {
    name: words(40 + number)
    for number, name in enumerate(
        (
            "system",
            "earlier prompt",
            "earlier answer",
            "prompt",
            "answer",
            "never said",
            "arguments",
            "looked for",
            "found",
            "told",
        )
    )
}
TEXTS["prompt again"] = TEXTS["prompt"].replace(TEXTS["prompt"].split()[3], "anders")
TEXTS["fragment"] = TEXTS["answer"][20:140].replace(TEXTS["answer"].split()[7], "anders")


class Model(OpenAI):
    """Answers with the texts; a refusal quotes what was asked, where ``quotes`` is set."""

    def complete(self, request):
        if request["model"] == "broken" and self.server.quotes:
            prompt = request["messages"][-1]["content"]
            message = f"Invalid prompt: {prompt}"
            self.answer(400, {"error": {"message": message, "type": "invalid_request_error"}})
            return
        super().complete(request)

    def messages(self, model, conversation):
        if model == "answer":
            return [{"role": "assistant", "content": TEXTS["answer"]}]
        first, *others = super().messages(model, conversation)
        if "tool_calls" in first:
            function = {"name": "search", "arguments": json.dumps({"query": TEXTS["arguments"]})}
            calls = [{**call, "function": function} for call in first["tool_calls"]]
            first = {**first, "tool_calls": calls}
        return [first, *others]


class Talked:
    """What a process sent, by whatever way."""

    def __init__(self, sent, bodies, errors, stats, collector):
        self.stats = stats
        self.collector = collector
        self.errors = errors
        self.sent = sent
        self.everything = b"\n".join([sent, *unpacked(sent), *bodies, errors]).lower()

    def found(self):
        """The texts of which 8 characters in a row left, each with what was found."""
        return {
            name: hits
            for name, text in TEXTS.items()
            if (hits := [w for w in windows(text) if any(f in self.everything for f in forms(w))])
        }


def windows(text):
    return [text[at : at + WINDOW] for at in range(len(text) - WINDOW + 1)]


def forms(window):
    """How 8 characters may be written."""
    return {
        form.lower()
        for form in (
            window.encode(),
            json.dumps(window)[1:-1].encode(),
            window.encode().hex().encode(),
            window.encode("utf-16-le"),
        )
    }


def unpacked(data):
    """What gzip streams inside the bytes say."""
    magic = b"\x1f\x8b\x08"
    at = data.find(magic)
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(31).decompress(data[at:])
        at = data.find(magic, at + 1)


@pytest.fixture
def talk(tmp_path):
    def talk(module, quotes=False, **environment):
        texts, written = tmp_path / "texts.json", tmp_path / "sent"
        texts.write_text(json.dumps(TEXTS))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "TRACELOOP_"))}
        with serving(Model) as model, collecting() as collector:
            model.quotes = quotes
            finished = subprocess.run(
                [sys.executable, str(Path(__file__).with_name("talk.py")), module, texts, written],
                env=kept | {
                    "OPENAI_BASE_URL": url(model, "/v1"), "OPENAI_API_KEY": "none",
                    "OTEL_EXPORTER_OTLP_ENDPOINT": url(collector), "OTEL_SERVICE_NAME": "shop",
                    "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                    "OTEL_AI_FEEDBACK_KEY": KEY, "OTEL_AI_FEEDBACK_STATE_DIR": str(tmp_path),
                } | environment,
                capture_output=True, timeout=120, cwd=tmp_path,
            )  # fmt: skip
            assert finished.returncode == 0, finished.stderr.decode()
            return Talked(
                sent(written, model.server_port),
                collector.bodies,
                finished.stderr,
                json.loads(finished.stdout.splitlines()[-1]),
                collector,
            )

    return talk


def attributes(talked, name):
    found = [plain(span.attributes) for span in talked.collector.spans]
    return [each[name] for each in found if name in each]


# Under each: what no instrumentation records, capture does not let out either.
SETTINGS = {
    "not set": {},
    "off": {"OTEL_AI_FEEDBACK_REVIEW_TEXT": "off"},
    "sample": {
        "OTEL_AI_FEEDBACK_REVIEW_TEXT": "sample",
        "OTEL_AI_FEEDBACK_REVIEW_TEXT_RATE": "1e-12",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("module", CONTENT_OFF)
def test_with_content_capture_off(talk, module, setting):
    talked = talk(module, **SETTINGS[setting], **CONTENT_OFF[module])
    assert talked.found() == {}
    # It did talk: answers, actions and what went wrong.
    looked_up = setting in ("off", "sample")
    assert len(attributes(talked, "ai_feedback.request.seq")) == 7 + looked_up
    assert {"copy", "rating"} <= set(attributes(talked, "ai_feedback.action.name"))
    assert talked.stats["opted_out"] == 1
    assert talked.stats["handle_malformed"] == 1
    assert "errors" not in talked.stats
    assert b"otel-ai-feedback" in talked.errors
    if module == GENAI:
        assert talked.stats["tagged"] == 5
        methods = set(attributes(talked, "ai_feedback.link.method"))
        assert methods == {"handle", "key", "hash", "fragment"}
        assert len(attributes(talked, "ai_feedback.input.sketch")) >= 6


# Outside the sample nothing leaves either.
NONE_LEAVES = {"off": {}, "sample": {"OTEL_AI_FEEDBACK_REVIEW_TEXT_RATE": "1e-12"}}


@pytest.mark.slow
@pytest.mark.parametrize("setting", NONE_LEAVES)
@pytest.mark.parametrize("module", CONTENT_ON)
def test_where_no_text_may_leave_although_content_capture_is_on(talk, module, setting):
    mode = {"OTEL_AI_FEEDBACK_REVIEW_TEXT": setting, **NONE_LEAVES[setting]}
    talked = talk(module, quotes=True, **mode, **CONTENT_ON[module])
    assert talked.found() == {}
    assert "https://search.example/find" in attributes(talked, "url.full")
    assert talked.stats["tagged"] == 5
    assert "text_not_removed" not in talked.stats
    assert "errors" not in talked.stats


@pytest.mark.slow
def test_what_leaves_is_found(talk):
    """The search itself: with content capture on, every text is in the bytes."""
    talked = talk(OPENINFERENCE)
    said = set(TEXTS) - {"never said", "looked for", "found", "told"}
    assert set(talked.found()) >= said
    for text in said:
        assert len(talked.found()[text]) > 50


@pytest.mark.slow
def test_redis_gets_none_either(talk, tmp_path):
    from .test_redis import Server, shutil

    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    server = Server(tmp_path)
    server.start()
    try:
        talked = talk(GENAI, OTEL_AI_FEEDBACK_REGISTRY=server.url)
        stored = [server.client.dump(name) for name in server.client.scan_iter()]
    finally:
        server.kill()
        server.client.close()
    assert talked.found() == {}
    assert "redis_failed" not in talked.stats
    assert len(stored) > 5
    assert b"LPUSH" in talked.sent
