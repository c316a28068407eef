"""Evaluates every rule and remembers what stands, for cron, CI and ``serve``."""

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

from otel_ai_feedback.alerts.evaluate import Reading, RuleError, read
from otel_ai_feedback.alerts.rule import Rule
from otel_ai_feedback.alerts.rules import rules
from otel_ai_feedback.alerts.state import State, advance, dumped, loaded
from otel_ai_feedback.alerts.webhook import Alert
from otel_ai_feedback.config import Settings, without_password

_logger = logging.getLogger(__name__)


class Checker:
    """Evaluates the rules over one store.

    Several processes may do so with the same file: one waits for the other.

    Args:
        client: A client of the store, used by this object alone; reading is enough.
        chosen: The rules.
        file: Where it is remembered how long what has been wrong.
    """

    def __init__(self, client: Client, chosen: Sequence[Rule], file: Path) -> None:
        self._client = client
        self._rules = tuple(chosen)
        self._file = file

    @classmethod
    def of(cls, client: Client, settings: Settings) -> Checker:
        """The checker of a deployment: its rules and thresholds, its file in the state directory.

        Raises:
            ConfigError: A threshold is given for a rule that there is not.
        """
        name = hashlib.sha256(without_password(settings.store).encode()).hexdigest()[:12]
        file = settings.state_dir / f"alerts-{name}.json"
        return cls(client, rules(settings.alert_thresholds), file)

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
            due_only: Leave out rules that were evaluated not long enough ago.
            tell: Is given the alerts that are news. When it fails, it is as if nothing had been
                evaluated, so that the same is news at the next turn.
            stop: Whether to leave the rules that remain to the next turn; asked before each.

        Returns:
            The alerts that stand, and those that stood at the last evaluation and do no longer.
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
                after, made = advance(series.get(rule.name, ()), rule, self._read(rule, now), now)
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
            # What fires is found again; only since when is lost.
            _logger.warning("%s: %s; beginning anew", self._file, error)
            return State()

    def _save(self, state: State) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(dumped(state), encoding="utf-8")
        new.replace(self._file)
