"""Scores of a Langfuse project, read over its public API and kept as evaluations.

The newest interface (v3, pages by cursor) is asked, and v2 (numbered pages) where there is none.
The store remembers up to which time of a project's scores it has read; the next import begins a
day before that, since scores may come late. A score that is read twice is one, by its id.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

from clickhouse_connect.driver.client import Client

from otel_ai_feedback.store import facts
from otel_ai_feedback.store.ask import ask, command

_PAGE: Final = 100
_TIMEOUT: Final = 60.0
_LATE: Final = timedelta(days=1)
_KINDS: Final = {"EVAL": "judge", "ANNOTATION": "reviewer"}
_TEXTS: Final = frozenset({"TEXT", "CORRECTION"})

Score = dict[str, Any]


class LangfuseError(Exception):
    """The project was not read; the message says what to do."""


@dataclass(frozen=True)
class Project:
    """Where scores come from.

    Attributes:
        url: Of the Langfuse server, without a path.
        public_key: Names the project.
        secret_key: Of the same.
    """

    url: str
    public_key: str
    secret_key: str

    @property
    def source(self) -> str:
        """Under which name the store remembers what it has read."""
        return f"langfuse {self.url} {self.public_key}"


def read(client: Client, project: Project, since: datetime | None = None) -> int:
    """Keep the scores that are new or have changed.

    Args:
        client: From ``connect``, with the right to insert.
        project: Which ones.
        since: Aware; by default a day before the newest one that was read, at first 28 days ago.

    Returns:
        How many scores were read, those included that the store had.

    Raises:
        LangfuseError: The server did not answer as documented; what was read until then is kept.
        clickhouse_connect.driver.exceptions.DatabaseError: The engine refused.
    """
    known = ask(client, "store/raw/import_cursors.known", source=project.source)
    if since is None and known:
        since = known[0]["cursor"].replace(tzinfo=timezone.utc) - _LATE
    since = since or datetime.now(timezone.utc) - timedelta(days=28)
    newest, count = since, 0
    for page in _pages(project, since):
        rows = [_row(score) for score in page]
        if rows:
            command(client, "store/state/evaluation_state.langfuse", scores=rows)
        count += len(rows)
        newest = max([newest, *(_time(score, "timestamp") for score in page)])
    command(client, "store/raw/import_cursors.set", source=project.source, cursor=newest)
    facts.catch_up(client)
    return count


def _pages(project: Project, since: datetime) -> Iterator[list[Score]]:
    asked = {"limit": _PAGE, "fromTimestamp": since.isoformat()}
    page = _get(project, "/api/public/v3/scores", {**asked, "fields": "subject"}, may_miss=True)
    if page is None:
        number, last = 1, 1
        while number <= last:
            page = _get(project, "/api/public/v2/scores", {**asked, "page": number}) or {}
            yield _data(page)
            last = int(page.get("meta", {}).get("totalPages") or 0)
            number += 1
        return
    while page is not None:
        yield _data(page)
        cursor = page.get("meta", {}).get("cursor")
        if not cursor:
            return
        more = {**asked, "fields": "subject", "cursor": cursor}
        page = _get(project, "/api/public/v3/scores", more)


def _data(page: dict[str, Any]) -> list[Score]:
    data = page.get("data")
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise LangfuseError("the answer has no list of scores; is this the address of a Langfuse?")
    return data


def _get(
    project: Project, path: str, asked: dict[str, Any], *, may_miss: bool = False
) -> dict[str, Any] | None:
    if not project.url.startswith(("http://", "https://")):
        raise LangfuseError(f"{project.url!r} must begin with http:// or https://")
    keys = b64encode(f"{project.public_key}:{project.secret_key}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 - http and https only, see above
        f"{project.url.rstrip('/')}{path}?{urlencode(asked)}",
        headers={"Authorization": f"Basic {keys}", "Accept": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            page = json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code == 404 and may_miss:
            return None
        remedy = "check both keys" if error.code in (401, 403) else "try again later"
        raise LangfuseError(f"{project.url} answered {error.code}; {remedy}") from error
    except (OSError, ValueError) as error:
        raise LangfuseError(f"{project.url} cannot be read ({error}); check the address") from error
    if not isinstance(page, dict):
        raise LangfuseError(f"{project.url} did not answer with scores; check the address")
    return page


def _time(score: Score, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(str(score.get(name)).replace("Z", "+00:00"))
    except ValueError:
        return datetime.fromtimestamp(0, timezone.utc)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _row(score: Score) -> list[str]:
    """Id, time, kind, name, score, label, scope, trace, span, environment and change, as texts."""
    subject = score.get("subject")
    if isinstance(subject, dict):
        scope = str(subject.get("kind"))
        span = str(subject.get("id")) if scope == "observation" else ""
        trace = str(subject.get("traceId") or "") if span else str(subject.get("id") or "")
    else:
        span, trace = str(score.get("observationId") or ""), str(score.get("traceId") or "")
        scope = "observation" if span else "trace" if trace else "session"
    kind, value = str(score.get("dataType")).upper(), score.get("value")
    number, label = "", ""
    if kind == "CATEGORICAL":
        label = str(score.get("stringValue") or ("" if value is None else value))
    elif kind not in _TEXTS and value is not None:
        number = str(int(value) if isinstance(value, bool) else value)
    return [
        str(score.get("id") or ""),
        str(round(_time(score, "timestamp").timestamp() * 1000)),
        _KINDS.get(str(score.get("source")).upper(), ""),
        str(score.get("name") or ""),
        number,
        label,
        {"observation": "span", "trace": "trace"}.get(scope, "session"),
        trace.lower() if scope in ("observation", "trace") else "",
        span.lower(),
        str(score.get("environment") or ""),
        str(round(_time(score, "updatedAt").timestamp() * 1000)),
    ]
