"""The extra ``serve``: every kind of file that the pages need is in the wheel."""

import sys
from pathlib import Path
from urllib.request import urlopen

from otel_ai_feedback import serve
from otel_ai_feedback.config import load

work = Path(sys.argv[1])
settings = load(environ={"OTEL_AI_FEEDBACK_STATE_DIR": str(work)}, directory=work)
with serve.running(settings, port=0) as server:
    for path, part in {
        "/": "<html",
        "/charts/signals": "<h1",
        "/charts-files/charts.css": ".board",
        "/runbooks/outage": "outage",
        "/review": "<html",
        "/health": "<html",
        "/_ai_feedback/feedback.js": "sendBeacon",
    }.items():
        with urlopen(f"{server.url}{path}") as answer:
            assert answer.status == 200, path
            assert part in answer.read().decode(), path
