"""Does someone own the alerts, and are the rules evaluated?"""

from __future__ import annotations

from collections.abc import Iterator

from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.doctor.finding import (
    Finding,
    failure,
    not_applicable,
    ok,
    warning,
)
from otel_ai_feedback.doctor.stored import LATE_SECONDS, rows
from otel_ai_feedback.doctor.visit import Visit
from otel_ai_feedback.formats import duration


def check(visit: Visit) -> Iterator[Finding]:
    """The triage file, and when the rules were evaluated last."""
    from otel_ai_feedback import triage
    from otel_ai_feedback.alerts.rules import rules

    file = triage.path(visit.settings)
    if file is None:
        yield warning(
            "alarms.owner",
            "there is no triage file, so alerting is off: alerts have no owner",
            "run `otel-ai-feedback triage init` where serve is started, or name the file in "
            "OTEL_AI_FEEDBACK_TRIAGE",
        )
        return
    try:
        who = triage.load(file, rules(visit.settings.alert_thresholds))
    except ConfigError as error:
        yield failure(
            "alarms.owner",
            "; ".join(error.mistakes),
            f"correct {file}; docs/triage.md has the shortest file that works: owner and notify",
        )
        return
    people = ", ".join(who.people)
    yield ok("alarms.owner", f"{file} is valid; alerts go to {people}")
    yield _evaluated(visit)


def _evaluated(visit: Visit) -> Finding:
    name = "alarms.evaluated"
    if visit.client is None or not visit.schema_is_current:
        return not_applicable(name, "the store was not reached, or is of another version")
    turns = {row["part"]: row["seconds"] for row in rows(visit.client, "turns")}
    start = (
        "start `otel-ai-feedback serve` where the triage file is, or run `otel-ai-feedback check` "
        "every few minutes; if it runs, its log says why rules are not evaluated"
    )
    last = turns.get("rules")
    if last is None and not turns.keys() - {"jobs"}:
        return warning(
            name,
            "no heartbeat of the alert rules yet: serve writes one every minute",
            f"run the doctor again in two minutes; if there is still none, {start}",
        )
    if last is None:
        return failure(name, "the alert rules were never evaluated", start)
    if last > LATE_SECONDS:
        return failure(name, f"the alert rules were last evaluated {duration(last)} ago", start)
    return ok(name, f"the alert rules were last evaluated {duration(last)} ago")
