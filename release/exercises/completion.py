"""The extra ``completion``: the script for a shell can be made."""

import subprocess
import sys
from pathlib import Path

program = Path(sys.executable).with_name("otel-ai-feedback")
made = subprocess.run([program, "completion", "bash"], capture_output=True, text=True, check=True)
assert "complete" in made.stdout
assert "doctor" in made.stdout
