"""Health checks in words: what each checks, what a failure means, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from otel_ai_feedback.formats import Unit


@dataclass(frozen=True)
class HealthCheck:
    """The words of one health check.

    Attributes:
        title: What is wrong when it fails, as a sentence without a full stop.
        passing: What it says when it passes.
        unit: Unit of its value and threshold; ``None`` where the value only says yes or no.
        steps: What to do, the quickest first.
    """

    title: str
    passing: str
    unit: Unit | None
    steps: tuple[str, ...]


HEALTH_CHECKS: Final[dict[str, HealthCheck]] = {
    "pipeline-silent": HealthCheck(
        "No answers received",
        "Answers are arriving at the usual rate",
        "share",
        (
            "Check whether the service is up and in use; a holiday explains a quiet day.",
            "Search its log for OTLP exporter errors: wrong address, refused, timed out.",
            "Check whether a release removed instrument() or the exporter's variables.",
            "If the service was retired or has less traffic for good, accept the new baseline: "
            "otel-ai-feedback accept --service NAME --reason WHY",
        ),
    ),
    "feedback-silent": HealthCheck(
        "No user actions received",
        "User actions are arriving",
        "share",
        (
            "Open the application, copy an answer, and look for a request to /_ai_feedback/ in the "
            "browser's network panel.",
            "No request: the page does not load feedback.js, a content security policy blocks it, "
            "or answers carry no handle.",
            "A request with a status other than 2xx: the response body gives the reason.",
            "Requests succeed: check the link rate and the service's own log.",
        ),
    ),
    "link-rate-low": HealthCheck(
        "Too many unmatched actions",
        "User actions are matched to answers",
        "share",
        (
            "Query the view links: which link method lost its share, and since when?",
            "No handles: check that the response still carries one, through proxies and caches.",
            "Several workers: they need a shared registry (OTEL_AI_FEEDBACK_REGISTRY).",
        ),
    ),
    "sampling-unknown": HealthCheck(
        "Sampling rate unknown for some answers, so there is no quality score",
        "Sampling rates are known",
        "share",
        (
            "Use a sampler that writes its threshold to the trace state, or set the resource "
            "attribute ai_feedback.sampling.ratio.",
        ),
    ),
    "outputs-lost": HealthCheck(
        "Sampled answers are missing",
        "Sampled answers are arriving",
        "share",
        (
            "Check whether anything between the service and the store samples traces by their "
            "content, or drops spans (a Collector's queue or memory limiter).",
        ),
    ),
    "actions-lost": HealthCheck(
        "Pages cannot deliver user actions",
        "User actions are delivered by pages",
        "share",
        (
            "Query the view page_losses: which browser, since which day?",
            "All browsers: read the service's log and its proxy's for refused beacons (4xx).",
            "One browser: a filter list blocks the path; set the middleware's prefix to a path of "
            "your own.",
        ),
    ),
    "receiver-refusing": HealthCheck(
        "The receiver is rejecting telemetry",
        "The receiver accepts telemetry",
        "share",
        (
            "503 and 429: more arrives than can be written. Senders retry for a while; give the "
            "machine more resources, or put a Collector in front.",
            "503 with a full disk: free some space; nothing that was answered with 200 is lost.",
            "400, 413 and 415: a sender is misconfigured, and what it sent is lost.",
        ),
    ),
    "jobs-late": HealthCheck(
        "Background jobs are not running, so rates are out of date",
        "Background jobs are running",
        "seconds",
        (
            "Search the log of serve for: jobs failed.",
            "Check free disk space, and that the ClickHouse server is reachable.",
        ),
    ),
    "rules-not-evaluated": HealthCheck(
        "Alert rules are not running",
        "Alert rules are running",
        "seconds",
        (
            "Write a triage file (otel-ai-feedback triage init): alerting is off without one.",
            "Or run otel-ai-feedback check every few minutes.",
            "If there is a triage file, search the log of serve for: rules failed.",
        ),
    ),
    "watchdog-failing": HealthCheck(
        "Heartbeat to the watchdog is failing",
        "Heartbeat to the watchdog works",
        "seconds",
        (
            "The log of serve gives the reason every minute: address, network, or a late job.",
            "Request the address by hand from this machine.",
        ),
    ),
    "draw-missing": HealthCheck(
        "Review sampling is behind, so the review queue gets nothing new",
        "Review sampling is up to date",
        "days",
        (
            "Run otel-ai-feedback draw and read its output.",
            "Search the log of serve for: draw failed.",
        ),
    ),
    "nobody-reviewed": HealthCheck(
        "Reviews have stopped",
        "Reviews are being done",
        "days",
        (
            "Open the review queue and review ten: any part of a closed week is a valid sample.",
            "Agree who reviews this week, or plan fewer minutes.",
        ),
    ),
    "review-debt": HealthCheck(
        "Review is behind schedule",
        "Review is on schedule",
        None,
        (
            "Review the outstanding items, newest week first.",
            "Name a reviewer for this week, or plan fewer minutes.",
        ),
    ),
    "labels-too-few": HealthCheck(
        "Not enough reviews for a quality score",
        "Enough reviews for a quality score",
        "number",
        (
            "Review more of the newest closed weeks: a quality score needs 50 reviews in 28 days.",
            "With many features, consider sampling from fewer environments.",
        ),
    ),
    "triage-overdue": HealthCheck(
        "Incidents are past their deadline",
        "Incidents are within their deadlines",
        "number",
        (
            "Open the oldest one and acknowledge it, or hand it over to someone available.",
            "If the rota names a person who has left, correct the triage file.",
        ),
    ),
    "notifications-failing": HealthCheck(
        "Notifications are not delivered",
        "Notifications are delivered",
        "number",
        (
            "Open the incident: it shows the channel's response.",
            "Correct the channel in the triage file; failed messages are retried.",
        ),
    ),
}
"""Every check of the view ``loop_health``, in the order in which to fix them."""
