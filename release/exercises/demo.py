"""The extra ``demo``: the whole loop runs, and nothing is lost or wrong."""

import json
import subprocess
import sys
from pathlib import Path

program = Path(sys.executable).with_name("otel-ai-feedback")
said = subprocess.run(
    [program, "demo", "--once", "--json", "--days", "1"],
    cwd=sys.argv[1], capture_output=True, text=True, check=False,
)  # fmt: skip
assert said.returncode == 0, said
summary = json.loads(said.stdout)
assert summary["outputs"] > 0, summary
assert summary["wrong_links"] == summary["wrong_hashes"] == 0, summary
