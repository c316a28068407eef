"""Who gets the weekly report from this ``serve``, and where."""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.compare.verdict import Floor
from otel_ai_feedback.config import PREFIX, ConfigError, Settings
from otel_ai_feedback.review.report_sending import WeeklyReport
from otel_ai_feedback.triage.model import Triage

EVERY_SECONDS = 3600.0


def addresses(settings: Settings, who: Triage | None) -> dict[str, tuple[str, ...]]:
    """Where those in ``report_to`` get messages, by name.

    Args:
        settings: Their ``report_to``.
        who: The triage file; ``None`` when there is none.

    Raises:
        ConfigError: Someone is not in the file, or has no contact there.
    """
    name = f"{PREFIX}REPORT_TO"
    if not settings.report_to:
        return {}
    if who is None:
        raise ConfigError(
            [f"{name}: names people, but there is no triage file with their contacts; "
             "`otel-ai-feedback triage init` writes one"]
        )  # fmt: skip
    mistakes = []
    for person in settings.report_to:
        if person not in who.people:
            known = ", ".join(sorted(who.people))
            mistakes.append(f"{name}: {person!r} is not in the triage file; known are {known}")
        elif not who.people[person].contacts:
            mistakes.append(f"{name}: {person!r} has no contact in the triage file; add one")
    if mistakes:
        raise ConfigError(mistakes)
    return {person: who.people[person].contacts for person in settings.report_to}


def report(
    client: Client, to: dict[str, tuple[str, ...]], settings: Settings, url: str
) -> WeeklyReport:
    """The report to these people, through apprise.

    Args:
        client: For the report alone.
        to: From :func:`addresses`.
        settings: Their ``timezone`` and ``url``.
        url: Where this server listens.
    """
    from otel_ai_feedback.triage.sending import send

    return WeeklyReport(
        client,
        to,
        send,
        zone=settings.timezone,
        url=settings.url or url,
        floor=Floor(*settings.effect_floor),
    )
