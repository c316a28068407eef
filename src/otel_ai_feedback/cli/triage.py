"""``triage``: who owns an alert, which incidents are open, and what is done about them."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from otel_ai_feedback.cli import triage_init
from otel_ai_feedback.cli.command import Commands, day
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line, warn
from otel_ai_feedback.config import Settings
from otel_ai_feedback.formats import utc_minute

if TYPE_CHECKING:
    from otel_ai_feedback.triage.incidents import Incidents
    from otel_ai_feedback.triage.model import Triage
    from otel_ai_feedback.triage.rows import Incident

_CAUSES: Final = "model, data, prompt, retrieval, code or user need"


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("triage", run, "Manage incidents and their owners.", extra="triage")
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)

    init = actions.add_parser("init", help="create the triage file from three questions")
    init.add_argument("--owner", help="owner: Ana <ana@example.org>")
    init.add_argument("--notify", help="where messages go, for example slack://...")
    init.add_argument("--zone", help="the owner's time zone")
    init.add_argument("--no-test", action="store_true", help="send no test message")

    explain = actions.add_parser("explain", help="show who would own an alert, by when, and why")
    explain.add_argument("--alert", required=True, help="the rule")
    explain.add_argument("--service", default="", help="the service")
    explain.add_argument("--severity", help="critical, warning or info; default from the rule")
    explain.add_argument("--at", type=_moment, metavar="TIME", help="when it fires; default now")

    listed = actions.add_parser("list", help="list incidents, by due time")
    listed.add_argument("--all", action="store_true", help="include closed incidents")

    for name, summary in (
        ("ack", "acknowledge an incident and become its owner"),
        ("start", "start work on it"),
        ("hand-over", "hand it over to another person"),
        ("resolve", "resolve it"),
        ("accept", "accept it without a fix"),
    ):
        action = actions.add_parser(name, help=summary)
        action.add_argument("incident", metavar="INCIDENT", help="its id, or the beginning of it")
        action.add_argument("--author", required=True, help="your name")
        if name == "hand-over":
            action.add_argument("--to", required=True, help="the new owner")
            action.add_argument("--note", default="", help="message to the new owner")
        if name == "resolve":
            action.add_argument("--cause", required=True, help=f"{_CAUSES}")
            action.add_argument("--fix", required=True, help="what was done")
            action.add_argument(
                "--moves", required=True, help="success metric: copied:up, quality, mode:NAME"
            )
            action.add_argument(
                "--check-day",
                type=day,
                metavar="DAY",
                help="day of the fix check; default in 14 days",
            )
        if name == "accept":
            action.add_argument("--reason", required=True, help="reason for accepting")

    report = actions.add_parser("report-issue", help="open an incident for a user report")
    report.add_argument("--service", required=True, help="the service")
    report.add_argument("--environment", default="", help="the environment")
    report.add_argument("--feature", default="", help="the feature")
    report.add_argument(
        "--output",
        action="append",
        default=[],
        metavar="OUTPUT_ID",
        help="an affected answer; repeatable",
    )
    report.add_argument("--note", required=True, help="what is wrong")
    report.add_argument("--author", required=True, help="your name")

    settle = actions.add_parser("settle", help="settle a message whose delivery is unknown")
    settle.add_argument("message", metavar="MESSAGE", help="its id, as in triage list")
    settle.add_argument(
        "--was", required=True, choices=["received", "lost"], help="a lost message is sent again"
    )
    settle.add_argument("--author", required=True, help="your name")
    for action in actions.choices.values():
        # Also behind the action, where people look for them.
        action.add_argument("--store", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS
        )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Do one of the actions."""
    from otel_ai_feedback.triage.queries import IncidentError

    try:
        if options.action == "init":
            return triage_init.run(settings, options)
        if options.action == "explain":
            return _explain(settings, options)
        return _with_incidents(settings, options)
    except IncidentError as error:
        raise CommandError(str(error), MISUSED) from error


def _explain(settings: Settings, options: argparse.Namespace) -> int:
    from otel_ai_feedback.alerts.alert import SEVERITIES
    from otel_ai_feedback.alerts.rules import rules
    from otel_ai_feedback.triage.explain import explain
    from otel_ai_feedback.triage.model import OWN_RULES

    who = owners(settings)
    known: dict[str, str] = {rule.name: rule.severity for rule in OWN_RULES}
    known |= {rule.name: rule.severity for rule in rules(settings.alert_thresholds)}
    severity = options.severity or known.get(options.alert, "warning")
    if severity not in SEVERITIES:
        raise CommandError(
            f"--severity: {severity!r} must be one of {', '.join(SEVERITIES)}", MISUSED
        )
    if options.alert not in known:
        warn(f"--alert: there is no rule {options.alert!r} here; known are {', '.join(known)}")
    at = options.at or datetime.now(timezone.utc)
    explanation = explain(who, options.service, options.alert, severity, at)
    if options.json:
        print_json(explanation.document())
    else:
        for line in explanation.lines():
            print_line(line)
    return 0


def _with_incidents(settings: Settings, options: argparse.Namespace) -> int:
    from otel_ai_feedback.triage.incidents import Incidents

    opens = options.action == "report-issue"
    who = owners(settings) if opens else owners_if_any(settings)
    with opened(settings, migrated=True) as client:
        incidents = Incidents(client, who)
        if options.action == "list":
            return _list(incidents, client, options)
        if options.action == "settle":
            return _settle(client, options)
        incident = _report(incidents, options) if opens else _act(incidents, options)
    if options.json:
        print_json(vars(incident))
    else:
        print_line(_line(incident))
    return 0


def _act(incidents: Incidents, options: argparse.Namespace) -> Incident:
    incident_id = _found(incidents, options.incident)
    author = options.author
    if options.action == "ack":
        return incidents.acknowledge(incident_id, author=author)
    if options.action == "start":
        return incidents.start(incident_id, author=author)
    if options.action == "hand-over":
        return incidents.hand_over(incident_id, options.to, author=author, note=options.note)
    if options.action == "accept":
        return incidents.accept(incident_id, author=author, reason=options.reason)
    return incidents.resolve(
        incident_id,
        author=author,
        cause=options.cause,
        fix=options.fix,
        moves=options.moves,
        check_day=options.check_day,
    )


def _report(incidents: Incidents, options: argparse.Namespace) -> Incident:
    from otel_ai_feedback.triage.model import USER_REPORT

    taken = incidents.report(
        USER_REPORT,
        options.service,
        environment=options.environment,
        feature=options.feature,
        outputs=options.output,
        note=options.note,
        author=options.author,
    )
    return incidents.get(taken.incident_id)


def _settle(client: Any, options: argparse.Namespace) -> int:
    from otel_ai_feedback.triage.dispatcher import Notifications

    received = options.was == "received"
    Notifications(client).settle(options.message, arrived=received, author=options.author)
    if options.json:
        print_json({"message": options.message, "was": options.was})
    else:
        print_line("noted" if received else "noted; serve sends it again")
    return 0


def _list(incidents: Incidents, client: Any, options: argparse.Namespace) -> int:
    from otel_ai_feedback.triage.dispatcher import Notifications

    shown = incidents.listed(is_open=None if options.all else True)
    unsettled = Notifications(client).listed(states=["unknown", "given_up"])
    if options.json:
        print_json(
            {
                "incidents": [vars(incident) for incident in shown],
                "messages": [vars(message) for message in unsettled],
            }
        )
        return 0
    for incident in shown:
        print_line(_line(incident))
    if not shown:
        print_line("No open incidents." if not options.all else "No incidents.")
    for message in unsettled:
        said = (
            "may not have been sent: the process ended while sending it"
            if message.state == "unknown"
            else "was not sent"
        )
        print_line(
            f"message {message.notification_id} to {message.person} ({message.channel}) about "
            f"{message.incident_id} {said}; ask, then "
            f"`otel-ai-feedback triage settle {message.notification_id} --was received|lost`"
        )
    return 0


def owners(settings: Settings) -> Triage:
    """Who owns the alerts of this deployment.

    Raises:
        CommandError: There is no triage file.
        ConfigError: It is wrong.
    """
    from otel_ai_feedback import triage

    who = owners_if_any(settings)
    if who is None:
        raise CommandError(triage.NO_OWNER, MISUSED)
    return who


def owners_if_any(settings: Settings) -> Triage | None:
    """The same; ``None`` without a triage file.

    Raises:
        ConfigError: It is wrong.
    """
    from otel_ai_feedback import triage
    from otel_ai_feedback.alerts.rules import rules

    return triage.of(settings, rules(settings.alert_thresholds))


def _found(incidents: Incidents, given: str) -> str:
    """The id of an incident by its beginning."""
    found = [i.incident_id for i in incidents.listed() if i.incident_id.startswith(given)]
    if len(found) > 1 and given not in found:
        raise CommandError(f"{given} matches {', '.join(found)}; give more characters")
    return found[0] if len(found) == 1 else given


def _line(incident: Incident) -> str:
    due = f", due {utc_minute(incident.due_at)}" if incident.due_at else ""
    late = " (overdue)" if incident.overdue else ""
    state = incident.state.replace("_", " ")
    about = f"{incident.title} ({incident.rule}, {incident.group})"
    return f"{incident.incident_id}  {state}, {incident.owner}{due}{late}: {about}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time such as 2026-11-24T09:30:00+01:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
