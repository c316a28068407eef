"""What tests say to the page, and what they ask the store."""

import contextlib
import json
import time
from typing import NamedTuple

import httpx

# So that selections of whole words are easy to count: 40 words of four letters.
TEXT = " ".join(f"w{number:03}" for number in range(40))


class Row(NamedTuple):
    """One user action as the store has it."""

    action: str
    value: float | None
    output_id: str
    source: str
    link_method: str
    particulars: dict
    time: float


class Chain:
    """From the service to the store."""

    def __init__(self, site, engine):
        self.site = site
        self._engine = engine

    def outputs(self, *texts):
        """Have the model say these, one after the other; their handles."""
        found = httpx.post(f"{self.site}/outputs", json=list(texts), timeout=120).json()
        assert all(found)
        return found

    @contextlib.contextmanager
    def busy(self):
        """The service takes no beacons for a time."""
        httpx.post(f"{self.site}/busy", json=True, timeout=60)
        try:
            yield
        finally:
            httpx.post(f"{self.site}/busy", json=False, timeout=60)

    def actions(self, *names):
        """The actions in the store, in the order of their times."""
        httpx.post(f"{self.site}/flush", timeout=60)  # not every service has it
        rows = self._engine.query("""
            select action, value, output_id, source, link_method, attributes, toFloat64(a.time)
            from actions as a
            inner join  -- a view may be written before its table
            (
                select
                    SpanAttributes['ai_feedback.action.id'] as action_id,
                    any(toJSONString(SpanAttributes)) as attributes
                from otel_traces group by action_id
            ) as spans using (action_id)
            -- pages of the test before may still be reporting
            where output_id in (select output_id from outputs)
            order by a.time, action
        """).result_rows
        prefix = "ai_feedback.action."
        found = [
            Row(
                *row[:5],
                {
                    name.removeprefix(prefix): value
                    for name, value in json.loads(row[5]).items()
                    if name.startswith(prefix)
                },
                row[6],
            )
            for row in rows
        ]
        return [row for row in found if not names or row.action in names]

    def wait_for(self, count, *names, seconds=60):
        """That many actions of these names, as soon as they are there, and no more."""
        end = time.monotonic() + seconds
        while len(found := self.actions(*names)) < count:
            assert time.monotonic() < end, (
                f"{len(found)} of {count} {names}: {[row[:2] for row in self.actions()]}"
            )
            time.sleep(0.1)
        assert len(found) == count, [row[:2] for row in found]
        return found

    def output_ids(self):
        """Ids of the outputs, in the order in which they were made."""
        rows = self._engine.query("select output_id from outputs order by time").result_rows
        return [output_id for (output_id,) in rows]


class Tab:
    """One tab of the browser."""

    def __init__(self, page, chain):
        self.page = page
        self.chain = chain

    def open(self, query="", path="/page"):
        self.page.goto(f"{self.chain.site}{path}{query}")
        # The script listens once it has run, as every module before the load event has.
        return self

    def show(self, handle, text=TEXT, *, tag="div", attribute="data-ai-output", into="body"):
        """Put an answer on the page."""
        self.page.evaluate(
            """([handle, text, tag, attribute, into]) => {
              const element = document.createElement(tag);
              element.setAttribute(attribute, handle);
              if ("value" in element) element.value = text; else element.textContent = text;
              document.querySelector(into).append(element);
            }""",
            [handle, text, tag, attribute, into],
        )

    def answer(self, text=TEXT):
        """Have the model say it, and show it; the handle."""
        (handle,) = self.chain.outputs(text)
        self.show(handle, text)
        return handle

    def select(self, start, end, selector="[data-ai-output]"):
        """Select characters of an element's text as a person would see them selected."""
        self.page.evaluate(
            """([selector, start, end]) => {
              const node = document.querySelector(selector).firstChild;
              getSelection().setBaseAndExtent(node, start, node, end);
            }""",
            [selector, start, end],
        )

    def until(self, expression, seconds=60):
        """Wait until it is true; Playwright's own way to wait is against the page's policy."""
        from playwright.sync_api import Error

        for _ in range(seconds * 10):
            with contextlib.suppress(Error):  # the page is just being left
                if self.page.evaluate(expression):
                    return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"never: {expression}")

    def hide(self):
        """Switch to another tab, as far as the page can tell."""
        self.page.evaluate(
            """() => {
              Object.defineProperty(document, "hidden", { value: true, configurable: true });
              Object.defineProperty(document, "visibilityState",
                { value: "hidden", configurable: true });
              document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
            }"""
        )

    def close(self):
        """Close the tab, as its cross does."""
        self.page.close(run_before_unload=False)
