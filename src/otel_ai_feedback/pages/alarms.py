"""The loop's own alarms in words: what each says, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True)
class Alarm:
    """One alarm.

    Attributes:
        title: What is broken, as a sentence without its end.
        fine: The same when it is not.
        unit: What its value and threshold are.
        steps: What to do, the quickest first.
    """

    title: str
    fine: str
    unit: Literal["share", "seconds", "days", "number"]
    steps: tuple[str, ...]


ALARMS: Final[dict[str, Alarm]] = {
    "pipeline-silent": Alarm(
        "Outputs have stopped coming in",
        "Outputs come in as they used to",
        "share",
        (
            "See whether the service is up and people use it; a holiday explains itself.",
            "Look into its log for lines of the OTLP exporter: wrong address, refused, timed out.",
            "See whether a release has taken instrument() or the exporter's variables away.",
            "If the service was retired or has less traffic for good, say so: "
            "otel-ai-feedback accept --service NAME --reason WHY",
        ),
    ),
    "feedback-silent": Alarm(
        "Answers are made, and nothing is heard of what people do with them",
        "What people do with answers is heard of",
        "share",
        (
            "Open the application, copy an answer, and look for a request to /_ai_feedback/ in the "
            "browser's network panel.",
            "No request: the page does not load feedback.js, a content security policy blocks it, "
            "or answers carry no handle.",
            "A request with another answer than 2xx: it says why in its body.",
            "Requests that succeed: look at the link rate, and at the service's own log.",
        ),
    ),
    "link-rate-low": Alarm(
        "Too many actions do not find their output",
        "Actions find their outputs",
        "share",
        (
            "Ask the view links which method has lost its share, and since when.",
            "Without handles: see that the response still carries one, through proxies and caches.",
            "With several workers: they need a shared registry (OTEL_AI_FEEDBACK_REGISTRY).",
        ),
    ),
    "sampling-unknown": Alarm(
        "It is not known how likely some outputs were to be sampled, so quality has no number",
        "It is known how likely each output was to be sampled",
        "share",
        (
            "Use a sampler that writes its threshold to the trace state, or set the resource "
            "attribute ai_feedback.sampling.ratio.",
        ),
    ),
    "outputs-lost": Alarm(
        "Outputs are missing although they were sampled",
        "Sampled outputs arrive",
        "share",
        (
            "See whether something between the service and the store samples traces by what they "
            "are like, or drops spans (a Collector's queue or memory limiter).",
        ),
    ),
    "receiver-refusing": Alarm(
        "The receiver refuses telemetry",
        "The receiver takes what is sent",
        "share",
        (
            "503 and 429: more comes than can be written. Senders keep it for a while; give the "
            "machine more room, or put a Collector in front.",
            "503 with a full disk: make room; nothing that was answered with 200 is lost.",
            "400, 413 and 415: a sender is set up wrongly, and what it sent is lost.",
        ),
    ),
    "jobs-late": Alarm(
        "The store's jobs do not run, so nothing is counted",
        "The store's jobs run",
        "seconds",
        (
            "Look into the log of serve for: jobs failed.",
            "See whether the disk is full, or the ClickHouse server is reachable.",
        ),
    ),
    "rules-not-evaluated": Alarm(
        "Nobody evaluates the alert rules, so no alarm about the answers can be raised",
        "The alert rules are evaluated",
        "seconds",
        (
            "Write a triage file (otel-ai-feedback triage init): without one alarms are off.",
            "Or run otel-ai-feedback check every few minutes.",
            "Where there is one, look into the log of serve for: rules failed.",
        ),
    ),
    "watchdog-failing": Alarm(
        "The dead-man's switch does not hear from here",
        "The dead-man's switch hears from here",
        "seconds",
        (
            "The log of serve says each minute why: address, network, or a part that is late.",
            "Request the address by hand from this machine.",
        ),
    ),
    "draw-missing": Alarm(
        "Days have not been drawn from, so there is nothing new to read",
        "Every closed day has been drawn from",
        "days",
        (
            "Run otel-ai-feedback draw and read what it says.",
            "Look into the log of serve for: draw failed.",
        ),
    ),
    "nobody-reviewed": Alarm(
        "Nobody reads outputs any more",
        "Somebody reads outputs",
        "days",
        (
            "Open the review queue and read ten: any prefix of a closed week is a valid sample.",
            "Agree again on who has the hour this week, or promise fewer minutes.",
        ),
    ),
    "review-debt": Alarm(
        "Less is read than was promised",
        "What was promised is read",
        "number",
        (
            "Read for the minutes that are missing; the newest closed week stands first.",
            "Name somebody for this week's hour, or promise fewer minutes.",
        ),
    ),
    "labels-too-few": Alarm(
        "Too few labels for a quality number",
        "There are labels enough for a quality number",
        "number",
        (
            "Read more of the newest closed weeks; under 50 labels in 28 days no number is given.",
            "With many groups, see whether fewer environments need to be drawn from.",
        ),
    ),
    "triage-overdue": Alarm(
        "Incidents wait for an answer longer than was promised",
        "Incidents are answered in time",
        "number",
        (
            "Open the oldest one and acknowledge it, or hand it over to somebody who is there.",
            "If the rota names somebody who has left, correct the triage file.",
        ),
    ),
    "notifications-failing": Alarm(
        "People cannot be told of incidents",
        "People are told of incidents",
        "number",
        (
            "Open the incident: it says what the channel answered.",
            "Correct the channel in the triage file; what is not given up is tried again.",
        ),
    ),
}
"""Every alarm of the view ``loop_health``, in the order in which a broken loop is mended."""


def shown(value: float, unit: str) -> str:
    """A value or threshold as people say it."""
    if unit == "share":
        return f"{100 * value:.3g}\u202f%"
    if unit == "days":
        return f"{value:.3g}\u202fday{'' if value == 1 else 's'}"
    if unit == "number":
        return f"{value:g}"
    for size, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if value >= 2 * size:
            return f"{value / size:.0f}\u202f{name}"
    return f"{value:.0f}\u202fs"
