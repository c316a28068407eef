"""Everything that people read is written in the field's own words, with formatted numbers."""

import ast
import re
from pathlib import Path

import pytest

from .texts import ROOT, Text, markdown, python, sql, template, texts, tracked

tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")

CHOSEN = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
WORDS = [
    (re.compile(word["pattern"], re.IGNORECASE), word.get("scope", "all"), word["say"])
    for word in CHOSEN["word"]
]
KINDS = {
    "all": ("template", "message", "comment", "name", "doc"),
    "templates": ("template",),
    "messages": ("message", "template", "doc"),
    "docs": ("template", "doc"),
    "texts": ("template", "message", "comment", "doc"),
}
# A number that people read is formatted by `formats`; these write for programs or draw pixels.
FORMATS = {
    "formats.py": "it is the module that formats",
    "json_output.py": "it is what programs read",
    "pages/chart.py": "coordinates of an SVG",
    "compare/drawing.py": "coordinates of an SVG",
    "grafana/charts/plot.py": "coordinates of an SVG",
    "grafana/provisioning.py": "a threshold in a file for Grafana",
}

pytestmark = pytest.mark.skipif(not tracked(), reason="not a checkout")


def _mistakes(found):
    for text in found:
        for pattern, scope, say in WORDS:
            if text.kind in KINDS[scope] and (match := pattern.search(text.text)):
                start = max(0, match.start() - 40)
                excerpt = text.text[start : match.end() + 40]
                yield text.file, f"{text.file}:{text.line}: {match[0]!r} in {excerpt!r}; say: {say}"


@pytest.fixture(scope="module")
def mistakes():
    return list(_mistakes(texts()))


def test_the_words_are_those_of_the_field(mistakes):
    assert not mistakes, "\n".join(text for _, text in mistakes)


def test_numbers_for_people_are_formatted_in_one_place():
    wrong = []
    for name in tracked():
        if name.startswith(tuple(CHOSEN["pending_numbers"])):
            continue
        file = Path(name)
        if file.suffix == ".html":
            content = (ROOT / name).read_text(encoding="utf-8")
            wrong += [f"{name}: {m[0]}" for m in re.finditer(r'"%[^"]*"\s*\|\s*format', content)]
            wrong += [f"{name}: {m[0]}" for m in re.finditer(r"\|\s*round\b", content)]
            wrong += [f"{name}: {m[0]}" for m in re.finditer(r"\bstrftime\b", content)]
        if file.suffix != ".py" or not name.startswith("src/otel_ai_feedback/"):
            continue
        if name.removeprefix("src/otel_ai_feedback/") in FORMATS:
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FormattedValue) and node.format_spec:
                spec = "".join(
                    v.value for v in node.format_spec.values if isinstance(v, ast.Constant)
                )
                is_number = re.search(r"[.,]\d*[fge%]?$|[ge%]$", spec) and "%" not in spec[:-1]
                # Programs read 2026-11-03T14:31; people read a month, a weekday, a time of day.
                is_date = re.search(r"%[aAbBpIc]|%H:%M", spec) and "T%H" not in spec
                if is_number or is_date:
                    wrong.append(f"{name}:{node.lineno}: :{spec}; use otel_ai_feedback.formats")
    assert not wrong, "\n".join(wrong)


def test_names_are_shown_as_they_were_given():
    """A style or a filter that changes case changes the names of features and models too."""
    changes = re.compile(r"text-transform|\|\s*(capitalize|title|upper|lower)\b")
    wrong = [
        f"{name}: {match[0]}"
        for name in tracked()
        if name.startswith("src/") and name.endswith((".html", ".css"))
        for match in changes.finditer((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("reader", "content", "kind", "said"),
    [
        (template, "<p>Told from {{ x }}</p>", "template", "Told from"),
        (template, '<i aria-label="The lot">1</i>', "template", "The lot"),
        (template, "{# anew #}<script>anew</script>ok", "template", "ok"),
        (markdown, "Told\nfrom `anew`.\n```\nanew\n```\n", "doc", "Told from `code`."),
        (sql, "-- Told\n-- from.\nselect 'one two', 'one'", "comment", "Told from."),
        (sql, "select 'is told from'", "message", "is told from"),
        (python, "# Told\n# from.\nx = 1", "comment", "Told from."),
        (python, "def test_told_from():\n    pass", "name", "test told from"),
        (python, "x = f'{a} is told {b}'", "message", "{0} is told {0}"),
        (python, "'''Told\nfrom.'''", "comment", "Told from."),
    ],
)
def test_what_people_read_is_found(reader, content, kind, said):
    assert (kind, said) in {(text.kind, text.text) for text in reader("file", content)}


@pytest.mark.parametrize(
    "said",
    [
        "derived anew", "told from", "0 of 0 minutes", "Fired: A = 1.0", "for the promised hour",
        "an object that nobody sees", "[a] is no name", "the file is there already",
    ],
)  # fmt: skip
def test_the_dialect_is_found(said):
    assert list(_mistakes([Text("file", 1, "message", said)]))


def test_plain_words_pass():
    said = "Review is behind schedule: 35 of 60 minutes done this week. Open the queue."
    assert not list(_mistakes([Text("file", 1, "template", said)]))
