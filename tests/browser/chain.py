"""What tests say to the page, and what they ask the store."""

import contextlib
import json
import time
from typing import NamedTuple

import httpx

from asking import asked
from otel_ai_feedback.store import facts

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

    def counted(self, what):
        """How often the service counted that."""
        return httpx.post(f"{self.site}/flush", timeout=60).json().get(what, 0)

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
        facts.catch_up(self._engine)
        attributes = dict(
            self._engine.query("""
                select
                    SpanAttributes['ai_feedback.action.id'] as id,
                    any(toJSONString(SpanAttributes))
                from otel_traces where id != '' group by id
            """).result_rows
        )
        rows = self._engine.query("""
            select action_id, action, value, output_id, source, link_method, toFloat64(actions.time)
            from actions
            -- pages of the test before may still be reporting
            where output_id in (select output_id from output_spans)
            order by actions.time, action
        """).result_rows
        prefix = "ai_feedback.action."
        return [
            Row(
                *row[1:-1],
                {
                    name.removeprefix(prefix): value
                    for name, value in json.loads(attributes[row[0]]).items()
                    if name.startswith(prefix)
                },
                row[-1],
            )
            for row in rows
            # what came between the two questions is there the next time
            if row[0] in attributes and (not names or row[1] in names)
        ]

    def wait_for(self, count, *names, seconds=60, meanwhile=lambda: None):
        """That many actions of these names, as soon as they are there, and no more."""
        end = time.monotonic() + seconds
        # The view is expensive to ask: not before there is something to find in it.
        while self._reported(names) < count or len(found := self._linked(names)) < count:
            assert time.monotonic() < end, (
                f"not {count} {names}: {[row[:2] for row in self.actions()]}"
            )
            meanwhile()
            time.sleep(0.05)
        assert len(found) == count, [row[:2] for row in found]
        return found

    def _linked(self, names):
        return self.actions(*names)

    def _reported(self, names):
        return self._engine.query(
            "select uniqExact(action_id) from action_state where action in {names:Array(String)}",
            parameters={"names": list(names)},
        ).first_row[0]

    def output_ids(self):
        """Ids of the outputs, in the order in which they were made."""
        rows = asked(self._engine, "select output_id from outputs order by time").result_rows
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

    def wait_for(self, count, *names):
        """That many actions of these names, and no more; the page does not wait to fill a batch."""
        return self.chain.wait_for(count, *names, meanwhile=self._send)

    def _send(self):
        from playwright.sync_api import Error

        for frame in [] if self.page.is_closed() else self.page.frames:
            with contextlib.suppress(Error):  # the page is just being left
                frame.evaluate("dispatchEvent(new Event('online'))")

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
        """Select characters of an element's text as a person would see them selected.

        So not before they were sampled: what is not on screen yet is not copied by anyone, and the
        script learns only with the next frame that it is.
        """
        self.page.evaluate(
            """async ([selector, start, end]) => {
              const element = document.querySelector(selector);
              await new Promise(sampled => new IntersectionObserver(sampled).observe(element));
              const node = element.firstChild;
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
