"""Agents make many model calls and their user sees one answer: that one counts, in the store."""

from datetime import datetime, timedelta, timezone

import pytest

from otel_ai_feedback import serve
from otel_ai_feedback.capture.text.hashing import hash_text
from otel_ai_feedback.capture.text.sketch import grams
from otel_ai_feedback.store import facts

from .models import QUESTION
from .programs import HASH, KEY
from .test_openinference import LANGCHAIN, ON_LANGCHAIN, chains  # noqa: F401
from .test_pydantic_ai import AGENT, CHAT
from .test_pydantic_ai import python as pydantic_ai  # noqa: F401

REWORDED = "Since when has Paris been the capital of France?"
# Routes, plans, calls a tool, drafts and answers, and streams what every step says.
FIVE_STEPS = """
import sys
from langchain_core.messages import ToolMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from opentelemetry import trace

def said_by(name):
    return lambda state: {"messages": [model(name, streaming=True).invoke([QUESTION])]}

def look_up(state):
    call = model("tools", streaming=True).invoke([QUESTION])
    return {"messages": [call, ToolMessage("found", tool_call_id=call.tool_calls[0]["id"])]}

def answer(state):
    with otel_ai_feedback.answers():  # four of five steps have text
        return said_by("whole")(state)

graph = StateGraph(MessagesState)
steps = {
    "route": said_by("says route it"), "plan": said_by("says the plan"), "search": look_up,
    "draft": said_by("says a draft"), "answer": answer,
}
for name, step in steps.items():
    graph.add_node(name, step)
for one, next_one in zip([START, *steps], [*steps, END]):
    graph.add_edge(one, next_one)
agent = graph.compile()

tracer = trace.get_tracer("app")
with tracer.start_as_current_span("POST /chat"):
    with otel_ai_feedback.conversation("c1", subject="ann"):
        handle = otel_ai_feedback.request_handle() if HANDLES else ""  # it leaves with the headers
        for piece, _ in agent.stream({"messages": [QUESTION]}, stream_mode="messages"):
            pass
if HANDLES:
    otel_ai_feedback.record_action(handle, "seen", source="browser")
print(handle)
"""
ACT = """
otel_ai_feedback.record_action({handle!r}, "copy", 1.0)
"""
STREAMING_AGENT = """
Agent.instrument_all()
looking_up = agent("agent")

@looking_up.tool_plain
def search() -> str:
    return "found"

async def chat():
    with otel_ai_feedback.conversation("c1"):
        async with looking_up.run_stream(QUESTION) as run:
            async for _ in run.stream_text():
                pass
        return otel_ai_feedback.output_handle()

handle = asyncio.run(chat())
otel_ai_feedback.record_action(handle, "copy", 1.0)
"""


@pytest.fixture
def server(clean, settings):
    with serve.running(settings, port=0, jobs_every=None) as running:
        yield running


@pytest.fixture
def send(run, server, clean):
    """Run a program that exports to the store; what it printed."""

    def send(python, program):
        said = run(python, program, OTEL_EXPORTER_OTLP_ENDPOINT=server.url).out.strip()
        facts.catch_up(clean)
        return said

    return send


def agent_program(question=QUESTION, handles=True):
    return f"{ON_LANGCHAIN}{LANGCHAIN}QUESTION = {question!r}\nHANDLES = {handles}\n{FIVE_STEPS}"


def outputs(client, as_of=None):
    as_of = as_of or datetime.now(timezone.utc)
    return client.query(
        "select output_hash, delivered_by, class, output_id from outputs_at(as_of = {at:String}) "
        "order by time",
        parameters={"at": as_of.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]},
    ).result_rows


def test_of_five_steps_one_is_delivered(clean, send, chains):  # noqa: F811
    handle = send(chains, agent_program())
    assert clean.query("select count() from output_spans").result_rows == [(5,)]
    ((output_hash, delivered_by, used, answer),) = outputs(clean)
    assert (output_hash, delivered_by, used) == (HASH, "seen", "none")

    # Another process has only the handle, and does not know how the request ended.
    send(chains, ACT.format(handle=handle))
    ((_, _, used, still),) = outputs(clean)
    assert (still, used) == (answer, "used")
    rows = clean.query("select action, output_id, link_method from actions order by time")
    assert rows.result_rows == [("seen", answer, "request"), ("copy", answer, "request")]


def test_without_any_handle_it_is_the_last_with_text(clean, send, chains):  # noqa: F811
    send(chains, agent_program(handles=False))
    assert [row[:2] for row in outputs(clean)] == [(HASH, "last_in_request")]


def test_asked_again_in_another_process(clean, send, server, chains):  # noqa: F811
    for question in (QUESTION, REWORDED, REWORDED):
        send(chains, agent_program(question))
    later = datetime.now(timezone.utc) + timedelta(hours=1)
    server.run_jobs(later)
    first, second, third = outputs(clean, later)
    assert [row[2] for row in (first, second, third)] == ["reask", "regenerated", "none"]
    pairs = clean.query("select similarity, identical from turn_pairs order by next_asked_at")
    (similarity, identical), (same, again) = pairs.result_rows
    a, b = grams(QUESTION), grams(REWORDED)
    # Four standard errors of the sketch.
    assert similarity == pytest.approx(len(a & b) / len(a | b), abs=0.18)
    assert (identical, same, again) == (0, 1.0, 1)


def test_an_agent_of_pydantic_ai(clean, send, pydantic_ai):  # noqa: F811
    send(pydantic_ai, AGENT + CHAT + STREAMING_AGENT)
    ((output_hash, delivered_by, used, answer),) = outputs(clean)
    assert (output_hash, delivered_by, used) == (HASH, "handle", "used")
    assert clean.query("select output_id from actions").result_rows == [(answer,)]
    assert clean.query("select input_hash from outputs").result_rows == [
        (hash_text(QUESTION, KEY.encode()),)
    ]
