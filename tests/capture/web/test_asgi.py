"""The ASGI middleware around a Starlette application on uvicorn."""

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from otel_ai_feedback.capture.web.retries import Retries
from otel_ai_feedback.web.asgi import FeedbackMiddleware

from .served import RealClock, beacon, leave_after, until, uvicorn_serving

HEADER = "AI-Feedback-Handle"
ACTIONS = "/_ai_feedback/actions"


class Instrumented:
    """Makes a span around each request, as a framework's instrumentation does."""

    def __init__(self, app, telemetry):
        self.app, self.telemetry = app, telemetry

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            with self.telemetry.request():
                await self.app(scope, receive, send)


def application(telemetry):
    async def answer(request):
        telemetry.chat("answer", "What is the capital?")
        return JSONResponse({"text": "answer"})

    async def nothing(request):
        return JSONResponse({})

    async def stream(request):
        async def parts():
            yield "data: one\n\n"
            if "silent" not in request.query_params:
                telemetry.chat("streamed")
            yield "data: two\n\n"

        return StreamingResponse(parts(), media_type=request.query_params.get("type", SSE))

    async def exposing(request):
        telemetry.chat("answer")
        return Response("", headers={"Access-Control-Expose-Headers": "X-Mine"})

    async def afterwards(request):
        async def parts():
            yield "x"

        return StreamingResponse(
            parts(), background=BackgroundTask(lambda: telemetry.chat("title"))
        )

    async def failing(request):
        raise RuntimeError("the application's own")

    return Starlette(
        routes=[
            Route(f"/{f.__name__}", f)
            for f in (answer, nothing, stream, exposing, afterwards, failing)
        ]
    )


SSE = "text/event-stream"


@pytest.fixture
def client(capture):
    app = FeedbackMiddleware(Instrumented(application(capture), capture))
    with uvicorn_serving(app) as client:
        yield client


def test_an_answer_carries_a_handle_and_is_delivered(capture, client):
    response = client.get("/answer")
    assert len(response.headers[HEADER]) == 68
    until(lambda: len(capture.delivered) == 1)


def test_a_request_without_a_model_call_carries_none(capture, client):
    assert HEADER not in client.get("/nothing").headers
    assert capture.delivered == []


def test_a_stream_carries_its_handle_before_the_output_exists(capture, client):
    response = client.get("/stream")
    assert response.headers[HEADER]
    assert response.text == "data: one\n\ndata: two\n\n"  # untouched, to the byte
    until(lambda: len(capture.delivered) == 1)


def test_a_stream_that_calls_no_model_is_not_delivered(capture, client):
    assert client.get("/stream?silent=1").headers[HEADER]
    assert capture.delivered == []


def test_what_is_made_after_the_response_is_not_delivered_by_it(capture, client):
    assert client.get("/afterwards").headers[HEADER]
    until(lambda: capture.outputs)
    assert capture.delivered == []


def test_other_streams_keep_their_bodies(client):
    response = client.get("/stream?type=text/plain")
    assert response.headers[HEADER]
    assert response.text == "data: one\n\ndata: two\n\n"


def test_the_handle_can_be_an_event(capture):
    app = FeedbackMiddleware(Instrumented(application(capture), capture), sse="event")
    with uvicorn_serving(app) as client:
        response = client.get("/stream")
    assert response.text.startswith(f"event: ai-feedback\ndata: {response.headers[HEADER]}\n\n")


def test_the_handle_can_be_a_comment_before_the_first_event(capture):
    app = FeedbackMiddleware(Instrumented(application(capture), capture), sse="comment")
    with uvicorn_serving(app) as client:
        response = client.get("/stream")
    # no blank line of its own: parsers in use make an empty message of one
    assert response.text.startswith(f": ai-feedback {response.headers[HEADER]}\ndata: one\n\n")


def test_pages_of_other_origins_may_read_the_header(client):
    exposed = client.get("/exposing", headers={"Origin": "https://page.example"}).headers
    assert exposed["Access-Control-Expose-Headers"] == "X-Mine, AI-Feedback-Handle"
    assert client.get("/exposing").headers["Access-Control-Expose-Headers"] == "X-Mine"


def test_a_beacon_becomes_an_action_linked_to_the_output(capture, client):
    handle = client.get("/stream").headers[HEADER]
    sent = client.post(
        ACTIONS,
        content=beacon(handle, value=0.8, method="button", ago=2),
        headers={"Content-Type": "text/plain", "Origin": str(client.base_url)},
    )
    assert (sent.status_code, sent.content) == (204, b"")
    (action,) = until(lambda: capture.actions)
    (output,) = [s for s in capture.spans if s.name == "chat m"]
    assert action.links[0].context.span_id == output.context.span_id
    assert action.attributes["ai_feedback.action.source"] == "browser"
    assert action.attributes["ai_feedback.action.method"] == "button"


def test_no_action_is_older_than_the_answer_that_it_was_done_to(capture, client):
    handle = client.get("/stream").headers[HEADER]
    client.post(ACTIONS, content=beacon(handle, ago=1800), headers={"Content-Type": "text/plain"})
    (action,) = until(lambda: capture.actions)
    (output,) = [s for s in capture.spans if s.name == "chat m"]
    assert action.start_time // 10**9 >= output.start_time // 10**9


def test_the_handle_works_without_a_span_inside_of_the_middleware(capture):
    """Where the instrumentation stands outside, or there is none but the model call itself."""
    outside = Instrumented(FeedbackMiddleware(application(capture)), capture)
    for app in (outside, FeedbackMiddleware(application(capture))):
        with uvicorn_serving(app) as client:
            assert HEADER in client.get("/answer").headers


def test_an_application_that_fails_fails_as_before(client):
    assert client.get("/failing").status_code == 500


def test_before_instrument_nothing_is_added_and_beacons_wait():
    async def app(scope, receive, send):
        await Response("plain")(scope, receive, send)

    with uvicorn_serving(FeedbackMiddleware(app)) as client:
        assert HEADER not in client.get("/").headers
        refused = client.post(ACTIONS, content=beacon("x"), headers={"Content-Type": "text/plain"})
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]


def test_websockets_and_lifespan_pass_by(capture):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    async def run():
        for kind in ("lifespan", "websocket"):
            await FeedbackMiddleware(app)({"type": kind}, None, None)

    anyio.run(run)
    assert seen == ["lifespan", "websocket"]


@pytest.mark.parametrize("outside", [True, False])
def test_a_client_that_leaves_a_stream_has_closed_it(capture, outside):
    async def slow(request):
        async def parts():
            span = capture.chat("slowly", end=False)
            try:
                for number in range(200):
                    yield f"data: {number}\n\n"
                    await anyio.sleep(0.02)
            finally:
                span.end()

        return StreamingResponse(parts(), media_type=SSE)

    app = Starlette(routes=[Route("/slow", slow)])
    if outside:
        app = Instrumented(FeedbackMiddleware(app), capture)
    else:
        app = FeedbackMiddleware(Instrumented(app, capture))
    with uvicorn_serving(app) as client:
        leave_after(client, "/slow", "data: 3")
        (action,) = until(lambda: capture.actions)
    (output,) = [s for s in capture.spans if s.name == "chat m"]
    assert action.name == "ai_feedback close"
    assert action.attributes["ai_feedback.action.source"] == "server"
    assert action.links[0].context.span_id == output.context.span_id


def test_a_client_that_leaves_after_the_output_was_made_has_read_it(capture):
    """Clients of event streams hang up at the last event, before the server ends the stream."""

    async def slow(request):
        async def parts():
            capture.chat("at once")
            for number in range(200):
                yield f"data: {number}\n\n"
                await anyio.sleep(0.02)

        return StreamingResponse(parts(), media_type=SSE)

    app = FeedbackMiddleware(Instrumented(Starlette(routes=[Route("/slow", slow)]), capture))
    with uvicorn_serving(app) as client:
        leave_after(client, "/slow", "data: 3")
    capture.provider.force_flush()
    assert capture.actions == []


def test_who_asks_not_to_be_observed_is_not(switch_on):
    telemetry = switch_on(clock=RealClock(), setting={"OPT_OUT_HEADERS": "sec-gpc"})
    with uvicorn_serving(
        FeedbackMiddleware(Instrumented(application(telemetry), telemetry))
    ) as client:
        handle = client.get("/answer").headers[HEADER]
        private = {"Sec-GPC": "1", "Content-Type": "text/plain"}
        assert HEADER not in client.get("/answer", headers=private).headers
        assert client.post(ACTIONS, content=beacon(handle), headers=private).status_code == 204
    until(lambda: len(telemetry.delivered) == 1)
    assert telemetry.actions == []
    assert telemetry.counted["opted_out"] >= 2


def test_a_client_that_does_not_wait_for_a_whole_answer_has_closed_it(capture):
    async def slow(request):
        await request.body()
        await anyio.sleep(0.5)
        capture.chat("too late")
        return JSONResponse({})

    route = Route("/slow", slow, methods=["POST"])
    app = FeedbackMiddleware(Instrumented(Starlette(routes=[route]), capture))
    with uvicorn_serving(app) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/slow", content="question", timeout=0.1)
        (action,) = until(lambda: capture.actions)
        assert client.post("/slow", content="question", timeout=20).headers[HEADER]
    assert action.name == "ai_feedback close"
    assert action.attributes["ai_feedback.action.value"] == 0
    capture.provider.force_flush()
    assert len(capture.actions) == 1


def test_a_retry_asks_nothing_new(capture, client):
    for key in ("one", "one", "two", "one"):
        client.get("/answer", headers={"Idempotency-Key": key})
    asked = ["ai_feedback.input.hash" in output for output in capture.outputs]
    assert asked == [True, False, True, False]


def test_keys_of_retries_are_forgotten():
    retries = Retries(max_keys=2, lifetime_seconds=10)
    assert [retries.is_retry("a", 0), retries.is_retry("a", 10 * 10**9)] == [False, True]
    assert not retries.is_retry("a", 21 * 10**9)
    assert not retries.is_retry(None, 0)
    for number in range(10):
        retries.is_retry(str(number), 0)
    assert len(retries) == 2
