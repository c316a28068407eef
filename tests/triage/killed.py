"""A process that carries out what is due and is killed before its n-th action.

Run as: killed.py STORE URL N OUTPUT. Actions are what is written down about messages and owners,
and each sending. With N = 0 nobody kills it.
"""

import json
import os
import signal
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path

from otel_ai_feedback import store
from otel_ai_feedback.config import load
from otel_ai_feedback.triage import file, sending
from otel_ai_feedback.triage.dispatcher import Dispatcher, Notifications
from otel_ai_feedback.triage.incidents import Incidents

from .notifications import MONDAY, hours, parsed


def main(address, url, fatal, output):
    settings = load({"store": address}, environ={}, directory=Path("/nonexistent"))
    client = store.connect(address)
    store.migrate(client, settings)
    triage = file.parse(
        f"""
people:
  - {{name: Ana, contact: "{url}/ana"}}
  - {{name: Ben, contact: "{url}/ben"}}
rotas: {{r: {{people: [Ana, Ben], starts: 2025-12-01}}}}
quiet: false
""",
        [],
    )
    incidents = Incidents(client, triage)
    end = MONDAY + hours(8)
    # What an earlier process left undone, before this one's own work.
    Dispatcher(client, triage, "http://serve").run(end)
    incidents.take(parsed(service=f"s{fatal}"), source="check", at=MONDAY)

    actions = count(1)

    def act(action):
        def acting(*arguments, **named):
            if next(actions) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return action(*arguments, **named)

        return acting

    client.insert = act(client.insert)
    dispatcher = Dispatcher(client, triage, "http://serve", act(sending.send))
    dispatcher.run(MONDAY)
    dispatcher.run(end)
    done = next(actions) - 1
    document = {
        "actions": done,
        "incidents": [
            [i.service, i.owner, [e.kind for e in incidents.events(i.incident_id)]]
            for i in incidents.listed(as_of=end + timedelta(days=1))
        ],
        "notifications": [
            [incidents.get(n.incident_id).service, n.step, n.person, n.state, n.attempts]
            for n in Notifications(client).listed()
        ],
    }
    Path(output).write_text(json.dumps(document))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
