"""The extra ``store``: the SQL is there, and the command that needs more names the extra."""

import subprocess
import sys
from pathlib import Path

from otel_ai_feedback.store import relations

assert all(relation.text for relation in relations.relations().values())
assert len(relations.views()) > 50
program = Path(sys.executable).with_name("otel-ai-feedback")
migrate = subprocess.run(
    [program, "migrate", "--store", f"chdb://{sys.argv[1]}/store"],
    capture_output=True, text=True, check=False,
)  # fmt: skip
assert migrate.returncode == 1, migrate
assert "pip install 'otel-ai-feedback[serve]'" in migrate.stderr, migrate.stderr
