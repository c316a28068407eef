"""A store with a closed week of outputs to read, and reviewers who sign in over HTTP."""

import json
import re
from datetime import date, datetime, timedelta, timezone

import httpx
from raw_rows import SECOND, T0, action_span, insert, llm_span, output_id

from otel_ai_feedback.review import draw

TODAY = datetime.now(timezone.utc).date()
# Its week has ended, whatever day it is.
CLOSED = TODAY - timedelta(days=TODAY.weekday() + 5)


def seconds(day, hour=12):
    """Of that hour, since T0."""
    at = datetime(day.year, day.month, day.day, hour, tzinfo=timezone.utc)
    return at.timestamp() - T0 // SECOND


def outputs(client, count, *, day=CLOSED, name="o", frozen=True, at=None, **more):
    """So many outputs of a day, with text, each copied; their ids in the order of reading."""
    at = seconds(day) if at is None else at
    rows = []
    for number in range(count):
        said = f"Answer {name}{number}"
        texts = {
            "gen_ai__input__messages": json.dumps(
                [
                    {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
                    {"role": "user", "parts": [{"type": "text", "content": f"Question {number}"}]},
                ]
            ),
            "gen_ai__output__messages": json.dumps(
                [{"role": "assistant", "parts": [{"type": "text", "content": said}]}]
            ),
            "gen_ai__response__id": f"response-{name}{number}",
        } | more
        rows.append(llm_span(f"{name}{number}", at=at + number, text=said, **texts))
        rows.append(
            action_span("copy", f"{name}{number}", at=at + number + 30, value=1,
                        output_at=at + number)
        )  # fmt: skip
    insert(client, rows)
    return freeze(client, day) if frozen else [output_id(f"{name}{n}") for n in range(count)]


def freeze(client, day: date):
    """Sample a day; ids in the order of reading."""
    # As if a day later, so that the running day can be sampled as well.
    draw.freeze(client, as_of=datetime.now(timezone.utc) + timedelta(days=2), since=day)
    found = client.query(
        "select output_id from review_draw where day = {day:Date} order by u, output_id",
        parameters={"day": day},
    )
    return [name for (name,) in found.result_rows]


class Reviewer:
    """Someone at the pages, without a browser."""

    def __init__(self, url, name):
        self.name = name
        self.web = httpx.Client(base_url=url, timeout=60, headers={"X-Reviewer": name})

    def get(self, path="/review"):
        return self.web.get(path, follow_redirects=True)

    def fields(self, page=None):
        """What the form of a page sends."""
        text = (page or self.get()).text
        return {
            name: re.search(rf'name="{name}" value="([^"]*)"', text)[1]
            for name in ("csrf", "lease", "form", "shown")
        }

    def say(self, verdict, page=None, **more):
        """Judge what a page shows; the next one."""
        return self.web.post(
            "/review/labels", data=self.fields(page) | {"verdict": verdict} | more,
            follow_redirects=True,
        )  # fmt: skip


def shown(page):
    """The output that a page has to be judged."""
    found = re.search(r"<code>([0-9a-f]{32}-[0-9a-f]{16})</code>", page.text)
    return found[1] if found else None


def labels(client):
    """Rows of reviews, in the order in which they were given."""
    return client.query(
        "select output_id, reading, reviewer, verdict, modes, note, seconds, screen_version "
        "from reviews final order by reviewed_at, review_id"
    ).result_rows
