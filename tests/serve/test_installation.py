"""What the embedded engine's package requires and nothing here uses can be removed."""

import subprocess
import sys

import pytest

# The three take 272 MB; docs/sizing.md and deploy/server remove them.
WITHOUT = """
import sys

class Removed:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pandas", "pyarrow", "numpy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Removed())

import importlib, pkgutil
import otel_ai_feedback

for module in pkgutil.walk_packages(otel_ai_feedback.__path__, "otel_ai_feedback."):
    room = module.name.split(".")[1]
    if room in ("serve", "store", "pages", "review", "triage", "alerts", "demo", "doctor"):
        importlib.import_module(module.name)

from otel_ai_feedback import store

client = store.connect(f"chdb:///{sys.argv[1]}")
rows = client.query(
    "select number, toString(number), now64(3, 'UTC'), map('a', [1]), "
    "isValidJSON(parseQueryToJSON('select 1')) from numbers(2)"
).result_rows
assert [(row[0], row[1], row[3], row[4]) for row in rows] == [
    (0, "0", {"a": [1]}, 1), (1, "1", {"a": [1]}, 1),
]
"""


@pytest.mark.slow
def test_serve_and_the_store_need_no_pandas_pyarrow_or_numpy(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path / "store")],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
