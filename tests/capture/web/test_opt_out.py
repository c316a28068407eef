"""A browser that asks not to be observed is not, wherever an instrumentation stands."""

import flask
import pytest
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware as AsgiInstrumentation
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware as WsgiInstrumentation
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from otel_ai_feedback.web.asgi import FeedbackMiddleware as AsgiMiddleware
from otel_ai_feedback.web.wsgi import FeedbackMiddleware as WsgiMiddleware

from .served import RealClock, beacon, uvicorn_serving, werkzeug_serving

HEADER = "AI-Feedback-Handle"
ACTIONS = "/_ai_feedback/actions"
SSE = "text/event-stream"
PRIVATE = {"Sec-GPC": "1"}


def asgi(telemetry):
    async def answer(request):
        telemetry.chat("answer")
        return JSONResponse({"text": "answer"})

    async def stream(request):
        async def parts():
            yield "data: one\n\n"
            telemetry.chat("streamed")
            yield "data: two\n\n"

        return StreamingResponse(parts(), media_type=SSE)

    return Starlette(routes=[Route("/answer", answer), Route("/stream", stream)])


def wsgi(telemetry):
    app = flask.Flask("shop")

    @app.get("/answer")
    def answer():
        telemetry.chat("answer")
        return {"text": "answer"}

    @app.get("/stream")
    def stream():
        def parts():
            yield "data: one\n\n"
            telemetry.chat("streamed")
            yield "data: two\n\n"

        return flask.Response(parts(), mimetype=SSE)

    return app


@pytest.fixture
def telemetry(switch_on):
    return switch_on(clock=RealClock(), setting={"OPT_OUT_HEADERS": "sec-gpc"})


@pytest.fixture(params=["asgi", "wsgi"])
def kind(request):
    return {
        "asgi": (asgi, AsgiMiddleware, AsgiInstrumentation, uvicorn_serving),
        "wsgi": (wsgi, WsgiMiddleware, WsgiInstrumentation, werkzeug_serving),
    }[request.param]


@pytest.fixture(params=["outside", "inside", "none"])
def client(request, kind, telemetry):
    """The instrumentation stands outside of the middleware, or inside, or there is none."""
    application, middleware, instrumentation, serving = kind
    app = application(telemetry)
    if request.param == "inside":
        app = instrumentation(app, tracer_provider=telemetry.provider)
    app = middleware(app)
    if request.param == "outside":
        app = instrumentation(app, tracer_provider=telemetry.provider)
    with serving(app) as client:
        yield client


@pytest.mark.parametrize("path", ["/answer", "/stream"])
def test_nothing_is_tagged_handed_out_or_recorded(telemetry, client, path):
    response = client.get(path, headers=PRIVATE)
    assert HEADER not in response.headers
    assert "ai-feedback" not in response.text
    telemetry.provider.force_flush()
    assert [s.name for s in telemetry.spans if s.name == "chat m"] == ["chat m"]
    assert not any("ai_feedback" in span.to_json() for span in telemetry.spans)
    assert telemetry.events == []
    assert telemetry.counted["opted_out"] >= 1


def test_others_are_observed_and_their_beacons_taken(telemetry, client):
    handle = client.get("/answer").headers[HEADER]
    content = {"Content-Type": "text/plain"}
    client.post(ACTIONS, content=beacon(handle), headers=content | PRIVATE)
    telemetry.provider.force_flush()
    assert telemetry.actions == []
    client.post(ACTIONS, content=beacon(handle), headers=content)
    telemetry.provider.force_flush()
    assert len(telemetry.actions) == 1
    # The next request of the same worker is its own.
    client.get("/answer", headers=PRIVATE)
    assert HEADER in client.get("/answer").headers
