"""A plugin for the tests of others: they run with capture on, and what it says is written down.

For each test: the answers that were played back to its client, read from the recorded responses,
and the hashes that capture put on spans.
"""

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest
import recorded_answers

# Why an output has no hash, as capture counts it.
REASONS = (
    "not_recorded", "no_text", "truncated", "unparseable", "unfinished", "failed",
    "fetched_again",
)  # fmt: skip
_CAPTURE = os.environ.get("PEERS_CAPTURE") != "off"


def normal_form(text):
    """UTF-8 with each run of ASCII whitespace as one space, and none at the ends."""
    spaced = text.encode("utf-8", "replace")
    for space in b"\t\n\v\f\r":
        spaced = spaced.replace(bytes([space]), b" ")
    return b" ".join(word for word in spaced.split(b" ") if word)


def hash_of(normal):
    """The unkeyed hash, as the conventions define it."""
    return "sha256:" + hashlib.sha256(normal).hexdigest()[:32]


class Seen:
    """What one test played back, and what capture made of it."""

    def __init__(self):
        self.answers = []
        self.hashes = []
        self.spans = 0
        self.fetched = False
        self.outcome = "passed"
        self.counted = {}

    def result(self):
        """How many answers are right, and where the others are."""
        left, found = Counter(self.hashes), Counter()
        missing = []
        for answer in self.answers:
            hashed = hash_of(answer)
            found["right" if left[hashed] else "missed"] += 1
            if left[hashed]:
                left[hashed] -= 1
            else:
                missing.append(answer)
        for hashed in left.elements():
            part = next((answer for answer in missing if _begins(answer, hashed)), None)
            if part is not None:
                # The test did not read the stream to its end.
                missing.remove(part)
                found["missed"] -= 1
                found["part"] += 1
            elif hashed in map(hash_of, self.answers):
                found["twice"] += 1
            elif self.answers:
                found["wrong"] += 1
            else:
                found["other"] += 1
        return {
            "found": +found,
            "why": self._why() if missing else None,
            "missing": [answer[:80].decode("utf-8", "replace") for answer in missing],
            "outputs": len(self.hashes),
            "outcome": self.outcome,
        }

    def _why(self):
        """Why there is no hash, as far as capture says so."""
        if not self.spans:
            return "no_span"
        without = "fetched_unread" if self.fetched else "unexplained"
        return next((reason for reason in REASONS if self.counted.get(reason)), without)


def _begins(answer, hashed):
    return any(hash_of(answer[:end].strip()) == hashed for end in range(1, len(answer)))


class Report:
    """The tests, and the one that runs."""

    def __init__(self):
        self.tests = {}
        self.current = Seen()

    def begin(self, name):
        """Another test begins."""
        self.current = self.tests[name] = Seen()

    def answered(self, code, body):
        """A response was given to the client."""
        if 200 <= code < 300:
            text = recorded_answers.answer_of(bytes(body or b""))
            normal = normal_form(text or "")
            if normal:
                self.current.answers.append(normal)

    def ended(self, span):
        """A span ended."""
        self.current.spans += 1
        attributes = span.attributes or {}
        # A fetch that brings no answer is no output.
        if attributes.get("gen_ai.operation.name") == "fetch_response":
            self.current.fetched |= "ai_feedback.request.seq" not in attributes
        hashed = attributes.get("ai_feedback.output.hash")
        if hashed is not None:
            self.current.hashes.append(hashed)


REPORT = Report()


def _watch_spans():
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

    class Watcher(SpanProcessor):
        def on_end(self, span):
            REPORT.ended(span)

    construct = TracerProvider.__init__

    def constructed(provider, *args, **kwargs):
        construct(provider, *args, **kwargs)
        provider.add_span_processor(Watcher())

    TracerProvider.__init__ = constructed


def _watch_responses():
    from vcr.cassette import Cassette

    play = Cassette.play_response

    def played(cassette, request):
        response = play(cassette, request)
        status, body = response["status"], response["body"]
        body = body.get("string") if isinstance(body, dict) else body
        body = body.encode() if isinstance(body, str) else body
        REPORT.answered(status["code"] if isinstance(status, dict) else status, body)
        return response

    Cassette.play_response = played


def pytest_configure():
    """Before anything of the tests is imported."""
    _watch_spans()
    _watch_responses()
    if _CAPTURE:
        import otel_ai_feedback

        otel_ai_feedback.instrument()


def _stats():
    import otel_ai_feedback

    return otel_ai_feedback.stats() if _CAPTURE else {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Around each test, with its fixtures."""
    REPORT.begin(item.nodeid)
    before = _stats()
    try:
        return (yield)
    finally:
        after = _stats()
        REPORT.current.counted = {
            name: after[name] - before.get(name, 0)
            for name in after
            if after[name] > before.get(name, 0)
        }


def pytest_runtest_logreport(report):
    """Whether a test failed."""
    if report.failed:
        # Some compare all attributes of a span, and find ours among them.
        ours = "ai_feedback." in report.longreprtext
        REPORT.current.outcome = "own attributes" if ours else "failed"


def pytest_sessionfinish():
    """Write down what was seen."""
    results = {name: seen.result() for name, seen in REPORT.tests.items()}
    errors = _stats().get("errors", 0)
    Path(os.environ["PEERS_REPORT"]).write_text(json.dumps({"tests": results, "errors": errors}))
