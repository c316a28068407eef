"""OpenInference: instrumentations of Arize Phoenix."""

import pytest

from .models import QUESTION
from .programs import FIRST_PIECE, HASH, QUESTION_HASH
from .user_code import (
    ANTHROPIC,
    ANTHROPIC_CASES,
    OPENAI,
    OPENAI_CASES,
    OPENAI_PARTS,
    OPENAI_RESPONSES,
    WITHOUT_ITS_OWN_SPANS,
)

PACKAGE = "openinference-instrumentation-"
ON_OPENAI = """
from openinference.instrumentation.openai import OpenAIInstrumentor
OpenAIInstrumentor().instrument()
"""
ON_ANTHROPIC = """
from openinference.instrumentation.anthropic import AnthropicInstrumentor
AnthropicInstrumentor().instrument()
"""
ON_LANGCHAIN = """
from openinference.instrumentation.langchain import LangChainInstrumentor
LangChainInstrumentor().instrument()
"""
ON_LITELLM = """
from openinference.instrumentation.litellm import LiteLLMInstrumentor
LiteLLMInstrumentor().instrument()
"""
LANGCHAIN = f"""
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

def model(name, **options):
    return ChatOpenAI(model=name, max_retries=0, **options)

QUESTION = {QUESTION!r}
"""
LANGGRAPH = """
from langgraph.graph import END, START, MessagesState, StateGraph

def answer(state):
    return {"messages": [model("gpt-4o").invoke(state["messages"])]}

graph = StateGraph(MessagesState)
graph.add_node("answer", answer)
graph.add_edge(START, "answer")
graph.add_edge("answer", END)
graph.compile().invoke(
    {"messages": [("user", QUESTION)]}, config={"configurable": {"thread_id": "thread-1"}}
)
"""
LITELLM = f"""
import asyncio, litellm
MESSAGES = [{{"role": "user", "content": {QUESTION!r}}}]

def named(model):
    return {{"model": "openai/" + model, "messages": MESSAGES}}
"""


@pytest.fixture(scope="module")
def python(environment):
    return environment("current")


@pytest.fixture(scope="module")
def chains(environment):
    return environment("chains")


def test_openai(run, python):
    program = ON_OPENAI + OPENAI + OPENAI_CASES + OPENAI_PARTS + OPENAI_RESPONSES
    ran = run(python, program)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None, None],
        "two": [HASH, HASH],
        "empty": ["empty"],
        "broken": [None],
        "parts": [HASH],
        "response": [HASH],
        "response streamed": [HASH],
        "thinks": [HASH],
        "tools response": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_anthropic(run, python):
    program = ON_ANTHROPIC + ANTHROPIC + ANTHROPIC_CASES
    ran = run(python, program, **WITHOUT_ITS_OWN_SPANS)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "text streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None],
        "thinks": [HASH],
        "broken": [None],
    }
    assert ran.questions == {QUESTION_HASH}


def test_langchain(run, chains):
    program = f"""
{ON_LANGCHAIN}{LANGCHAIN}
model("whole").invoke(QUESTION)
list(model("streamed").stream(QUESTION))
stream = model("aborted").stream(QUESTION)
next(stream)
stream.close()
model("tools").invoke(QUESTION)
model("two", n=2).generate([[HumanMessage(QUESTION)]])
{LANGGRAPH}
"""
    ran = run(chains, program)
    assert ran.answers == {
        "whole": [HASH],
        "streamed": [HASH],
        "aborted": [FIRST_PIECE],
        "tools": [None],
        "two": [HASH],
        # The spans of the graph and of its node have the same text: they are no model calls.
        "gpt-4o": [HASH],
    }
    assert ran.questions == {QUESTION_HASH}
    assert [output["session.id"] for output in ran.outputs if "session.id" in output] == [
        "thread-1"
    ]


def test_litellm(run, chains):
    program = f"""
{ON_LITELLM}{LITELLM}
litellm.completion(**named("whole"))
list(litellm.completion(stream=True, **named("streamed")))
litellm.completion(**named("tools"))

async def main():
    await litellm.acompletion(**named("whole"))
    async for _ in await litellm.acompletion(stream=True, **named("streamed")):
        pass

asyncio.run(main())
"""
    ran = run(chains, program)
    assert ran.answers == {
        "openai/whole": [HASH, HASH],
        "openai/streamed": [HASH, HASH],
        "openai/tools": [None],
    }
    assert ran.questions == {QUESTION_HASH}


HIDDEN = {"OPENINFERENCE_HIDE_OUTPUT_MESSAGES": "true"}


def test_the_response_says_what_hidden_messages_do_not(run, python):
    program = ON_OPENAI + ON_ANTHROPIC + OPENAI + 'ask("whole")\n' + OPENAI_RESPONSES
    program += ANTHROPIC + 'ask("whole")'
    ran = run(python, program, **HIDDEN, **WITHOUT_ITS_OWN_SPANS)
    assert ran.answers == {
        "whole": [HASH, HASH],
        "response": [HASH],
        "response streamed": [HASH],
        "thinks": [HASH],
        "tools response": [None],
    }


def test_hidden_outputs_are_not_recorded(run, python):
    ran = run(python, ON_OPENAI + OPENAI + 'ask("whole")', OPENINFERENCE_HIDE_OUTPUTS="true")
    assert ran.answers == {"whole": [None]}


def test_recorded(record, python, chains):
    program = ON_OPENAI + OPENAI
    record("openinference-openai", python, f"{PACKAGE}openai", program + 'ask("gpt-4o")')
    record(
        "openinference-openai-streamed",
        python,
        f"{PACKAGE}openai",
        program + 'list(ask("gpt-4o", stream=True))',
    )
    record(
        "openinference-anthropic",
        python,
        f"{PACKAGE}anthropic",
        ON_ANTHROPIC + ANTHROPIC + 'ask("claude")',
        model="claude",
        response_ids=["msg_1"],
    )
    record(
        "openinference-langgraph",
        chains,
        f"{PACKAGE}langchain",
        ON_LANGCHAIN + LANGCHAIN + LANGGRAPH,
        response_ids=[""],
        session="thread-1",
    )
    record(
        "openinference-litellm",
        chains,
        f"{PACKAGE}litellm",
        ON_LITELLM + LITELLM + 'litellm.completion(**named("gpt-4o"))',
        model="openai/gpt-4o",
        response_ids=[""],
    )
