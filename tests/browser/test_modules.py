"""The modules by themselves, in Node: the hash twin by the shared vectors, the comparison."""

import shutil
import subprocess
from pathlib import Path

import pytest

BROWSER = Path(__file__).parents[2] / "browser"


@pytest.mark.parametrize("name", ["hash", "distance"])
def test_in_node(name):
    if shutil.which("node") is None:
        pytest.skip("no node; install Node.js 20")
    command = ["node", "--test", f"test/{name}.test.mjs"]
    done = subprocess.run(command, cwd=BROWSER, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
