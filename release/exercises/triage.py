"""The extra ``triage``: a file is written, and says who has an alert."""

import json
import subprocess
import sys
from pathlib import Path

program = Path(sys.executable).with_name("otel-ai-feedback")
for arguments in (
    ["init", "--owner", "Ana <ana@example.org>", "--notify", "json://localhost/x",
     "--zone", "Europe/Berlin", "--no-test"],
    ["explain", "--alert", "signal-drift", "--json"],
):  # fmt: skip
    said = subprocess.run(
        [program, "triage", *arguments],
        cwd=sys.argv[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said
assert "Ana" in json.dumps(json.loads(said.stdout))
