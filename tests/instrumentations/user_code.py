"""What users write around a model: the same calls for each package, named by their model."""

from .models import QUESTION

# ``ask(model)`` and ``complete(stream)``; the model's name is the name of the case.
OPENAI = f"""
import openai
client = openai.OpenAI(max_retries=0)
BRIEF = {{"role": "system", "content": "Be brief."}}
MESSAGES = [BRIEF, {{"role": "user", "content": {QUESTION!r}}}]

def ask(model, **options):
    return client.chat.completions.create(model=model, messages=MESSAGES, **options)
"""
OPENAI_CASES = """
ask("whole")
list(ask("streamed", stream=True))
stream = ask("aborted", stream=True)
next(stream)
stream.close()
del stream
ask("tools")
list(ask("tools", stream=True))
ask("two", n=2)
list(ask("two", n=2, stream=True))
ask("empty")
try:
    ask("broken")
except openai.BadRequestError:
    pass
"""
# Text beside an image, as a message of several parts.
OPENAI_PARTS = f"""
PICTURE = {{"type": "image_url", "image_url": {{"url": "http://127.0.0.1/picture.png"}}}}
MESSAGES = [{{"role": "user", "content": [{{"type": "text", "text": {QUESTION!r}}}, PICTURE]}}]
ask("parts")
"""
OPENAI_RESPONSES = f"""
client.responses.create(model="response", input={QUESTION!r})
list(client.responses.create(model="response streamed", input={QUESTION!r}, stream=True))
client.responses.create(model="thinks", input={QUESTION!r})
client.responses.create(model="tools response", input={QUESTION!r})
"""
ANTHROPIC = f"""
import anthropic
client = anthropic.Anthropic(max_retries=0)

def ask(model, **options):
    messages = [{{"role": "user", "content": {QUESTION!r}}}]
    return client.messages.create(model=model, max_tokens=9, messages=messages, **options)

def streaming(model):
    messages = [{{"role": "user", "content": {QUESTION!r}}}]
    return client.messages.stream(model=model, max_tokens=9, messages=messages)
"""
# The client makes spans of its own, which have no text.
WITHOUT_ITS_OWN_SPANS = {"ANTHROPIC_OPEN_TELEMETRY": "false"}
ANTHROPIC_CASES = """
ask("whole")
list(ask("streamed", stream=True))
with streaming("text streamed") as stream:
    list(stream.text_stream)
with streaming("aborted") as stream:
    next(iter(stream.text_stream))
ask("tools")
ask("thinks")
try:
    ask("broken")
except anthropic.BadRequestError:
    pass
"""
