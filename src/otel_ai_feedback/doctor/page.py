"""Does a page load the script, and may it send what the script sees?"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urljoin, urlsplit

from otel_ai_feedback.capture.web.endpoint import PREFIX
from otel_ai_feedback.capture.web.responses import HEADER
from otel_ai_feedback.doctor import csp, html, wire
from otel_ai_feedback.doctor.finding import (
    Finding,
    failure,
    not_applicable,
    ok,
    warning,
)
from otel_ai_feedback.doctor.visit import Visit

_SCRIPT: Final = re.compile(r"(?:.*/)?feedback(-auto|-draft)?\.js")
_TAG: Final = f'<script type="module" src="{PREFIX}/feedback.js"></script>'


def check(visit: Visit) -> Iterator[Finding]:
    """The tag, the script behind it, handles, the page's policy, and a beacon without actions."""
    if visit.page is None:
        yield not_applicable("page.reachable", "no page was named (--page URL)")
        return
    try:
        page = wire.request(visit.page, headers={"Accept": "text/html"}, timeout=visit.timeout)
    except wire.NoAnswerError as error:
        yield failure(
            "page.reachable", f"{visit.page}: {error}", "start the application, or correct --page"
        )
        return
    if page.status != 200:
        yield failure(
            "page.reachable",
            f"{visit.page} answers {page.status}",
            "name a page in --page that is shown without signing in",
        )
        return
    yield ok("page.reachable", page.url)
    document = html.read(page.text)
    base = urljoin(page.url, document.base)
    tags = [tag for tag in document.scripts if _SCRIPT.fullmatch(urlsplit(tag["src"]).path)]
    yield from _tags(page.url, tags)
    if not tags:
        return
    own = [tag for tag in tags if "-auto" not in urlsplit(tag["src"]).path] or tags
    script = urljoin(base, own[0]["src"])
    yield from _served(visit, script, own[0])
    yield _handles(document, page.headers, tags)
    beacon = urljoin(script, "actions")
    # Policies of one page all have to allow; those that only report do not count.
    policies = csp.policies(page.headers.get("content-security-policy", ""))
    policies += [csp.parse(policy) for policy in document.policies]
    yield from _policy(page.url, base, tags, beacon, policies)
    yield from _beacon(visit, page.url, beacon)


def _tags(page: str, tags: list[dict[str, str]]) -> Iterator[Finding]:
    if not tags:
        yield failure(
            "page.script_tag",
            "the page has no script tag for feedback.js, so user actions are not recorded",
            f"put {_TAG} into its <head> (otel_ai_feedback.web.script_tag() writes it)",
        )
        return
    plain = [tag["src"] for tag in tags if tag.get("type", "").lower() != "module"]
    if plain:
        yield failure(
            "page.script_tag",
            f"{plain[0]} is loaded without type=module, which it needs",
            f"write {_TAG}",
        )
        return
    mixed = [
        tag["src"] for tag in tags if page.startswith("https:") and tag["src"].startswith("http:")
    ]
    if mixed:
        yield failure(
            "page.script_tag",
            f"{mixed[0]} is loaded over http by a page of https, which browsers block",
            "write its address with https://, or without scheme and host",
        )
        return
    yield ok("page.script_tag", ", ".join(tag["src"] for tag in tags))


def _served(visit: Visit, script: str, tag: Mapping[str, str]) -> Iterator[Finding]:
    name = "page.script"
    middleware = (
        "add FeedbackMiddleware to the application (docs/web.md), outside of what answers 404, and "
        f"let proxies pass {PREFIX}/"
    )
    try:
        answer = wire.request(script, timeout=visit.timeout)
    except wire.NoAnswerError as error:
        yield failure(name, f"{script}: {error}", middleware)
        return
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != 200:
        yield failure(name, f"{script} answers {answer.status}", middleware)
    elif "javascript" not in kind and "ecmascript" not in kind:
        yield failure(
            name, f"{script} is sent as {kind or 'no type'}, which browsers do not run", middleware
        )
    elif (wanted := tag.get("integrity", "")) and not _is_intact(answer.body, wanted):
        yield failure(
            name,
            f"{script} is another version than the integrity on its tag says, so browsers refuse "
            "it",
            "write the tag by script_tag() in the same version as the middleware, or with "
            "integrity=False while versions are mixed; empty caches of proxies",
        )
    else:
        yield ok(name, f"{script} is served")


def _is_intact(body: bytes, integrity: str) -> bool:
    known = {}
    for value in integrity.split():
        kind, _, digest = value.partition("-")
        if kind in ("sha256", "sha384", "sha512"):
            made = base64.b64encode(hashlib.new(kind, body).digest()).decode()
            known[value] = made == digest.partition("?")[0]
    return not known or any(known.values())


def _handles(
    document: html.Document, headers: Mapping[str, str], tags: list[dict[str, str]]
) -> Finding:
    name = "page.handle"
    if any(document.handles):
        return ok(name, f"{len(document.handles)} elements say which output they show")
    if headers.get(HEADER.lower()):
        return ok(name, f"the page comes with a handle in {HEADER}")
    if any("feedback-auto" in tag["src"] for tag in tags):
        return ok(name, f"feedback-auto.js takes handles from the header {HEADER} of responses")
    if document.handles:
        return ok(name, "there is an element for an answer, and its handle comes later")
    return warning(
        name,
        "nothing in the page names an output, and feedback-auto.js is not there to learn it",
        "set data-ai-output on the element that shows an answer, or put "
        f'<script type="module" src="{PREFIX}/feedback-auto.js"></script> before feedback.js',
    )


def _policy(
    page: str,
    base: str,
    tags: list[dict[str, str]],
    beacon: str,
    policies: list[dict[str, list[str]]],
) -> Iterator[Finding]:
    name = "page.policy"
    if not policies:
        yield ok(name, "the page has no content security policy")
        return
    blocked = False
    for tag in tags:
        asked = csp.Asked(
            "script-src-elem",
            urljoin(base, tag["src"]),
            nonce=tag.get("nonce", ""),
            integrity=tag.get("integrity", ""),
        )
        directive = csp.blocking(asked, page, policies)
        if directive:
            blocked = True
            yield failure(
                name,
                f"the page's content security policy ({directive}) does not let {tag['src']} run",
                f"add {_source(page, asked.url)} to script-src, or give the tag the page's nonce: "
                "script_tag(nonce=...)",
            )
            break
    directive = csp.blocking(csp.Asked("connect-src", beacon), page, policies)
    if directive:
        blocked = True
        yield failure(
            name,
            f"the page's content security policy ({directive}) does not let it send to {beacon}",
            f"add {_source(page, beacon)} to connect-src",
        )
    if not blocked:
        yield ok(name, "the content security policy lets the script run and send")


def _source(page: str, url: str) -> str:
    own, other = urlsplit(page), urlsplit(url)
    same = (own.scheme, own.netloc) == (other.scheme, other.netloc)
    return "'self'" if same else f"{other.scheme}://{other.netloc}"


def _beacon(visit: Visit, page: str, beacon: str) -> Iterator[Finding]:
    """Send a beacon without any action: it is answered as any, and counts as nothing."""
    name = "page.beacon"
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(page))
    crosses = origin != "{0.scheme}://{0.netloc}".format(urlsplit(beacon))
    if page.startswith("https:") and beacon.startswith("http:"):
        yield failure(
            name,
            f"a page of https cannot send to {beacon}: browsers block mixed content",
            "answer beacons over https too",
        )
        return
    body = json.dumps({"sent": int(visit.clock() * 1000), "actions": []}).encode()
    headers = {
        "Content-Type": "text/plain",
        "Origin": origin,
        "Sec-Fetch-Site": "cross-site" if crosses else "same-origin",
    }
    try:
        answer = wire.request(
            beacon,
            method="POST",
            headers=headers,
            body=body,
            timeout=visit.timeout,
            redirects=False,
        )
    except wire.NoAnswerError as error:
        yield failure(name, f"{beacon}: {error}", "let proxies pass POST to this path")
        return
    if answer.status in (200, 204):
        allowed = answer.headers.get("access-control-allow-origin", "")
        if crosses and allowed not in ("*", origin):
            yield failure(
                name,
                f"{beacon} does not say that pages of {origin} may read its answers",
                f"add {origin} to allowed_origins of the middleware, or to "
                "OTEL_AI_FEEDBACK_ALLOWED_ORIGINS of serve, and let proxies pass "
                "Access-Control-Allow-Origin",
            )
        else:
            yield ok(name, f"{beacon} takes beacons of this page")
        return
    yield failure(
        name, f"{beacon} answers {answer.status} to a beacon", _remedy(answer.status, origin)
    )


def _remedy(status: int, origin: str) -> str:
    if status == 403:
        return (
            f"add {origin} to allowed_origins of the middleware (or "
            "OTEL_AI_FEEDBACK_ALLOWED_ORIGINS of serve); if a CSRF check answers 403, put the "
            "middleware outside of it"
        )
    if status == 404:
        return (
            "add FeedbackMiddleware to the application (docs/web.md), and let proxies pass "
            f"POST {PREFIX}/actions to it"
        )
    if status in (301, 302, 303, 307, 308, 401):
        return "let this path pass without signing in and without redirects"
    if status in (429, 503):
        return "it is overloaded or starting; behind a proxy set trusted_proxies, and try again"
    return "let proxies pass POST with Content-Type text/plain to this path unchanged"
