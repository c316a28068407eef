"""Evaluates every rule and remembers what fires, for cron, CI and ``serve``."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.alerts.alert import Alert
from otel_ai_feedback.alerts.evaluate import Reading, RuleError, read
from otel_ai_feedback.alerts.rule import Rule
from otel_ai_feedback.alerts.rules import rules
from otel_ai_feedback.alerts.state import State, advance, dumped, loaded
from otel_ai_feedback.config import Settings, without_password

_logger = logging.getLogger(__name__)


class Checker:
    """Evaluates the rules over one store.

    Several processes may share the file: one waits for the other.

    Args:
        client: A client of the store, used by this object alone; reading is enough.
        chosen: The rules.
        file: Keeps how long each series has been over its threshold.
        url: Address of ``serve`` for links in alerts, without a slash at the end.
    """

    def __init__(self, client: Client, chosen: Sequence[Rule], file: Path, url: str) -> None:
        self._client = client
        self._rules = tuple(chosen)
        self._file = file
        self._url = url

    @classmethod
    def of(
        cls, client: Client, settings: Settings, url: str, chosen: Sequence[Rule] | None = None
    ) -> Checker:
        """The checker of a deployment: its rules and thresholds, its file in the state directory.

        Args:
            client: See the class; so are the others.
            settings: ``store``, ``state_dir`` and ``alert_thresholds``.
            url: Address of ``serve``.
            chosen: The rules, where not all of them are evaluated.

        Raises:
            ConfigError: A threshold names a rule that does not exist.
        """
        name = hashlib.sha256(without_password(settings.store).encode()).hexdigest()[:12]
        file = settings.state_dir / f"alerts-{name}.json"
        if chosen is None:
            chosen = rules(settings.alert_thresholds)
        return cls(client, chosen, file, url)

    def run(
        self,
        now: datetime,
        *,
        due_only: bool = False,
        tell: Callable[[list[Alert]], object] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> list[Alert]:
        """Evaluate the rules.

        Args:
            now: The moment as of which, with a time zone.
            due_only: Skip rules that are not due yet.
            tell: Receives the alerts that are news. When it fails nothing is saved, so that they
                are news at the next run as well.
            stop: Whether to leave the remaining rules to the next run; asked before each.

        Returns:
            The firing alerts, and those that have stopped firing since the last evaluation.
        """
        with self._locked():
            state = self._load()
            evaluated = dict(state.evaluated)
            series = dict(state.series)
            alerts: list[Alert] = []
            for rule in self._rules:
                if stop():
                    break
                if due_only and not state.is_due(rule, now):
                    continue
                after, made = advance(
                    series.get(rule.name, ()), rule, self._read(rule, now), now, self._url
                )
                evaluated[rule.name] = now
                series[rule.name] = after
                alerts += made
            news = [alert for alert in alerts if alert.is_news]
            if tell and news:
                tell(news)
            self._save(State(evaluated, series))
        return alerts

    def _read(self, rule: Rule, now: datetime) -> list[Reading] | str:
        try:
            return read(self._client, rule, now)
        except RuleError as error:
            _logger.warning("%s", error)
            return str(error)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _load(self) -> State:
        try:
            return loaded(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return State()
        except ValueError as error:
            # Firing rules are found again; only their start times are lost.
            _logger.warning("%s: %s; starting with an empty state", self._file, error)
            return State()

    def _save(self, state: State) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(dumped(state), encoding="utf-8")
        new.replace(self._file)
