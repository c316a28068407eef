"""Secrets are in no output, no log at its most talkative, no page and no message of an error.

Each secret is a mark of its own. Real processes run with all of them, where everything that can go
wrong goes wrong, and all that they say is searched.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

import httpx
import pytest

from otel_ai_feedback.config import SECRET, ConfigError, load

# All loggers say everything before the program begins, as a debugging host application would.
PROGRAM = (
    "import logging; logging.basicConfig(level=logging.DEBUG); "
    "from otel_ai_feedback.cli import main; raise SystemExit(main())"
)
MARKS = {
    name: f"mark{number}x{name.replace('_', '')}xq7zk2v9w4"
    for number, name in enumerate(
        ["store", "key", "otlp_token", "triage_secret", "watchdog", "registry", "user", "person",
         "contact", "contact_path", "wrong", "oidc"]
    )
}  # fmt: skip
DEAD = "127.0.0.1:9"

# Each command loads the engine again.
pytestmark = pytest.mark.timeout(1200)


def _found(text):
    """The marks in a text, whole or cut at their end."""
    return {name for name, mark in MARKS.items() if mark in text or mark[:-4] in text}


@pytest.fixture
def environment(tmp_path):
    """Every secret setting, and files with the others."""
    users, people, triage = (tmp_path / n for n in ("users.toml", "people.toml", "triage.yaml"))
    for file, text in (
        (users, f'[grafana]\nrole = "reader"\npassword = "{MARKS["user"]}"\n'),
        (people, f'[ana]\ntoken = "{MARKS["person"]}"\n'),
        (
            triage,
            f"""
people:
  - {{name: Ana, contact: "json://u:{MARKS["contact"]}@{DEAD}/{MARKS["contact_path"]}"}}
rotas: {{quality: {{people: [Ana], starts: 2025-12-01}}}}
quiet: false
""",
        ),
    ):
        file.touch(0o600)
        file.write_text(text)
    ours = {
        "STATE_DIR": tmp_path / "state",
        "KEY": MARKS["key"],
        "OTLP_TOKEN": MARKS["otlp_token"],
        "OIDC_CLIENT_SECRET": MARKS["oidc"],
        "TRIAGE_SECRET": MARKS["triage_secret"],
        "WATCHDOG_URL": f"http://{DEAD}/{MARKS['watchdog']}",
        "REGISTRY": f"redis://u:{MARKS['registry']}@{DEAD}/0",
        "USERS": users,
        "PEOPLE": people,
        "TRIAGE": triage,
    }
    others = {k: v for k, v in os.environ.items() if not k.startswith("OTEL_")}
    return others | {f"OTEL_AI_FEEDBACK_{name}": str(value) for name, value in ours.items()}


def _run(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, arguments[0], "--verbose", *arguments[1:]],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_settings_that_cannot_be_say_nothing_secret(tmp_path):
    """A secret in the wrong place, or of the wrong shape, is not repeated."""
    wrong = {
        "STORE": f"mysql://u:{MARKS['store']}@h/d",
        "KEY": MARKS["key"][:10],
        "OTLP_TOKEN": MARKS["otlp_token"][:10],
        "TRIAGE_SECRET": MARKS["triage_secret"][:10],
        "WATCHDOG_URL": f"ftp://h/{MARKS['watchdog']}",
        "REGISTRY": f"http://u:{MARKS['registry']}@h",
    }
    with pytest.raises(ConfigError) as caught:
        load(environ={f"OTEL_AI_FEEDBACK_{k}": v for k, v in wrong.items()}, directory=tmp_path)
    assert len(caught.value.mistakes) == len(wrong)
    assert _found(str(caught.value)) == set()
    for mark in MARKS.values():
        assert mark[:10] not in str(caught.value)


def test_settings_can_be_printed(environment, tmp_path):
    store = f"http://u:{MARKS['store']}@{DEAD}/x"
    settings = load(environ=environment | {"OTEL_AI_FEEDBACK_STORE": store}, directory=tmp_path)
    for name in SECRET:
        assert getattr(settings, name)
    assert _found(repr(settings)) == set()
    assert _found(f"{settings.url} {settings.listen}") == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--listen", "127.0.0.1:0"), ("migrate",), ("migrate", "--roles"),
        ("query", "select 1"), ("check",), ("triage", "list"), ("report",), ("draw",),
        ("demo", "--once"),
    ],
    ids=lambda arguments: " ".join(arguments),
)  # fmt: skip
def test_a_store_that_does_not_answer(environment, arguments):
    store = f"http://loop:{MARKS['store']}@{DEAD}/ai_feedback"
    status, said = _run(environment, *arguments, "--store", store)
    assert status in (1, 2), said
    assert DEAD in said
    assert _found(said) == set()


@contextlib.contextmanager
def _serving(environment, log):
    """``serve`` in a process of its own; its address."""
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "serve", "--listen", "127.0.0.1:0", "--json",
             "--verbose"],
            stdout=subprocess.PIPE, stderr=file, text=True, env=environment,
        )  # fmt: skip
        try:
            said = ""
            while not said.endswith("}\n"):
                line = process.stdout.readline()
                assert line, log.read_text()
                said += line
            yield json.loads(said)["url"], said
        finally:
            process.terminate()
            process.wait()


@pytest.mark.slow
def test_serve_where_everything_goes_wrong(environment, tmp_path):
    log = tmp_path / "log"
    pages = []
    with _serving(environment, log) as (url, said):
        pages.append(said)
        with httpx.Client(base_url=url, timeout=120) as web:
            wrong = {"Authorization": f"Bearer {MARKS['wrong']}"}
            pages += [
                answer.text + str(answer.headers)
                for answer in (
                    web.post("/v1/traces", headers=wrong),
                    web.post("/v1/traces", content=b"{", headers={
                        "Authorization": f"Bearer {MARKS['otlp_token']}",
                        "Content-Type": "application/json"}),
                    web.post("/triage/webhook", headers=wrong, content=b"{}"),
                    web.post("/triage/webhook", content=b"{", headers={
                        "Authorization": f"Bearer {MARKS['triage_secret']}"}),
                    web.get("/", params={"query": "select 1", "user": "grafana",
                                         "password": MARKS["wrong"]}),
                    web.get("/", params={"query": "select * from nothing"},
                            auth=("grafana", MARKS["user"])),
                    web.get("/", params={"query": "select currentUser()"},
                            auth=("grafana", MARKS["wrong"])),
                    web.post("/sign-in", data={"token": MARKS["wrong"]}),
                )
            ]  # fmt: skip
            alert = {
                "status": "firing",
                "labels": {"alertname": "quality-fell", "service": "x", "severity": "critical"},
            }
            taken = web.post(
                "/triage/webhook", json={"alerts": [alert]},
                headers={"Authorization": f"Bearer {MARKS['triage_secret']}"},
            )  # fmt: skip
            assert taken.status_code == 200, taken.text
            signed = web.post("/sign-in", data={"token": MARKS["person"], "next": "/triage"})
            assert signed.status_code == 303
            pages.append(str(signed.headers))
            incident = taken.json()["opened"][0]
            for path in ("/", "/outputs", "/health", "/charts", "/review", "/triage",
                         f"/triage/{incident}", "/triage/report", "/nothing"):  # fmt: skip
                pages.append(web.get(path).text)
            # The notification is tried and fails, and the watchdog is not reached.
            end = time.monotonic() + 120
            while "notification" not in log.read_text() and time.monotonic() < end:
                time.sleep(0.5)
            status, asked = _run(
                environment, "query", "select 1", "--store",
                f"http://grafana:{MARKS['wrong']}@{url.removeprefix('http://')}/ai_feedback",
            )  # fmt: skip
            assert status == 1
            pages.append(asked)
            failures = "select error from notification_events"
            for command in (["triage", "list"], ["query", failures]):
                pages.append(_run(environment, *command)[1])
    whole = log.read_text()
    assert "DEBUG" in whole
    assert "JSON notification" in whole, whole[-3000:]
    assert _found(whole) == set()
    assert _found("\n".join(pages)) == set()
