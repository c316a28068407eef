"""An instrumentor that is on for a ``with`` block."""

import os
from contextlib import contextmanager

_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


@contextmanager
def instrument(instrumentor, *, content_capture=None, emit_event=None, **given):
    """Switch it on with what its tests give it, content capture as an environment variable."""
    before = dict(os.environ)
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
    os.environ.pop(_CONTENT, None)
    if content_capture is not None:
        os.environ[_CONTENT] = content_capture.upper()
    if emit_event is not None:
        os.environ["OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT"] = str(emit_event).lower()
    try:
        instrumentor.instrument(**given)
        yield instrumentor
    finally:
        instrumentor.uninstrument()
        os.environ.clear()
        os.environ.update(before)
