"""The extra ``grafana``: the files of the provisioning are written as they are released."""

import subprocess
import sys
from pathlib import Path

program = Path(sys.executable).with_name("otel-ai-feedback")
made = Path(sys.argv[1]) / "provisioning"
said = subprocess.run(
    [program, "grafana", "--output", made],
    cwd=sys.argv[1],
    capture_output=True,
    text=True,
    check=False,
)
assert said.returncode == 0, said
released = Path(__file__).parents[2] / "grafana"
for file in released.rglob("*.*"):
    written = made / file.relative_to(released)
    assert written.read_text() == file.read_text(), file
