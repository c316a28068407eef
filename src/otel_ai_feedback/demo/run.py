"""The demo from beginning to end: ``serve``, the model server, the chat service and the people."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from types import FrameType
from typing import Any, Final

from otel_ai_feedback import serve, store
from otel_ai_feedback.config import ConfigError, Settings, without_password
from otel_ai_feedback.demo import llmonitor, own
from otel_ai_feedback.demo.play import play
from otel_ai_feedback.demo.schedule import schedule
from otel_ai_feedback.demo.summary import Summary, summarise
from otel_ai_feedback.review import draw

DEFAULT_DAYS: Final = 7
MAX_DAYS: Final = 365


def run(
    settings: Settings,
    replay: Path | None = None,
    days: int = DEFAULT_DAYS,
    once: bool = False,
    as_json: bool = False,
) -> int:
    """Play the demo into the store and say what the store then knows.

    Args:
        settings: The validated settings.
        replay: Directory of the LLMonitor data set; the demo's own small set by default.
        days: Over how many days, ending 40 minutes ago, the traffic is spread.
        once: Return afterwards instead of serving the page until interrupted.
        as_json: Print one JSON document instead of text.

    Returns:
        0 when the store says exactly what happened, else 1.

    Raises:
        ConfigError: ``days`` or the data set is wrong.
        serve.ListenError: The page's address is taken.
        store.StoreError: The store cannot be opened.
        DemoError: A part of the demo failed.
    """
    if not 1 <= days <= MAX_DAYS:
        raise ConfigError([f"--days: {days} must be between 1 and {MAX_DAYS}"])
    corpus = llmonitor.read(replay) if replay else own.corpus()
    began = time.monotonic()
    with ExitStack() as stack:
        if not once:
            stack.enter_context(_terminable())
        server = stack.enter_context(serve.running(settings, port=0 if once else None))
        if not once:
            _say(f"{server.url} fills while {corpus.service} is used by simulated people ...")
        client = store.connect(settings.store)
        stack.callback(client.close)
        window = schedule(client, corpus, days, time.time())
        truth = play(settings, server.url, corpus, window)
        server.run_jobs()
        draw.freeze(client, since=datetime.fromtimestamp(window.start, timezone.utc).date())
        summary = summarise(client, settings, corpus.service, window, truth)
        seconds = time.monotonic() - began
        _print(summary, settings, days, seconds, as_json)
        if not once:
            _say(f"Read some of the outputs yourself: {server.url}/review")
            _say(f"The page is at {server.url} - press Ctrl-C to stop.")
            _wait_for_interrupt()
    return 0 if summary.true else 1


def _print(summary: Summary, settings: Settings, days: int, seconds: float, as_json: bool) -> None:
    if as_json:
        document: dict[str, Any] = summary.as_json() | {
            "days": days,
            "store": without_password(settings.store),
            "seconds": round(seconds, 1),
        }
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(summary, days, seconds)) + "\n")
    sys.stdout.flush()


def _lines(summary: Summary, days: int, seconds: float) -> Iterator[str]:
    yield (
        f"{summary.outputs:,} outputs and {summary.actions:,} actions over {days} days, "
        f"in {seconds:.0f} s; {summary.linked_share:.1%} of the actions are linked."
    )
    yield ""
    yield f"{'series':<16}{'rate':>8}{'95 % interval':>20}{'of':>8}"
    for series, rate in summary.rates.items():
        interval = f"{rate.low:.1%} to {rate.high:.1%}"
        yield f"{series:<16}{rate.value:>8.1%}{interval:>20}{rate.n:>8,}"
    yield ""
    if summary.true:
        yield "Compared with what happened: nothing lost, nothing wrong."
    else:
        yield (
            f"Compared with what happened: {summary.lost_outputs} outputs and "
            f"{summary.lost_actions} actions lost, {summary.wrong_links} links and "
            f"{summary.wrong_hashes} hashes wrong."
        )


def _say(text: str) -> None:
    """To people, not to programs."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


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
        _say("Stopping.")
