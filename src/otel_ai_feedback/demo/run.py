"""The demo from beginning to end: ``serve``, the model server, the chat service and the people."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from otel_ai_feedback import serve, store, triage
from otel_ai_feedback.alerts.rules import rules
from otel_ai_feedback.config import ConfigError, Settings, without_password
from otel_ai_feedback.demo import llmonitor, own, responders, reviewers
from otel_ai_feedback.demo.inbox import on_duty
from otel_ai_feedback.demo.play import play, without_proxy
from otel_ai_feedback.demo.progress import Progress, say
from otel_ai_feedback.demo.schedule import schedule
from otel_ai_feedback.demo.story import Replay, Run, Story
from otel_ai_feedback.demo.summary import Summary, summarise
from otel_ai_feedback.demo.truth import Truth
from otel_ai_feedback.formats import count, duration, interval, percent, plural
from otel_ai_feedback.json_output import dumped
from otel_ai_feedback.review import draw
from otel_ai_feedback.serve.server import Server
from otel_ai_feedback.store import jobs, kept

DEFAULT_DAYS: Final = 28
REPLAY_DAYS: Final = 7
MAX_DAYS: Final = 365


def run(
    settings: Settings,
    replay: Path | None = None,
    days: int | None = None,
    once: bool = False,
    as_json: bool = False,
) -> int:
    """Play the demo into the store and say what the store then knows.

    Args:
        settings: The validated settings.
        replay: Directory of the LLMonitor data set; the demo's own story by default.
        days: How many days are played, ending 40 minutes ago; by default the four weeks of the
            story, or a week of the replay.
        once: Return afterwards instead of serving the pages until interrupted.
        as_json: Print one JSON document instead of text.

    Returns:
        0 when the store says exactly what happened, else 1.

    Raises:
        ConfigError: ``days`` or the data set is wrong.
        serve.ListenError: The page's address is taken.
        store.StoreError: The store cannot be opened.
        DemoError: A part of the demo failed.
    """
    if days is None:
        days = REPLAY_DAYS if replay else DEFAULT_DAYS
    if not 1 <= days <= MAX_DAYS:
        raise ConfigError([f"--days: {days} must be between 1 and {MAX_DAYS}"])
    story: Story = Replay(llmonitor.read(replay)) if replay else own.SupportStory()
    began = time.monotonic()
    with ExitStack() as stack:
        if not once:
            stack.enter_context(_terminable())
        stack.enter_context(without_proxy())
        if triage.path(settings) is None:
            settings = replace(settings, triage=stack.enter_context(on_duty(say)))
        say("Starting the store and its pages")
        server = stack.enter_context(serve.running(settings, port=0 if once else None, begun=False))
        client = store.connect(settings.store)
        stack.callback(client.close)
        window = schedule(client, story, days, time.time())
        say(f"Simulating {plural(days, 'day')} of traffic for {story.service}: {server.url}")
        with Progress() as progress:
            truth = play(settings, server.url, story, window, progress)
        _look_back(client, settings, server, story, window, truth)
        summary = summarise(client, settings, story.service, window, truth)
        seconds = time.monotonic() - began
        _print(summary, settings, days, seconds, as_json)
        if not once:
            server.begin()
            say(f"Pages: {server.url} (press Ctrl-C to stop)")
            _wait_for_interrupt()
    return 0 if summary.true else 1


def _look_back(
    client: Client, settings: Settings, server: Server, story: Story, window: Run, truth: Truth
) -> None:
    """Everything that would have happened in the store, with reviewers and owners, meanwhile."""
    say("Counting signals and looking for drift")
    jobs.run(client)
    say("Sampling answers; simulated reviewers read for an hour a week")
    start, end = (datetime.fromtimestamp(at, timezone.utc) for at in (window.start, window.end))
    draw.freeze(client, since=start.date())
    reviewers.read(client, truth, end)
    say("Judging quality")
    jobs.judge(client)
    if who := triage.of(settings, rules(settings.alert_thresholds)):
        say("Evaluating drift and quality day by day")
        url = settings.url or server.url
        responders.answer(client, settings, who, url, window, story.fixes(window), say)
        jobs.judge(client)
    kept.refresh(client)


def _print(summary: Summary, settings: Settings, days: int, seconds: float, as_json: bool) -> None:
    if as_json:
        document: dict[str, Any] = summary.as_json() | {
            "days": days,
            "store": without_password(settings.store),
            "seconds": seconds,
        }
        sys.stdout.write(dumped(document) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(summary, days, seconds)) + "\n")
    sys.stdout.flush()


def _lines(summary: Summary, days: int, seconds: float) -> Iterator[str]:
    yield (
        f"{plural(summary.outputs, 'answer')} and {plural(summary.actions, 'user action')} over "
        f"{plural(days, 'day')}, simulated in {duration(seconds)}. "
        f"{percent(summary.linked_share)} of the actions matched an answer."
    )
    yield ""
    yield f"{'signal':<16}{'rate':>8}{'95% interval':>20}{'answers':>8}"
    for series, rate in summary.rates.items():
        yield (
            f"{series:<16}{percent(rate.value):>8}{interval(rate.low, rate.high):>20}"
            f"{count(rate.n):>8}"
        )
    yield ""
    if summary.true:
        yield "All simulated events accounted for: nothing lost, nothing wrong."
    else:
        yield (
            f"Not all simulated events accounted for: {plural(summary.lost_outputs, 'answer')} and "
            f"{plural(summary.lost_actions, 'action')} lost, "
            f"{plural(summary.wrong_links, 'wrong link')}, "
            f"{plural(summary.wrong_hashes, 'wrong hash', 'wrong hashes')}."
        )


@contextmanager
def _terminable() -> Iterator[None]:
    """Stop in good order on SIGTERM as on Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _wait_for_interrupt() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("Stopping.")
