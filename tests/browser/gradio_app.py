"""A Gradio chat that knows nothing of feedback but the script tags; needs an environment."""

import gradio
from fastapi import FastAPI
from openai import OpenAI
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

import otel_ai_feedback
from otel_ai_feedback.web.asgi import FeedbackMiddleware

otel_ai_feedback.instrument()
OpenAIInstrumentor().instrument()

HEAD = """<script type="module" src="/_ai_feedback/feedback-auto.js"></script>
<script type="module" src="/_ai_feedback/feedback.js"></script>"""


def answer(asked, history):
    message = {"role": "user", "content": asked[::-1]}
    made = OpenAI().chat.completions.create(model="gpt-4o", messages=[message])
    said = made.choices[0].message.content
    question, reply = {"role": "user", "content": asked}, {"role": "assistant", "content": said}
    return "", [*history, question, reply]


with gradio.Blocks() as chat:
    shown = gradio.Chatbot()
    box = gradio.Textbox(label="Ask")
    # Without the queue, the model is called in the request that the page makes.
    box.submit(answer, [box, shown], [box, shown], queue=False)

app = gradio.mount_gradio_app(FastAPI(), chat, path="/", head=HEAD)
app.add_middleware(OpenTelemetryMiddleware)
app.add_middleware(FeedbackMiddleware)
