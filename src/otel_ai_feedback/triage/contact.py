"""Addresses of apprise as Grafana's own integrations, where it has one that fits."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_TITLE = '{{ template "ai_feedback.title" . }}'
_MESSAGE = '{{ template "ai_feedback.message" . }}'


def integration(address: str, name: str) -> dict[str, Any] | None:
    """A receiver of a contact point for an address.

    Args:
        address: As apprise takes it.
        name: From which its uid is made.

    Returns:
        ``None`` where Grafana has no such integration; the message then comes from ``serve`` alone.
    """
    parts = urlsplit(address)
    made = _settings(parts.scheme.lower(), address)
    if made is None:
        return None
    kind, settings = made
    uid = "ai-feedback-" + sha256(name.encode()).hexdigest()[:16]
    return {"uid": uid, "type": kind, "disableResolveMessage": True, "settings": settings}


def _settings(scheme: str, address: str) -> tuple[str, dict[str, Any]] | None:
    parts = urlsplit(address)
    tokens = [unquote(part) for part in (parts.netloc.rpartition("@")[2], *_path(parts.path))]
    if scheme == "slack":
        path = "/".join(tokens[:3])
        return "slack", {
            "url": f"https://hooks.slack.com/services/{path}", "title": _TITLE, "text": _MESSAGE,
        }  # fmt: skip
    if scheme in ("mailto", "mailtos"):
        to = parse_qs(parts.query).get("to") or [
            f"{unquote(parts.username or '')}@{parts.hostname}"
        ]
        return "email", {"addresses": ";".join(to), "subject": _TITLE, "message": _MESSAGE}
    if scheme == "pagerduty":
        key = unquote(parts.username or "") or tokens[0]
        return "pagerduty", {"integrationKey": key, "summary": _TITLE}
    if scheme in ("json", "jsons"):
        secure = "https" if scheme == "jsons" else "http"
        return "webhook", {
            "url": f"{secure}://{parts.netloc.rpartition('@')[2]}{parts.path}",
            "httpMethod": "POST",
            "title": _TITLE,
            "message": _MESSAGE,
        }
    return None


def _path(path: str) -> list[str]:
    return [part for part in path.split("/") if part]
