"""SIGKILL between any two steps: nothing is lost or sent twice, and what is unknown shows."""

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Three messages (intent, sending, outcome), and the incident given to the second person.
ACTIONS = 3 * 3 + 1
STEPS = ["1 acknowledge 1", "1 acknowledge 2", "1 opened"]


@pytest.mark.long
def test_killed_before_every_action(tmp_path, target):
    url, got = target
    output = tmp_path / "said.json"
    environment = os.environ | {"PYTHONPATH": str(HERE.parent)}
    for fatal in [*range(1, ACTIONS + 1), 0]:
        process = subprocess.run(
            [sys.executable, "-m", "triage.killed", f"chdb://{tmp_path}/s", url, str(fatal),
             output],
            env=environment, capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        expected = -signal.SIGKILL if fatal else 0
        assert process.returncode == expected, (fatal, process.stderr)
    said = json.loads(output.read_text())
    assert said["actions"] == ACTIONS  # every action was killed before once

    for service, owner, kinds in said["incidents"]:
        assert (owner, kinds) == ("Ben", ["opened", "assigned"]), service
    states = {(service, step): state for service, step, _, state, _ in said["notifications"]}
    services = ["s0", *(f"s{n}" for n in range(1, ACTIONS + 1))]
    # no step is skipped: each of each incident is sent, or someone is asked
    assert sorted(states) == sorted((service, step) for service in services for step in STEPS)
    assert all(attempts == 1 for *_, attempts in said["notifications"])
    times = Counter(
        (re.search(r"/triage/(\w+)", message)[1], message.split("\n")[0]) for *_, message in got
    )
    assert set(times.values()) == {1}, times
    unknown = {service for (service, _), state in states.items() if state == "unknown"}
    # killed before a sending, or between it and its outcome
    assert len(unknown) == 2 * len(STEPS)
    assert set(states.values()) == {"sent", "unknown"}
    sent = sum(state == "sent" for state in states.values())
    assert len(got) == sent + len(STEPS)  # half of the unknown ones had gone out
