"""The script in the Firefox of the system; Playwright would need a build of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PERSON = Path(__file__).with_name("firefox")
FIREFOX = os.environ.get("FIREFOX", "/usr/bin/firefox-esr")


@pytest.fixture(scope="module")
def person(tmp_path_factory):
    """A directory with the program that clicks and types."""
    if shutil.which("npm") is None or not Path(FIREFOX).exists():
        pytest.skip(f"needs npm, and Firefox at {FIREFOX} or where FIREFOX says")
    directory = tmp_path_factory.mktemp("firefox") / "person"
    shutil.copytree(PERSON, directory)
    install = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(install, cwd=directory, check=True, timeout=240)
    return directory


def test_copies_ratings_drafts_and_closing(chain, person):
    answer, draft = chain.outputs("an answer", "a draft")
    program = ["node", "person.mjs", FIREFOX, f"{chain.site}/page?loose", answer, draft]
    subprocess.run(program, cwd=person, check=True, timeout=240)
    copied, selected = chain.wait_for(2, "copy")
    assert [copied.particulars["method"], selected.particulars["method"]] == ["button", "selection"]
    assert copied.value == selected.value == 1
    (rating,) = chain.wait_for(1, "rating")
    assert (rating.value, rating.particulars["reason"]) == (-1, "outdated")
    (edit,) = chain.wait_for(1, "edit")
    assert edit.value == pytest.approx(2 / 23)
    chain.wait_for(1, "close")
    ids = chain.output_ids()
    assert {row.output_id for row in (copied, selected, rating)} == {ids[0]}
    assert edit.output_id == ids[1]
