"""What a model says, and all else that a stranger can have stored, is text on every page.

Every field that some page shows holds the same attack with a mark of its own. A real browser then
opens every page. None of the attack's elements may come to be, nothing may run, nothing may be
asked of another host, no policy may have had to step in; and every field must have been seen whole.
"""

import dataclasses
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from otel_ai_feedback import serve
from otel_ai_feedback.grafana.charts.definitions import ORDER
from otel_ai_feedback.review import report
from otel_ai_feedback.triage import file, notification
from otel_ai_feedback.triage.incidents import Incidents

sys.path += [str(Path(__file__).parents[1] / room) for room in ("store", "review")]

from reading import CLOSED, Reviewer, outputs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1500)]

# Each part leaves another context: an attribute, a title, a field, a script, JSON in a script, a
# template, a comment. The mark stands last, so that it is shown only when all before it was text.
ATTACK = (
    "'\"></title></textarea></style></script><script data-attack>window.pwned=1</script>"
    "<img data-attack src=x onerror=window.pwned=1><svg data-attack onload=window.pwned=1>"
    "<a data-attack href='javascript:window.pwned=1' autofocus onfocus=window.pwned=1>x</a>"
    "<base data-attack href=https://evil.example><iframe data-attack srcdoc='x'></iframe>"
    "{{ 7 * 7 }}{% raw %}${7*7}\\u003cscript\\u003e&lt;script&gt;\u202edesrever\u202c\u2066\u061c"
    "<!-- javascript:window.pwned=1 @{mark}@"
)
# For what is bounded in length.
SHORT = "<img data-attack src=x onerror=pwned=1>@{mark}@"
# A name in the triage file has no angle brackets.
PEOPLE = ("Ana'\" autofocus onfocus=window.pwned=1 {{ 7 * 7 }}", "Ben &lt;script&gt; \u202e")
LONG_WORD = "W" * 5000
BROKEN = "\ud800 \x00 \x1b[31m \x07"

LOUD = """
  window.broken = [];
  addEventListener("securitypolicyviolation",
    (refused) => broken.push(refused.violatedDirective + refused.blockedURI));
  for (const name of ["alert", "confirm", "prompt"]) window[name] = () => broken.push(name);
"""
# All text of a page: of elements, of fields, of attributes that a browser shows or reads out.
SHOWN = """() => {
  const found = [document.title, document.documentElement.textContent];
  for (const each of document.querySelectorAll("*")) {
    for (const name of ["value", "title", "aria-label", "placeholder", "label"]) {
      const text = each.getAttribute(name);
      if (text) found.push(text);
    }
    if (each.value) found.push(String(each.value));
  }
  return found.join("\\n");
}"""


def attack(mark):
    return ATTACK.replace("{mark}", mark)


def short(mark):
    return SHORT.replace("{mark}", mark)


def _message(role, text):
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


@pytest.fixture
def people(tmp_path):
    """A triage file whose people have hostile names."""
    path = tmp_path / "triage.yaml"
    written = [f"  - {{name: {json.dumps(n)}, contact: 'json://127.0.0.1:1/x'}}\n" for n in PEOPLE]
    path.write_text(
        f"people:\n{''.join(written)}rotas:\n  quality: {{people: {json.dumps(PEOPLE)}, "
        "starts: 2025-12-01}\nquiet: false\n"
    )
    return path


@pytest.fixture
def hostile(clean, settings, people):
    """A server over a store in which every field is an attack; its address and what to open."""
    names = {
        "gen_ai__response__model": attack("model"),
        "gen_ai__request__model": attack("model"),
        "ai_feedback__feature": attack("feature"),
        "ai_feedback__prompt__version": attack("prompt-version"),
        "gen_ai__conversation__id": attack("conversation"),
        "gen_ai__response__id": attack("response-id"),
        "gen_ai__input__messages": _message("user", attack("prompt") + LONG_WORD + BROKEN),
        "gen_ai__output__messages": _message("assistant", attack("answer") + LONG_WORD + BROKEN),
        "resource": {
            "service.name": attack("service"),
            "service.version": attack("release"),
            "deployment.environment.name": attack("environment"),
        },
    }
    order = outputs(clean, 6, **names)
    told = dataclasses.replace(settings, person_header="X-Reviewer", triage=people)
    owners = file.load(people, [])
    incidents = Incidents(clean, owners)
    with serve.running(told, port=0, jobs_every=None) as server:
        reader = Reviewer(server.url, short("reviewer"))
        page = reader.get()
        for verdict in ("bad", "bad", "bad", "skipped"):
            page = reader.say(
                verdict, page, new_mode=short("mode") if verdict == "bad" else "",
                note=attack("note") if verdict == "bad" else "",
            )  # fmt: skip
            assert page.status_code == 200, page.text
        reader.web.post(
            "/review/send",
            data={"csrf": reader.fields(reader.get())["csrf"], "output_id": order[-1]},
        )  # fmt: skip
        server.run_jobs()
        yield server.url, order, incidents
        reader.web.close()


def _incidents(incidents, order):
    """Two incidents with hostile labels, one of them handed over and resolved."""
    ids = []
    for number in range(2):
        taken = incidents.take(
            notification.parse_alert(
                {
                    "status": "firing",
                    "labels": {
                        "alertname": attack("rule"), "service": attack("service"),
                        "environment": attack("environment"), "feature": attack("feature"),
                        "series": attack(f"series-{number}"), "segment_kind": "model",
                        "segment": attack("segment"), "direction": "fell",
                        "severity": "critical", "extra": attack("label"),
                    },
                    "annotations": {
                        "summary": attack("summary"),
                        "runbook_url": "javascript:window.pwned=1//" + attack("runbook"),
                        "description": attack("description"),
                    },
                    "values": {short("value-name"): 1.5},
                    "generatorURL": f"https://grafana/{short('rule-address')}",
                    "dashboardURL": "data:text/html,<script>window.pwned=1</script>",
                    "startsAt": datetime.now(timezone.utc).isoformat(),
                }
            ),
            source="grafana",
        )  # fmt: skip
        ids.append(taken.incident_id)
        incidents.note(taken.incident_id, attack("incident-note"), author=attack("author"))
        incidents.hand_over(
            taken.incident_id, PEOPLE[number], author=PEOPLE[0],
            note=attack("hand-over"),
        )  # fmt: skip
    incidents.resolve(
        ids[1], author=attack("resolver"), cause="model", fix=attack("fix"),
        moves="quality", check_day=None,
    )  # fmt: skip
    return ids


# What some page must have shown, whole and as text.
FIELDS = {
    "model", "feature", "prompt", "answer", "conversation", "service", "release", "environment",
    "mode", "note", "reviewer", "rule", "series-0", "series-1", "segment", "summary",
    "value-name", "incident-note", "author", "hand-over", "resolver", "fix", "asked-for",
}  # fmt: skip


def test_everything_stored_is_text_on_every_page(hostile, clean, chromium, tmp_path):
    url, order, incidents = hostile
    ids = _incidents(incidents, order)
    context = chromium.new_context(
        base_url=url, extra_http_headers={"X-Reviewer": quote(short("reviewer"), safe="<>=@ ")}
    )
    context.add_init_script(LOUD)
    said, strange, thrown = [], [], []
    context.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    context.on("weberror", lambda error: thrown.append(str(error.error)))
    context.on("console", lambda message: said.append(message.text))
    context.on(
        "request",
        lambda asked: None if asked.url.startswith((url, "data:image/svg", "file:")) else
        strange.append(asked.url),
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(180_000)
    seen = set()

    def look(address, status=200):
        answer = page.goto(address, wait_until="load")
        if answer is not None and address.startswith("/"):
            assert answer.status == status, f"{address}: {answer.status}"
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("window.pwned") is None, address
        assert page.evaluate("window.broken") == [], address
        assert page.locator("[data-attack]").count() == 0, address
        links = page.eval_on_selector_all("a[href]", "all => all.map(a => a.protocol)")
        assert set(links) <= {"http:", "https:", "file:"}, address
        shown = page.evaluate(SHOWN)
        seen.update(person for person in PEOPLE if person in shown)
        for mark in re.findall(r"@([a-z0-9-]+)@", shown):
            if attack(mark) in shown or short(mark) in shown:
                seen.add(mark)
        return shown

    window = f"from={_milliseconds(CLOSED, -20)}&to={_milliseconds(CLOSED, 20)}"
    for address in (
        "/", f"/?model={quote(attack('model'))}&days=90", "/outputs",
        f"/outputs?model={quote(attack('model'))}",
        f"/outputs?conversation={quote(attack('conversation'))}",
        f"/outputs/{order[0]}", "/health", "/charts", "/runbooks/signal-drift",
        *(f"/charts/{name}?{window}" for name in ORDER if name != "output"),
        f"/charts/output?{window}&var-output={order[0]}",
        f"/charts/signals?{window}&var-model={quote(attack('asked-for'))}",
        "/review", "/review?queue=requested", "/review/requested",
        f"/review/requested?days=90&model={quote(attack('model'))}",
        f"/review/send?output_id={order[1]}", f"/needs-owner?output_id={order[1]}",
        "/triage", "/triage/report", *(f"/triage/{each}" for each in ids),
        f"/triage/{ids[0]}/acknowledge",
    ):  # fmt: skip
        look(address)
    asked = quote(short("asked-for"), safe="")
    for address in (
        f"/outputs/{asked}", f"/charts/{asked}", f"/runbooks/{asked}", f"/triage/{asked}",
        f"/review/labels/{asked}", f"/nothing/{asked}", f"/review/send?output_id={asked}",
    ):  # fmt: skip
        look(address, 404)
    look(f"/sign-in?next={asked}", 401)

    # To judge an output, to judge it again, and what is said when a form is wrong.
    look("/review")
    page.locator("[name=new_mode]").fill(short("mode"))
    page.locator("[name=note]").fill(attack("note"))
    with page.expect_navigation():
        page.locator("button.bad").click()
    after = look(page.url.removeprefix(url))
    assert "Verdict:" in after
    look(page.locator("a[data-key=z]").get_attribute("href"))
    look(f"/triage/{ids[0]}")
    page.locator("textarea[data-key=n]").fill(attack("incident-note"))
    with page.expect_navigation():
        page.locator("button[value=note]").click()
    look(f"/triage/{ids[0]}")

    # The weekly report is a file that people open and pass on: no policy protects its reader.
    written = tmp_path / "report.html"
    document = report.weekly(clean, report.newest_week(clean), url=url)
    written.write_text(document.html(), encoding="utf-8")
    context.set_extra_http_headers({})
    look(written.as_uri())

    context.close()
    # A 404 is told to the console as well; nothing else may be.
    assert [text for text in said if "the server responded with a status of 40" not in text] == []
    assert thrown == []
    assert strange == []
    missed = (FIELDS | set(PEOPLE)) - seen
    assert missed == set(), f"no page showed {missed}"
    # An address with markup in it is no link.
    assert "rule-address" not in seen
    _strange_bytes(url, order)


def _milliseconds(day, days):
    midnight = datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp()
    return round((midnight + days * 86_400) * 1000)


def _strange_bytes(url, order):
    """What a browser would not send: bytes that are no text, in every place that is echoed."""
    raw = "%ff%fe%00%0d%0aSet-Cookie:%20x=1%e2%80%ae%F0%9F"
    names = ("X-Reviewer", "Cookie", "Origin", "Content-Type", "X-Forwarded-For")
    with httpx.Client(base_url=url, timeout=60, headers={"X-Reviewer": "ann"}) as web:
        for path in ("/outputs/", "/charts/", "/triage/", "/runbooks/", "/sign-in?next=/",
                     "/outputs?model=", f"/outputs/{order[0]}?x=", "/_ai_feedback/",
                     "/?query=select+1&query_id=", "/review/labels/"):  # fmt: skip
            answer = web.get(path + raw)
            assert answer.status_code < 500, path
            assert "set-cookie" not in answer.headers
        for value in (b"\xff\xfe", b"<script>", b"a\tb", b"x" * 4000):
            answer = web.get("/triage", headers=dict.fromkeys(names, value))
            assert answer.status_code < 500, value
            assert "<script>" not in answer.text
