"""Whatever ``serve`` acknowledged is there once, after kills and on a full disk.

Spans, beacons, verdicts, notes and alerts at the same time, each from a sender that keeps what was
not acknowledged and sends it again, as real ones do; people look first whether their note is there.
``KILLS=100 pytest -m long tests/e2e/test_acknowledged.py`` is the long run.
"""

import contextlib
import json
import os
import random
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from announced import announced
from otel_ai_feedback.capture.linking.handles import Handle, mint
from otel_ai_feedback.capture.text.hashing import derive_key
from otel_ai_feedback.store import server_file
from serve import otlp
from triage.notifications import FILE, alert
from triage.test_webhook import SECRET, notification, signed

HERE = Path(__file__).parents[1]
KEY = "0123456789abcdef0123456789abcdef"
KILLS = int(os.environ.get("KILLS", "5"))
PROTOBUF = {"Content-Type": "application/x-protobuf"}
PROGRAM = "from otel_ai_feedback.cli import main; raise SystemExit(main())"
# Outputs that wait for a verdict, made before any server runs.
FILL = """
import sys
from datetime import datetime, timezone
sys.path.insert(0, sys.argv[2])
from raw_rows import insert, llm_span, output_id
from otel_ai_feedback import store
from otel_ai_feedback.config import load
settings = load(overrides={"store": sys.argv[1]})
client = store.connect(settings.store)
store.migrate(client, settings)
names = [f"o{number}" for number in range(1500)]
insert(client, [llm_span(name, at=number) for number, name in enumerate(names)])
now = datetime.now(timezone.utc)
client.insert("review_requests", [[output_id(name), "ben", "", now] for name in names])
client.close()
"""


class Sender:
    """Sends numbered things until each is acknowledged, and remembers which are."""

    def __init__(self, name):
        self.name = name
        self.acknowledged = set()
        self.refused = 0
        self.wanted = None
        self._number = 0

    def run(self, url, enough):
        with httpx.Client(base_url=url, timeout=20, headers={"X-Person": "ann"}) as web:
            while not enough.is_set():
                if self.wanted is None:
                    self._number += 1
                    self.wanted = self.make(web, self._number)
                    if self.wanted is None:
                        time.sleep(0.1)
                        continue
                if self.send(web, self.wanted):
                    self.acknowledged.add(self.named(self.wanted))
                    self.wanted = None
                else:
                    self.refused += 1
                    time.sleep(0.2)

    def make(self, web, number):
        return number

    def named(self, wanted):
        return wanted


class Spans(Sender):
    def make(self, web, number):
        return number, time.time_ns() - 10**10

    def named(self, wanted):
        return wanted[0]

    def send(self, web, wanted):
        number, start = wanted
        body = otlp.traces(otlp.output(number, start=start)).SerializeToString()
        answer = web.post("/v1/traces", content=body, headers=PROTOBUF)
        assert answer.status_code in (200, 429, 503), answer.text
        return answer.status_code == 200

    def stored(self, ask):
        rows = ask("select span_id, count() from output_state final group by span_id")
        return {int(name, 16): times for name, times in rows}


class Beacons(Sender):
    def make(self, web, number):
        return number, secrets.token_hex(16)

    def named(self, wanted):
        return wanted[0]

    def send(self, web, wanted):
        number, action_id = wanted
        made = Handle("output", 10**9 + number, 10**9 + number, int(time.time()) - 60, True)
        now = time.time() * 1000
        entry = {"action_id": action_id, "action": "copy", "value": 0.9, "time": now,
                 "handle": mint(made, derive_key(KEY.encode(), b"handle"))}  # fmt: skip
        answer = web.post("/_ai_feedback/actions", json={"sent": now, "actions": [entry]},
                          headers={"Content-Type": "text/plain"})  # fmt: skip
        assert answer.status_code in (204, 429, 503), answer.text
        return answer.status_code == 204

    def stored(self, ask):
        rows = ask("select linked_trace_id, count() from action_state final "
                   "where action = 'copy' group by linked_trace_id")  # fmt: skip
        return {int(name, 16) - 10**9: times for name, times in rows}


class Verdicts(Sender):
    def make(self, web, number):
        page = web.get("/review?queue=requested")
        if page.status_code == 503:
            return None
        assert page.status_code == 200, page.text
        fields = re.findall(
            r'type="hidden" name="(csrf|lease|form|shown)" value="([^"]*)"', page.text
        )
        assert {"lease", "form"} <= dict(fields).keys(), "there is always one to read"
        return dict(fields) | {"verdict": "good"}

    def named(self, wanted):
        return wanted["form"]

    def send(self, web, wanted):
        answer = web.post("/review/labels", data=wanted)
        assert answer.status_code in (303, 503), answer.text
        return answer.status_code == 303

    def stored(self, ask):
        rows = ask("select review_id, uniqExact(output_id) from reviews final "
                   "where verdict = 'good' group by review_id")  # fmt: skip
        return dict(rows)


class Alerts(Sender):
    def send(self, web, wanted):
        body = json.dumps(notification(alert(service=f"service-{wanted}"))).encode()
        answer = web.post("/triage/webhook", content=body, headers=signed(body))
        assert answer.status_code in (200, 503), answer.text
        return answer.status_code == 200

    def stored(self, ask):
        # In an hour rules of this server fire as well, of no service.
        rows = ask("select service, uniqExact(incident_id) from incident_events final "
                   "where kind = 'opened' and startsWith(service, 'service-') "
                   "group by service")  # fmt: skip
        return {int(name.rpartition("-")[2]): times for name, times in rows}


class Notes(Sender):
    """Sends again only when the note is not on the page of its incident."""

    def make(self, web, number):
        listed = web.get("/triage")
        found = re.findall(r'href="/triage/([^"/]+)"', listed.text)
        found = [name for name in found if name != "report"]
        return (found[0], f"note {number} of ann") if found else None

    def named(self, wanted):
        return wanted[1]

    def send(self, web, wanted):
        incident, note = wanted
        page = web.get(f"/triage/{incident}")
        if page.status_code != 200:
            return False
        if note in page.text:
            return True
        csrf = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)[1]
        answer = web.post(f"/triage/{incident}/do",
                          data={"csrf": csrf, "action": "note", "note": note})  # fmt: skip
        assert answer.status_code in (303, 503), answer.text
        return answer.status_code == 303

    def stored(self, ask):
        return dict(ask("select note, count() from incident_events final where kind = 'noted' "
                        "group by note"))  # fmt: skip


KINDS = (Spans, Beacons, Verdicts, Alerts, Notes)


class Served:
    """``serve`` as a process over one store."""

    def __init__(self, directory, triage):
        self.store = f"chdb://{directory}/store"
        self._directory = directory
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        ours = {name: v for name, v in os.environ.items() if not name.startswith("OTEL_")}
        self._environment = ours | {
            "OTEL_AI_FEEDBACK_STATE_DIR": str(directory), "OTEL_AI_FEEDBACK_KEY": KEY,
            "OTEL_AI_FEEDBACK_TRIAGE": str(triage), "OTEL_AI_FEEDBACK_TRIAGE_SECRET": SECRET,
            "OTEL_AI_FEEDBACK_PERSON_HEADER": "X-Person", "OTEL_AI_FEEDBACK_STORE": self.store,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", FILL, self.store, str(HERE / "store")],
            env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "serve", "--json",
             "--listen", f"127.0.0.1:{self.port}"],
            env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        announced(self.process)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def ask(self, sql):
        token = server_file.read(self._directory / "store").token
        until = time.monotonic() + 120
        while True:
            answer = httpx.post(self.url, content=f"{sql} format JSONCompactEachRow",
                                auth=("local", token), timeout=120)  # fmt: skip
            # What a full disk left unreadable is found within seconds, and loaded again.
            if "CORRUPTED_DATA" not in answer.text or time.monotonic() > until:
                break
            time.sleep(1)
        assert answer.status_code == 200, answer.text
        rows = [json.loads(line) for line in answer.text.splitlines()]
        return [(name, int(times)) for name, times in rows]


@contextlib.contextmanager
def sending(senders, url):
    """All senders at once; an assertion in one of them is the test's."""
    enough, wrong = threading.Event(), []

    def run(sender):
        while not enough.is_set():
            try:
                sender.run(url, enough)
            except httpx.HTTPError:
                # It is killed, or starts.
                sender.refused += 1
                time.sleep(0.1)
            except BaseException as error:
                wrong.append((sender.name, error))
                return

    threads = [threading.Thread(target=run, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        enough.set()
        for thread in threads:
            thread.join()
    assert not wrong, wrong


def check(senders, served):
    """All that was acknowledged is there, and nothing is there twice."""
    for sender in senders:
        stored = sender.stored(served.ask)
        lost = sender.acknowledged - stored.keys()
        twice = {name for name, times in stored.items() if times > 1}
        assert (sender.name, lost, twice) == (sender.name, set(), set())


def until(senders, wrong, more):
    """Wait until each has so many more acknowledged."""
    goal = {sender: len(sender.acknowledged) + more for sender in senders}
    while not wrong and any(len(s.acknowledged) < least for s, least in goal.items()):
        time.sleep(0.02)


@pytest.fixture
def owners(tmp_path):
    file = tmp_path / "who.yaml"
    file.write_text(FILE)
    return file


@pytest.mark.slow
@pytest.mark.timeout(4 * 3600)
@pytest.mark.parametrize("kills", [2, pytest.param(KILLS, marks=pytest.mark.long)])
def test_kills_lose_and_double_nothing(tmp_path, owners, kills):
    served = Served(tmp_path, owners)
    chance = random.Random(kills)
    senders = [kind(kind.__name__) for kind in KINDS]
    try:
        served.start()
        with sending(senders, served.url) as wrong:
            for _ in range(kills):
                until(senders, wrong, 1)
                time.sleep(chance.random() / 2)
                served.kill()
                served.start()
            until(senders, wrong, 1)
        check(senders, served)
    finally:
        served.kill()
    print({sender.name: (len(sender.acknowledged), sender.refused) for sender in senders})


@pytest.fixture
def disk(tmp_path):
    """A small disk that holds nothing else."""
    directory = tmp_path / "disk"
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", directory]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a disk of its own needs the right to mount: {done.stderr.strip()}")
    yield directory
    subprocess.run(["umount", "--lazy", directory], check=True)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("times", [1, pytest.param(5, marks=pytest.mark.long)])
def test_a_full_disk_loses_and_doubles_nothing(disk, owners, times):
    served = Served(disk, owners)
    senders = [kind(kind.__name__) for kind in KINDS]
    ballast = disk / "ballast"
    try:
        served.start()
        with sending(senders, served.url) as wrong:
            for _ in range(times):
                until(senders, wrong, 2)
                with contextlib.suppress(OSError), ballast.open("wb") as file:
                    while True:
                        file.write(b"\0" * 65_536)
                        file.flush()
                before = {sender: sender.refused for sender in senders}
                # Until a span, which needs room, was refused a few times.
                while not wrong and senders[0].refused < before[senders[0]] + 3:
                    time.sleep(0.05)
                ballast.unlink()
                until(senders, wrong, 2)
        check(senders, served)
        served.kill()
        served.start()
        check(senders, served)
    finally:
        served.kill()
    print({sender.name: (len(sender.acknowledged), sender.refused) for sender in senders})
