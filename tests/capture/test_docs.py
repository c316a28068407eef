import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CAPTURE = ROOT / "src/otel_ai_feedback/capture"


def test_every_count_is_explained():
    """What stats() can say is what docs/capture.md has a row for."""
    code = "".join(file.read_text() for file in CAPTURE.rglob("*.py"))
    counted = set(
        re.findall(
            r'(?:counts\.add|refused|refused\.append|RefusedActionError|RefusedEntryError)\(\s*"(\w+)"',
            code,
        )
    )
    counted |= set(re.findall(r'"(\w+)"', re.search(r"Missing = Literal\[(.*?)\]", code)[1]))
    refusals = re.search(r"Refusal = Literal\[(.*?)\]", code)[1]
    counted |= {f"handle_{reason}" for reason in re.findall(r'"(\w+)"', refusals)}
    counted |= {"empty", "failed"}
    answers = re.search(r"_COUNTED: Final = {(.*?)}", code, re.DOTALL)[1]
    counted |= set(re.findall(r'"(\w+)"', answers))
    page = (ROOT / "docs/capture.md").read_text()
    table = page[page.index("## What is counted") : page.index("## What it costs")]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    explained = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert counted == explained
