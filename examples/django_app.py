"""A chat that streams its answers, on Django.

Run it with ``OPENAI_API_KEY`` set::

    gunicorn --chdir examples --threads 8 django_app:application
"""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path
from openai import OpenAI
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

import otel_ai_feedback
from otel_ai_feedback.web.wsgi import FeedbackMiddleware

settings.configure(
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for this example",  # noqa: S106
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).with_name("templates")],
            "OPTIONS": {"context_processors": ["otel_ai_feedback.web.django.script"]},
        }
    ],
)
otel_ai_feedback.instrument()
OpenAIInstrumentor().instrument()
DjangoInstrumentor().instrument()


def page(request: HttpRequest) -> HttpResponse:
    """The page, with the script."""
    return render(request, "chat.html")


def chat(request: HttpRequest) -> StreamingHttpResponse:
    """Answer a question."""
    return StreamingHttpResponse(answer(request.body.decode()), content_type="text/plain")


def answer(question: str) -> Iterator[str]:
    """The parts of an answer, as the model makes them."""
    with OpenAI().chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": question}], stream=True
    ) as stream:
        for chunk in stream:
            if chunk.choices:
                yield chunk.choices[0].delta.content or ""


urlpatterns = [path("", page), path("chat", chat)]
application = FeedbackMiddleware(get_wsgi_application())
