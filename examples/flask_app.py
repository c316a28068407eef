"""A chat that streams its answers, on Flask.

Run it with ``OPENAI_API_KEY`` set: ``gunicorn --chdir examples --threads 8 flask_app:app``.
"""

from collections.abc import Iterator

from flask import Flask, Response, render_template, request
from openai import OpenAI
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

import otel_ai_feedback
from otel_ai_feedback.web import script_tag
from otel_ai_feedback.web.wsgi import FeedbackMiddleware

otel_ai_feedback.instrument()
OpenAIInstrumentor().instrument()

app = Flask(__name__)
app.wsgi_app = FeedbackMiddleware(OpenTelemetryMiddleware(app.wsgi_app))  # type: ignore[method-assign]
app.jinja_env.globals["ai_feedback_script"] = script_tag()


@app.get("/")
def page() -> str:
    """The page, with the script."""
    return render_template("chat.html")


@app.post("/chat")
def chat() -> Response:
    """Answer a question."""
    return Response(answer(request.get_data(as_text=True)), mimetype="text/plain")


def answer(question: str) -> Iterator[str]:
    """The parts of an answer, as the model makes them."""
    with OpenAI().chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": question}], stream=True
    ) as stream:
        for chunk in stream:
            if chunk.choices:
                yield chunk.choices[0].delta.content or ""
