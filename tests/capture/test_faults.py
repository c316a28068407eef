"""Whatever breaks inside, the application gets its span and no exception.

One file, although it is long: every kind of fault is injected into the same application.
``OTEL_AI_FEEDBACK_TEST_FAULTS=100000 pytest -m long tests/capture/test_faults.py`` injects as many.
"""

import contextvars
import itertools
import json
import logging
import os
import random
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from types import SimpleNamespace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

import otel_ai_feedback
from otel_ai_feedback.capture import tagging
from otel_ai_feedback.capture.counts import Counts
from otel_ai_feedback.capture.details import Details, Question
from otel_ai_feedback.capture.guard import GUARD, Once
from otel_ai_feedback.capture.install.completion_hook import FeedbackHook
from otel_ai_feedback.capture.install.instrumentor import FeedbackInstrumentor, select_hook
from otel_ai_feedback.capture.install.switch import SWITCH
from otel_ai_feedback.capture.log_processor import AnswerFromLogs
from otel_ai_feedback.capture.sources import recognise
from otel_ai_feedback.capture.sources.source import Recorded
from otel_ai_feedback.capture.worker import Worker

from .faults import ERRORS, Injector
from .telemetry import messages

# At least so many in the long test, once every exception was at every line.
FAULTS = int(os.environ.get("OTEL_AI_FEEDBACK_TEST_FAULTS", "0"))


class BrokenError(Exception):
    pass


def broken(*args, **kwargs):
    raise BrokenError


class Application:
    """What an application does with capture, in steps of one or a few calls each.

    Attributes:
        started: How many spans it has started; capture's own are not among them.
    """

    def __init__(self, telemetry):
        self.telemetry = telemetry
        self.tracer = telemetry.tracer
        self.started = 0
        self.span = self.chat("Rome.", gen_ai__response__id="r1")
        self.handle = otel_ai_feedback.output_handle(self.span)
        otel_ai_feedback.link_key("m1", self.span)
        self.hook, self.logs = FeedbackHook(), AnswerFromLogs(GUARD)
        self.numbers = itertools.count()

    def chat(self, *arguments, **attributes):
        self.started += 1
        return self.telemetry.chat(*arguments, **attributes)

    def answer_in_a_conversation(self):
        self.started += 1
        with (
            otel_ai_feedback.conversation("c1", subject="ann", feature="f"),
            self.telemetry.request(),
        ):
            self.chat("Paris.", ask="Which city is the capital of France?", session__id="s1")

    def answer_alone(self):
        self.chat(" Rome\n\n more or less ")

    def answer_on_a_full_span(self):
        self.chat("Rome.", **{f"a{number}": number for number in range(124)})

    def tool_call_and_failure(self):
        self.chat(None, gen_ai__output__messages='[{"parts":[{"type":"tool_call"}]}]')
        self.chat("", end=False).end()
        self.chat(None, gen_ai__output__messages="[")

    def other_conventions(self):
        self.chat(None, openinference__span__kind="LLM", output__value="Rome.")
        self.chat(None, llm__request__type="chat", gen_ai__completion__0__content="Rome.")

    def answer_from_a_hook(self):
        span = self.chat(None, end=False)
        parts = [SimpleNamespace(type="text", content="Rome.")]
        message = SimpleNamespace(role="assistant", parts=parts, finish_reason="stop")
        turn = SimpleNamespace(role="user", parts=parts)
        self.hook.on_completion(inputs=[turn], outputs=[message], span=span)
        span.end()

    def answer_from_a_log(self):
        span = self.chat(None, end=False)
        for name, body in (("choice", {"message": {"content": "a"}}), ("user.message", {})):
            record = SimpleNamespace(
                event_name=f"gen_ai.{name}", attributes={}, body=body, span_id=0,
                context=trace.set_span_in_context(span),
            )  # fmt: skip
            self.logs.on_emit(SimpleNamespace(log_record=record))
        span.end()

    def handles(self):
        self.started += 1
        with self.telemetry.request():
            otel_ai_feedback.request_handle()
            self.chat("Paris.")
            otel_ai_feedback.output_handle()
            otel_ai_feedback.link_key(f"m{next(self.numbers)}")
        otel_ai_feedback.output_handle(self.span)
        otel_ai_feedback.output_handle(response_id="r1")
        otel_ai_feedback.output_handle(response_id="unknown")

    def actions(self):
        record = otel_ai_feedback.record_action
        record(self.handle, "copy", 1.0, action_id="1", conversation_id="c2", label="x")
        record(self.span, "edit", 0.5, subject="ann")
        record(None, "copy", response_id="r1")
        record(None, "copy", key="m1")
        record(None, "insert", text="Rome", conversation_id="c2")
        record("forged", "copy")
        record(self.handle, "nonsense")

    def another_provider(self):
        provider = TracerProvider(shutdown_on_exit=False)
        provider.get_tracer("t").start_span("x").end()

    def flush(self):
        self.telemetry.provider.force_flush()

    def switching(self):
        otel_ai_feedback.instrument(self.telemetry.provider)
        otel_ai_feedback.stats()
        select_hook()
        FeedbackInstrumentor().instrument(skip_dep_check=True)

    STEPS = (
        answer_in_a_conversation, answer_alone, answer_on_a_full_span, tool_call_and_failure,
        other_conventions, answer_from_a_hook, answer_from_a_log, handles, actions,
        another_provider, flush, switching,
    )  # fmt: skip

    def check_spans(self):
        """Every span of the application has ended and was exported, once."""
        exported = [s for s in self.telemetry.spans if not s.name.startswith("ai_feedback ")]
        assert len(exported) == self.started
        assert len({s.context.span_id for s in exported}) == self.started

    def check_it_still_works(self):
        self.telemetry.exporter.clear()
        self.telemetry.log_exporter.clear()
        span = self.telemetry.chat("Paris.", ask="Which city is the capital of France?")
        handle = otel_ai_feedback.output_handle(span)
        assert otel_ai_feedback.record_action(handle, "copy", 1.0)
        assert self.telemetry.events == []
        assert span.attributes["ai_feedback.handle.kind"] == "output"
        assert "ai_feedback.output.hash" in span.attributes
        assert "ai_feedback.input.sketch" in span.attributes
        assert len(self.telemetry.actions) == 1


@pytest.fixture
def application(telemetry, monkeypatch):
    """An application, with capture's own log switched off: it would be thousands of lines."""
    monkeypatch.setattr(logging.getLogger("otel_ai_feedback"), "disabled", True)
    return Application(telemetry)


def sweep(application, errors, injector):
    """Inject one fault a run, at every line of every step, with the next of the errors.

    Returns:
        What reached the application, each with its step and line.
    """
    reached = []
    for step in Application.STEPS:
        work = step.__get__(application)
        lines = min(injector.run(work) for _ in range(5))
        assert lines > 5, step.__name__
        for at in range(1, lines + 1):
            error = next(errors)
            try:
                # In a context of its own, as one that could not be left stays.
                contextvars.copy_context().run(injector.run, work, at, error)
            except Exception as found:
                reached.append((step.__name__, at, repr(found), place_of(found)))
        if not reached:
            application.check_spans()
        application.telemetry.exporter.clear()
        application.started = 0
    return reached


def place_of(error):
    """The line of capture that an exception came from."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "otel_ai_feedback" in frame.filename]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].line}" if ours else ""


@pytest.mark.slow
def test_a_fault_at_every_line(application):
    injector = Injector()
    before = application.telemetry.counted.get("errors", 0)
    assert sweep(application, itertools.cycle(ERRORS), injector) == []
    assert injector.injected > 1000
    assert application.telemetry.counted["errors"] - before > injector.injected / 2
    application.check_it_still_works()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_exception_at_every_line(application):
    """As above, as often as there are exceptions, each time with the next one at each line."""
    injector = Injector()
    turns = itertools.count()
    while (turn := next(turns)) < len(ERRORS) or injector.injected < FAULTS:
        errors = itertools.islice(itertools.cycle(ERRORS), turn % len(ERRORS), None)
        assert sweep(application, errors, injector) == []
    print(json.dumps({"faults": injector.injected, "turns": turn}))
    assert injector.injected > 1000 * len(ERRORS)
    application.check_it_still_works()


@pytest.mark.parametrize(
    ("holder", "name"), [(Counts, "add"), (Once, "error"), (Once, "warn"), (Once, "_log")]
)
def test_a_guard_that_is_broken_itself(application, monkeypatch, holder, name):
    with monkeypatch.context() as patch:
        patch.setattr(holder, name, broken)
        for step in Application.STEPS:
            step(application)
        patch.setattr(tagging, "recognise", broken)
        for step in Application.STEPS:
            step(application)
    application.check_spans()
    application.check_it_still_works()


@pytest.mark.slow
def test_a_fault_at_every_line_of_the_worker(application):
    """The job is lost at worst; the next one is handled."""
    capture, injector = SWITCH.capture, Injector()
    turn = messages("Which city is the capital of France?", "user")
    found = Recorded({"gen_ai.operation.name": "chat", "gen_ai.input.messages": turn})
    output = capture.outputs.of_response("r1").output
    question = Question(capture.input_keys, None, recognise(found), found)
    job = Details(output, False, {}, question)
    handled = []

    def handle(job):
        capture._send(job)
        handled.append(job)

    def work(at, error):
        """One job with a fault, then one without."""
        worker = Worker(handle, lambda: None, GUARD, pause_seconds=0.001)
        injector.on_new_threads(at, error)
        try:
            worker.submit(job, 0)
            worker.flush(20)
        finally:
            injector.stop()
        handled.clear()
        assert worker.submit(job, 0)
        assert worker.flush(20)
        worker.stop(20)
        assert handled, (at, injector.seen, injector.injected)

    work(0, None)
    lines = injector.seen
    assert lines > 50
    # Where the lines repeat, as in the loop of the sketch, a part of them will do.
    for at in [*range(1, 60), *range(60, lines + 1, 17)]:
        work(at, ERRORS[at % len(ERRORS)])
    assert injector.injected > 60


@pytest.mark.parametrize("error", [MemoryError, RecursionError, UnicodeError, AssertionError])
def test_any_exception_class(telemetry, monkeypatch, error):
    def fail(*args):
        raise error

    monkeypatch.setattr(tagging, "recognise", fail)
    telemetry.chat()
    assert len(telemetry.spans) == 1


def test_an_interrupt_passes_through_but_the_span_ends(telemetry, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    span = telemetry.chat(end=False)
    monkeypatch.setattr(tagging, "recognise", interrupt)
    with pytest.raises(KeyboardInterrupt):
        span.end()
    assert len(telemetry.spans) == 1


def test_an_error_of_the_sdks_own_end_is_the_applications(telemetry):
    class Failing(SpanProcessor):
        def on_end(self, span):
            raise BrokenError

    telemetry.provider.add_span_processor(Failing())
    with pytest.raises(BrokenError):
        telemetry.chat()


def test_errors_are_logged_once(telemetry, monkeypatch, caplog):
    monkeypatch.setattr(tagging, "recognise", broken)
    for _ in range(5):
        telemetry.chat()
    records = [r for r in caplog.records if "tagging an LLM span" in r.getMessage()]
    assert len(records) == 1
    assert records[0].exc_info
    assert telemetry.counted["errors"] == 5


def test_a_logging_handler_that_fails_is_stopped_too(telemetry, monkeypatch):
    class Failing(logging.Handler):
        def handle(self, record):
            raise BrokenError

    handler = Failing()
    logging.getLogger("otel_ai_feedback").addHandler(handler)
    try:
        monkeypatch.setattr(tagging, "recognise", broken)
        telemetry.chat()
    finally:
        logging.getLogger("otel_ai_feedback").removeHandler(handler)
    assert len(telemetry.spans) == 1


def test_a_span_class_without_room_for_state_is_left_alone(switch_on):
    class Slotted:
        __slots__ = ()
        parent = None
        start_time = 0

        def get_span_context(self):
            return trace.SpanContext(1, 2, is_remote=False, trace_flags=trace.TraceFlags(1))

    telemetry = switch_on()
    ours = telemetry.provider._active_span_processor._span_processors[-1]
    ours.on_start(Slotted())
    assert telemetry.counted == {"errors": 1}


HOSTILE = [
    "[" * 100_000,
    '{"a":' * 50_000,
    "null", "0", '""', "[null]", "[[]]", '[{"parts":null}]', '[{"parts":[null]}]',
    '[{"parts":[{"type":["text"],"content":1}]}]',
    '[{"parts":[{"type":"text","content":{"a":1}}]}]',
    "[" + "1" * 10_000 + "]",
    '[{"parts":[{"type":"text","content":"' + "\\ud800" * 1000 + '"}]}]',
    messages("\x00" * 1000),
    messages("a" * 5_000_000),
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_content(telemetry, value):
    for name in ("gen_ai.output.messages", "output.value", "gen_ai.completion.0.content"):
        kinds = {
            "openinference.span.kind": "LLM", "llm.request.type": "chat",
            "gen_ai.operation.name": "chat", "output.mime_type": "application/json",
            "gen_ai.input.messages": value,
        }  # fmt: skip
        span = telemetry.tracer.start_span("chat", attributes={**kinds, name: value})
        span.end()
        assert "ai_feedback.output.time" in span.attributes
    telemetry.provider.force_flush()
    assert "errors" not in telemetry.counted


def test_nested_sequences_of_mappings_are_read_like_json(telemetry):
    from otel_ai_feedback.capture.sources.messages import answer_of

    value = ({"role": "assistant", "parts": ({"type": "text", "content": "a"},)},)
    assert answer_of(value, None).text == "a"


def test_wrong_settings_are_logged_and_capture_stays_off(monkeypatch, caplog):
    GUARD.once.__init__()
    monkeypatch.setenv("OTEL_AI_FEEDBACK_HASH", "md5")
    otel_ai_feedback.instrument()
    assert "must be 'keyed' or 'plain'" in caplog.text
    assert otel_ai_feedback.output_handle() is None
    otel_ai_feedback.uninstrument()


def test_wrong_arguments_do_not_raise(telemetry):
    otel_ai_feedback.instrument(tracer_provider="not a provider")
    assert otel_ai_feedback.output_handle("not a span") is None
    assert otel_ai_feedback.request_handle(object()) is None
    assert otel_ai_feedback.output_handle(response_id=["unhashable"]) is None
    assert not otel_ai_feedback.record_action(None, "copy", response_id={"a": 1})


# Threads, processes and the end ------------------------------------------------------------------


def test_threads_racing_to_end_the_same_spans(application):
    """Each span is exported once, and tagged once where it was tagged before it had ended."""
    spans = [application.chat(f"answer {number}", end=False) for number in range(400)]
    seed = 20261124

    def end(thread):
        mine = list(spans)
        random.Random(seed + thread).shuffle(mine)
        for span in mine:
            span.end()
            otel_ai_feedback.output_handle(span)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=end, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    application.check_spans()
    assert "errors" not in application.telemetry.counted
    places = [
        span.attributes.get("ai_feedback.request.seq") for span in application.telemetry.spans
    ]
    assert set(places) <= {1, None}


def test_a_child_that_forks_in_the_middle_of_faults(application, monkeypatch):
    if not hasattr(os, "fork"):
        pytest.skip("needs fork")
    with monkeypatch.context() as patch:
        patch.setattr(tagging, "recognise", broken)
        application.answer_alone()
    child = os.fork()
    if child == 0:
        try:
            threading.Timer(20, os._exit, (1,)).start()
            application.check_it_still_works()
            os._exit(0)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


ENDING = """
import atexit, os, threading, time, weakref
import otel_ai_feedback
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

class Printing(SpanExporter):
    # Its default, as by then the module's names are gone.
    def export(self, spans, write=os.write):
        for span in spans:
            write(1, f"{span.name}\\n".encode())


provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(Printing()))
tracer = provider.get_tracer("t")
def chat(name):
    span = tracer.start_span(name, attributes={"gen_ai.operation.name": "chat"})
    otel_ai_feedback.output_handle(span)
    return span

atexit.register(lambda: chat("registered before").end())
otel_ai_feedback.instrument(provider)
atexit.register(lambda: chat("registered after").end())
class Holder:
    pass
holder = Holder()
weakref.finalize(holder, chat("finalizer").end)
def busy():
    while True:
        chat("daemon").end()
threading.Thread(target=busy, daemon=True).start()
time.sleep(0.2)
"""


def test_spans_that_end_while_the_interpreter_does(tmp_path, environment):
    settings = {f"OTEL_AI_FEEDBACK_{name}": value for name, value in environment.items()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(
        [sys.executable, "-c", ENDING], env=kept | settings, capture_output=True, text=True,
        timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    names = set(done.stdout.splitlines())
    assert {"registered before", "registered after", "finalizer", "daemon"} <= names
