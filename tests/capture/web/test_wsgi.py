"""The WSGI middleware around Flask and Django on Werkzeug's server."""

import time

import flask
import pytest
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

from otel_ai_feedback.web.wsgi import FeedbackMiddleware

from .served import beacon, leave_after, until, werkzeug_serving

HEADER = "AI-Feedback-Handle"
ACTIONS = "/_ai_feedback/actions"
SSE = "text/event-stream"


def application(telemetry):
    app = flask.Flask(__name__)

    @app.get("/answer")
    def answer():
        telemetry.chat("answer")
        return {"text": "answer"}

    @app.get("/nothing")
    def nothing():
        return {}

    @app.get("/stream")
    def stream():
        def parts():
            yield "data: one\n\n"
            telemetry.chat("streamed")
            yield "data: two\n\n"

        return flask.Response(parts(), mimetype=SSE)

    @app.get("/slow")
    def slow():
        def parts():
            span = telemetry.chat("slowly", end=False)
            try:
                for number in range(200):
                    yield f"data: {number}\n\n"
                    time.sleep(0.02)
            finally:
                span.end()

        return flask.Response(parts(), mimetype=SSE)

    @app.get("/file")
    def file():
        return flask.send_file(__file__)

    @app.get("/failing")
    def failing():
        def parts():
            yield "data: one\n\n"
            telemetry.chat("answer")
            raise RuntimeError("the application's own")

        return flask.Response(parts(), mimetype=SSE)

    return app


@pytest.fixture(params=["outside", "inside"])
def client(request, capture):
    """The instrumentation stands outside of the middleware, or inside."""
    app, provider = application(capture), capture.provider
    if request.param == "inside":
        app = FeedbackMiddleware(OpenTelemetryMiddleware(app, tracer_provider=provider))
    else:
        app = OpenTelemetryMiddleware(FeedbackMiddleware(app), tracer_provider=provider)
    with werkzeug_serving(app) as client:
        yield client


def test_an_answer_carries_a_handle_and_is_delivered(capture, client):
    assert len(client.get("/answer").headers[HEADER]) == 68
    until(lambda: len(capture.delivered) == 1)


def test_a_request_without_a_model_call_carries_none(capture, client):
    assert HEADER not in client.get("/nothing").headers
    assert HEADER not in client.get("/file").headers
    assert capture.delivered == []


def test_calls_in_a_streamed_body_belong_to_the_request(capture, client):
    response = client.get("/stream")
    handle = response.headers[HEADER]
    assert response.text == "data: one\n\ndata: two\n\n"  # untouched, to the byte
    (output,) = [s for s in capture.spans if s.name == "chat m"]
    root = until(lambda: [s for s in capture.spans if s.name.startswith("GET")])[0]
    assert output.parent.span_id == root.context.span_id
    until(lambda: len(capture.delivered) == 1)
    client.post(ACTIONS, content=beacon(handle), headers={"Content-Type": "text/plain"})
    (action,) = until(lambda: capture.actions)
    assert action.links[0].context.span_id == output.context.span_id


def test_a_client_that_leaves_a_stream_has_closed_it(capture, client):
    leave_after(client, "/slow", "data: 3")
    (action,) = until(lambda: capture.actions)
    (output,) = [s for s in capture.spans if s.name == "chat m"]
    assert action.name == "ai_feedback close"
    assert action.attributes["ai_feedback.action.source"] == "server"
    assert action.links[0].context.span_id == output.context.span_id
    assert abs(action.start_time - output.end_time) < 5e9


def test_an_application_that_fails_has_not_been_left(capture, client):
    with pytest.raises(Exception, match=r"peer closed|incomplete"):
        client.get("/failing")
    capture.provider.force_flush()
    assert capture.actions == []
    assert "clients_left" not in capture.counted


def test_head_is_not_leaving(capture, client):
    assert client.head("/slow").status_code == 200
    capture.provider.force_flush()
    assert capture.actions == []


def test_a_body_over_the_limit_is_refused(client):
    response = client.post(ACTIONS, content=b" " * 70_000, headers={"Content-Type": "text/plain"})
    assert response.status_code == 413


def test_what_carries_no_handle_goes_to_the_server_as_it_came(capture):
    sent = [b"as it is"]

    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "8")])
        return sent

    environ = {"PATH_INFO": "/", "REQUEST_METHOD": "GET"}
    assert FeedbackMiddleware(app)(environ, lambda *_: None) is sent
