"""The first command of the README: a page that shows real signal rates by model."""

import re
import signal
import urllib.request

import pytest

from .conftest import Program


@pytest.mark.slow
def test_ends_with_a_page_that_shows_rates_by_model(tmp_path):
    process = Program(tmp_path).start("demo", "--listen", "127.0.0.1:0", "--days", "2")
    said = ""
    for line in process.stderr:
        said += line
        if found := re.search(r"Pages: (\S+)", line):
            break
    else:
        raise AssertionError(said)
    with urllib.request.urlopen(found[1] + "/", timeout=30) as response:
        page = response.read().decode()
    for expected in ("finch-large", "finch-medium", "<svg", "support-chat", "ticket-summary"):
        assert expected in page
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "nothing lost, nothing wrong" in out
    assert "Traceback" not in err
