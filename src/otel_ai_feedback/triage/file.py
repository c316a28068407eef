"""``triage.yaml``: read, checked whole, and every mistake in it said at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import Any, Final

import yaml

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.triage import yaml_types
from otel_ai_feedback.triage.calendar import NoWorkingTimeError, add
from otel_ai_feedback.triage.model import (
    DEFAULT_STEPS,
    NEXT,
    OWN_RULES,
    OWNER,
    Clock,
    Duration,
    Override,
    Person,
    Quiet,
    Rota,
    Route,
    Rule,
    Step,
    Triage,
    clock,
)
from otel_ai_feedback.triage.people import People
from otel_ai_feedback.triage.validation import choice

DEFAULT_ROTA: Final = "default"
# A Monday; which one matters only to a rota that does not say when it starts.
_EPOCH: Final = date(2024, 1, 1)

_TOP: Final = {
    "owner", "notify", "timezone", "hours", "days", "holidays", "people", "rotas", "routes",
    "escalation", "quiet",
}  # fmt: skip
_ROTA: Final = {"people", "hand_over", "timezone", "starts", "overrides"}
_OVERRIDE: Final = {"person", "from", "to"}
_ROUTE: Final = {
    "service", "alert", "severity", "rota", "acknowledge", "resolve", "clock", "escalation",
}  # fmt: skip
_STEP: Final = {"after", "until", "notify"}
_QUIET: Final = {"hours", "except"}


class TriageFileError(ConfigError):
    """The file cannot be used; the message has a line for each mistake."""


def load(path: Path, rules: Iterable[Rule], *, environ: Mapping[str, str] = os.environ) -> Triage:
    """Read a triage file.

    Args:
        path: The file.
        rules: What can raise an alert: each must lead to a named person and a response time,
            whatever the service.
        environ: Where ``${NAME}`` in a contact comes from.

    Raises:
        TriageFileError: Naming the place, value and remedy of every mistake.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise TriageFileError(
            [f"{path}: there is no such file; `otel-ai-feedback triage init` writes one"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise TriageFileError([f"{path}: cannot be read ({error})"]) from None
    try:
        return parse(content, rules, environ=environ)
    except TriageFileError as error:
        raise TriageFileError([f"{path}: {mistake}" for mistake in error.mistakes]) from None


def parse(
    content: str, rules: Iterable[Rule], *, environ: Mapping[str, str] = os.environ
) -> Triage:
    """What the text of a triage file says; see :func:`load`."""
    try:
        document = yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise TriageFileError([f"is not YAML: {' '.join(str(error).split())}"]) from None
    except (ValueError, RecursionError) as error:
        # 2026-13-45 looks like a day to YAML.
        raise TriageFileError([f"cannot be read as YAML: {error}"]) from None
    reader = _Reader(environ)
    triage = reader.triage(document)
    if triage is not None:
        reader.check_coverage(triage, [*rules, *OWN_RULES])
    if reader.mistakes or triage is None:
        raise TriageFileError(reader.mistakes)
    return triage


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"{', '.join(twice)} is given twice; keep one", node.start_mark
            )
        return super().construct_mapping(node, deep)


class _Reader(People):
    """Makes the model of a document, and notes down what is wrong on the way."""

    def triage(self, document: Any) -> Triage | None:
        if not isinstance(document, dict):
            self.mistakes.append(
                "must be keys with values; the shortest file is two lines, "
                "`owner: Ana <ana@example.org>` and `notify: slack://...`"
            )
            return None
        self.unknown("", document, _TOP)
        people = self.people(document)
        rotas = self._rotas(document, people)
        steps = self._steps("escalation", document.get("escalation"), people) or DEFAULT_STEPS
        routes = self._routes(document, rotas, steps, people)
        quiet = self._quiet(document.get("quiet"))
        if not (people and rotas and routes) and not self.mistakes:
            self.mistakes.append("names no one; give `owner` and `notify`, or `people` and `rotas`")
        return None if self.mistakes else Triage(people, rotas, routes, quiet)

    def check_coverage(self, triage: Triage, rules: Iterable[Rule]) -> None:
        """Every rule leads to someone who works, whatever the service."""
        now = datetime.now(timezone.utc)
        for route in triage.routes:
            for name in triage.rotas[route.rota].people:
                calendar = clock(route, triage.people[name])
                try:
                    add(calendar, now, route.resolve.seconds(calendar))
                except NoWorkingTimeError as error:
                    self.mistakes.append(
                        f"{route.place}.resolve: {name} does not work for {route.resolve} "
                        f"({error}); give less, longer hours, or `clock: always`"
                    )
        for rule in rules:
            covered = any(
                (not route.services or "*" in route.services)
                and replace(route, services=()).takes("", rule.name, rule.severity)
                for route in triage.routes
            )
            if not covered:
                self.mistakes.append(
                    f"routes: no route takes {rule.name!r} ({rule.severity}) of every service, so "
                    "it would have no owner; end with a route that has only rota, acknowledge and "
                    "resolve"
                )

    def _rotas(self, document: dict[str, Any], people: dict[str, Person]) -> dict[str, Rota]:
        given = document.get("rotas")
        if given is None:
            if not people:
                return {}
            zone = next(iter(people.values())).calendar.zone
            return {DEFAULT_ROTA: Rota(DEFAULT_ROTA, tuple(people), zone, 0, time(9), _EPOCH)}
        if not isinstance(given, dict) or not given:
            self.mistake("rotas", given, "must be rotas by name: `default: {people: [Ana, Ben]}`")
            return {}
        rotas = {}
        for name, entry in given.items():
            at = f"rotas.{name}"
            if not isinstance(entry, dict):
                self.mistake(at, entry, "must have keys: `people: [Ana, Ben]`")
                continue
            self.unknown(at + ".", entry, _ROTA)
            rota = self._rota(str(name), at, entry, people)
            if rota:
                rotas[str(name)] = rota
        return rotas

    def _rota(
        self, name: str, at: str, entry: dict[str, Any], people: dict[str, Person]
    ) -> Rota | None:
        members = entry.get("people")
        if not isinstance(members, list) or not members:
            self.mistake(f"{at}.people", members, "must be a list of people: [Ana, Ben]")
            return None
        for number, member in enumerate(members):
            self.known(f"{at}.people[{number}]", member, people, "people")
            if member in members[:number]:
                self.mistake(f"{at}.people[{number}]", member, "is given twice; keep one")
        zone = self.optional(
            f"{at}.timezone",
            entry.get("timezone"),
            yaml_types.zone,
            people[members[0]].calendar.zone if _is_among(members[0], people) else "UTC",
        )
        weekday, clock = self.optional(
            f"{at}.hand_over", entry.get("hand_over"), yaml_types.hand_over, (0, time(9))
        )
        overrides = []
        for place, override in self.entries(f"{at}.overrides", entry.get("overrides"), _OVERRIDE):
            person = override.get("person")
            self.known(f"{place}.person", person, people, "people")
            begin = self.value(
                f"{place}.from",
                override.get("from"),
                lambda v: yaml_types.moment(v, zone, closing=False),
            )
            end = self.value(
                f"{place}.to",
                override.get("to"),
                lambda v: yaml_types.moment(v, zone, closing=True),
            )
            if begin and end and end <= begin:
                self.mistake(f"{place}.to", override["to"], "is not after `from`")
            elif begin and end and _is_among(person, people):
                overrides.append(Override(str(person), begin, end))
        return Rota(
            name,
            tuple(str(member) for member in members),
            zone,
            weekday,
            clock,
            self.optional(f"{at}.starts", entry.get("starts"), yaml_types.day, _EPOCH),
            tuple(overrides),
        )

    def _routes(
        self,
        document: dict[str, Any],
        rotas: dict[str, Rota],
        steps: tuple[Step, ...],
        people: dict[str, Person],
    ) -> tuple[Route, ...]:
        only = next(iter(rotas)) if len(rotas) == 1 else None
        if document.get("routes") is None:
            if len(rotas) > 1:
                self.mistake("routes", None, "is missing: there are several rotas; name one")
            return (
                (Route("the default route", (), (), (), only, *_RESPONSE, "business", steps),)
                if only
                else ()
            )
        routes = []
        for place, entry in self.entries("routes", document["routes"], _ROUTE):
            rota = entry.get("rota", only)
            if rotas or rota is not None:
                self.known(f"{place}.rota", rota, rotas, "rotas")
            severities = [
                self.value(f"{place}.severity", value, yaml_types.severity)
                for value in _list(entry.get("severity"))
            ]
            acknowledge = self.optional(
                f"{place}.acknowledge", entry.get("acknowledge"), yaml_types.duration, _RESPONSE[0]
            )
            resolve = self.optional(
                f"{place}.resolve", entry.get("resolve"), yaml_types.duration, _RESPONSE[1]
            )
            kind = entry.get("clock", "business")
            if kind not in ("business", "always"):
                self.mistake(f"{place}.clock", kind, "must be business or always")
            if resolve.seconds(None) < acknowledge.seconds(None):
                self.mistake(
                    f"{place}.resolve", entry.get("resolve"), f"is sooner than {acknowledge}, by "
                    "which it is to be acknowledged",
                )  # fmt: skip
            own = self._steps(f"{place}.escalation", entry.get("escalation"), people)
            routes.append(
                Route(
                    place,
                    self._patterns(f"{place}.service", entry.get("service")),
                    self._patterns(f"{place}.alert", entry.get("alert")),
                    tuple(value for value in severities if value),
                    str(rota),
                    acknowledge,
                    resolve,
                    _clock(kind),
                    own or steps,
                )
            )
        if not routes and not self.mistakes:
            self.mistake("routes", document["routes"], "must have one route or more")
        return tuple(routes)

    def _patterns(self, at: str, given: Any) -> tuple[str, ...]:
        found = [self.value(at, value, yaml_types.text) for value in _list(given)]
        return tuple(pattern for pattern in found if pattern)

    def _steps(self, at: str, given: Any, people: dict[str, Person]) -> tuple[Step, ...]:
        steps = []
        for place, entry in self.entries(at, given, _STEP):
            after = self.value(f"{place}.after", entry.get("after"), yaml_types.after)
            until = entry.get("until", "acknowledged")
            if until not in ("acknowledged", "resolved"):
                self.mistake(f"{place}.until", until, "must be acknowledged or resolved")
            notify = entry.get("notify")
            if notify not in (OWNER, NEXT) and not _is_among(notify, people):
                self.mistake(f"{place}.notify", notify, f"must be {choice([OWNER, NEXT, *people])}")
            steps.append(
                Step(
                    *(after or (None, None)),
                    "resolved" if until == "resolved" else "acknowledged",
                    str(notify),
                )
            )
        return tuple(steps)

    def _quiet(self, given: Any) -> Quiet:
        if given is None:
            return Quiet()
        if given is False:
            return Quiet(0, 0)
        if isinstance(given, str):
            given = {"hours": given}
        if not isinstance(given, dict):
            self.mistake("quiet", given, "must be hours (20-8), or false for none")
            return Quiet()
        self.unknown("quiet.", given, _QUIET)
        start, end = self.optional(
            "quiet.hours", given.get("hours"), yaml_types.minutes, (Quiet.start, Quiet.end)
        )
        kept = [
            self.value("quiet.except", value, yaml_types.severity)
            for value in _list(given.get("except", list(Quiet.except_severities)))
        ]
        return Quiet(start, end % 1440, tuple(value for value in kept if value))


_RESPONSE: Final = (Duration(1, "d"), Duration(5, "d"))


def _clock(kind: Any) -> Clock:
    return "always" if kind == "always" else "business"


def _is_among(name: Any, people: Mapping[str, Person]) -> bool:
    """Whether it is one of these people, and not a list or a table where a name should stand."""
    return isinstance(name, str) and name in people


def _list(given: Any) -> list[Any]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]
