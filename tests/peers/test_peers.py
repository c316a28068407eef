"""The tests of other instrumentations, run with capture on: every answer has its own hash.

`docs/peers.md` has a row for each, which these tests hold; with ``OTEL_AI_FEEDBACK_TEST_RECORD=1``
they write it.
"""

import json
import os
import re
from collections import Counter

import pytest

from instrumentations.environments import ROOT

from .suites import SUITES, run

PAGE = ROOT / "docs" / "peers.md"
_RECORD = os.environ.get("OTEL_AI_FEEDBACK_TEST_RECORD") == "1"


def row_of(suite, tests):
    """What the docs say of it: how many tests, and where the answers are."""
    found, missed = Counter(), Counter()
    for test in tests.values():
        found.update(test["found"])
        if test["missing"]:
            missed[test["why"]] += len(test["missing"])
    why = ", ".join(f"{count} `{reason}`" for reason, count in sorted(missed.items()))
    source = "our responses" if suite.own else f"{len(tests)} of its own"
    cells = (
        f"`{suite.package}` {suite.version}",
        source,
        sum(test["outputs"] for test in tests.values()),
        found["right"],
        found["part"],
        found["wrong"] + found["twice"],
        why or "0",
        found["other"],
    )
    return f"| {' | '.join(map(str, cells))} |"


def rows():
    """The rows that the docs have, by package."""
    table = PAGE.read_text().partition("<!-- peers -->")[2].partition("<!-- end -->")[0]
    return {re.match(r"\| `(.+?)`", line)[1]: line for line in table.splitlines() if "| `" in line}


def keep(suite, row):
    """Write the row down, in its place."""
    known = rows() | {suite.package: row}
    before, _, rest = PAGE.read_text().partition("<!-- peers -->")
    head = [line for line in rest.partition("<!-- end -->")[0].split("\n") if line[:3] != "| `"]
    lines = [known[one.package] for one in SUITES if one.package in known]
    table = "\n".join(["\n".join(head).rstrip(), *lines])
    PAGE.write_text(
        f"{before}<!-- peers -->{table}\n\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    )


@pytest.mark.peers
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_every_answer_has_its_hash(suite, tmp_path):
    report = tmp_path / "report.json"
    printed = run(suite, report, tmp_path)
    assert report.exists(), printed[-4000:]
    seen = json.loads(report.read_text())
    tests = seen["tests"]
    assert tests, printed[-4000:]
    bad = {
        name: test
        for name, test in tests.items()
        if test["found"].get("wrong") or test["found"].get("twice") or test["why"] == "unexplained"
    }
    assert bad == {}
    assert seen["errors"] == 0
    failed = [name for name, test in tests.items() if test["outcome"] == "failed"]
    if failed:
        # They must fail without capture as well, as those do that ask the real API.
        run(suite, report, tmp_path, capture=False, only=failed)
        without = json.loads(report.read_text())["tests"]
        assert [name for name in failed if without[name]["outcome"] != "failed"] == []
    row = row_of(suite, tests)
    if _RECORD:
        keep(suite, row)
    assert rows().get(suite.package) == row


def test_the_docs_have_a_row_for_each():
    assert list(rows()) == [suite.package for suite in SUITES]
