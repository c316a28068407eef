import openai
import pytest
from openai import OpenAI

from otel_ai_feedback.demo.clock import DemoClock
from otel_ai_feedback.demo.corpus import Answer
from otel_ai_feedback.demo.http import serving
from otel_ai_feedback.demo.model_server import REQUEST_ID_HEADER, ModelServer, response_id

ANSWERS = {
    "short": Answer("Hi", "finch", "Hello, you.", 3_000_000_001, 0.5),
    "empty": Answer("Hi", "finch", "", 7, 0.5),
    "down": Answer("Hi", "finch", "", 5, 0.5, status=503),
}


@pytest.fixture
def clock():
    return DemoClock(1_700_000_000_000_000_000)


@pytest.fixture
def ask(clock):
    with (
        serving(ModelServer(ANSWERS, clock).app) as url,
        OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
    ):

        def create(request_id, **options):
            return client.chat.completions.create(
                model="finch",
                messages=[{"role": "user", "content": "Hi"}],
                extra_headers={REQUEST_ID_HEADER: request_id},
                **options,
            )

        yield create


@pytest.mark.parametrize("request_id", ["short", "empty"])
def test_answers_by_the_book_and_takes_its_time(ask, clock, request_id):
    before = clock.time_ns()
    completion = ask(request_id)
    assert completion.choices[0].message.content == ANSWERS[request_id].text
    assert completion.id == response_id(request_id)
    assert completion.model == "finch"
    assert clock.time_ns() - before == ANSWERS[request_id].duration_ns


@pytest.mark.parametrize("request_id", ["short", "empty"])
def test_streams_the_same_in_the_same_time(ask, clock, request_id):
    before = clock.time_ns()
    chunks = list(ask(request_id, stream=True, stream_options={"include_usage": True}))
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == ANSWERS[request_id].text
    assert {chunk.id for chunk in chunks} == {response_id(request_id)}
    assert chunks[-1].usage.completion_tokens == len(text) // 4
    assert clock.time_ns() - before == ANSWERS[request_id].duration_ns


@pytest.mark.parametrize("stream", [False, True])
def test_fails_when_the_book_says_so(ask, clock, stream):
    before = clock.time_ns()
    with pytest.raises(openai.InternalServerError, match="overloaded"):
        ask("down", stream=stream)
    assert clock.time_ns() - before == 5


def test_an_unknown_request_is_named(ask):
    with pytest.raises(openai.NotFoundError, match="'unheard of'"):
        ask("unheard of")
