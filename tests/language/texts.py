"""Finds what people read in the files of the repository: templates, strings, comments, docs."""

import ast
import io
import re
import subprocess
import tokenize
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "docs", "tests", "README.md", "CONTRIBUTING.md", "SECURITY.md")
# This folder names the words that it forbids; vectors and fixtures are data.
DATA = ("tests/language/", "tests/vectors/", "tests/instrumentations/fixtures/")

_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_VISIBLE_ATTRIBUTE = re.compile(r'\b(?:title|aria-label|placeholder)="([^"]*)"')
_STYLE = re.compile(r"<(script|style|svg)\b.*?</\1>", re.DOTALL)
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`[^`]+`")
# Statements in code: their columns have names, not sentences.
_STATEMENT = re.compile(
    r"\s*(select|insert|with|alter|create|delete|drop|optimize|system|truncate|explain|show)\b"
)
_LINK_TARGET = re.compile(r"\]\([^)]*\)")


@dataclass(frozen=True)
class Text:
    """Something that people read.

    Attributes:
        file: Path from the root of the repository.
        line: Where it begins.
        kind: ``template``, ``message``, ``comment``, ``name`` or ``doc``.
        text: What it says.
    """

    file: str
    line: int
    kind: str
    text: str


@cache
def tracked() -> tuple[str, ...]:
    """Every file of the repository that people read; empty outside a checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *FOLDERS],
        cwd=ROOT, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    return tuple(name for name in listed if not name.startswith(DATA) and (ROOT / name).is_file())


@cache
def texts() -> tuple[Text, ...]:
    """All texts of all files."""
    readers = {".py": python, ".html": template, ".md": markdown, ".sql": sql}
    return tuple(
        text
        for name in tracked()
        if (reader := readers.get(Path(name).suffix))
        for text in reader(name, (ROOT / name).read_text(encoding="utf-8"))
    )


def template(file, content):
    """What a page shows: text and the attributes that people see or hear."""
    content = _STYLE.sub(_blank, _JINJA.sub(_blank, content))
    shown = [(match.start(1), match[1]) for match in _VISIBLE_ATTRIBUTE.finditer(content)]
    shown += [(m.start(), m[0]) for m in re.finditer(r"[^<>]+", re.sub(r"<[^>]*>", _tag, content))]
    for start, text in shown:
        for number, line in enumerate(text.splitlines()):
            if line.strip():
                at = content.count("\n", 0, start) + number + 1
                yield Text(file, at, "template", line.strip())


def markdown(file, content):
    """Prose of a page: without code, and without the addresses of links."""
    content = _FENCE.sub(_blank, content)
    content = _LINK_TARGET.sub("]", _CODE.sub("`code`", content))
    for start, block in _blocks(content):
        yield Text(file, start, "doc", block)


def sql(file, content):
    """Comments, and string literals of more than one word."""
    comment, begun = [], 0
    for number, line in enumerate([*content.splitlines(), ""], 1):
        if line.strip().startswith("--"):
            begun = begun or number
            comment.append(line.strip().removeprefix("--").strip())
            continue
        if comment:
            yield Text(file, begun, "comment", _CODE.sub("`code`", " ".join(comment)))
            comment, begun = [], 0
        for literal in re.findall(r"'((?:[^'\\]|\\.)*)'", line):
            if " " in literal.strip():
                yield Text(file, number, "message", literal)


def python(file, content):
    """Docstrings, comments, messages, and the names of tests as sentences."""
    tree = ast.parse(content)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found = node.body and isinstance(node.body[0], ast.Expr) and node.body[0].value
            if isinstance(found, ast.Constant) and isinstance(found.value, str):
                docstrings.add(id(found))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield Text(file, node.lineno, "name", node.name.replace("_", " "))
    parts = {
        id(value)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for value in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(v.value if isinstance(v, ast.Constant) else "{0}" for v in node.values)
            if not _STATEMENT.match(text):
                yield Text(file, node.lineno, "message", _one_line(text))
        elif not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        elif id(node) in docstrings or (" " in node.value.strip() and id(node) not in parts):
            if _STATEMENT.match(node.value):
                continue
            kind = "comment" if id(node) in docstrings else "message"
            text = re.sub(r"``.*?``|`[^`]*`", "`code`", node.value, flags=re.DOTALL)
            yield Text(file, node.lineno, kind, _one_line(text))
    previous = None
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type == tokenize.COMMENT:
            text = _CODE.sub("`code`", token.string.lstrip("# "))
            if previous and previous.line + previous.text.count("\n") + 1 == token.start[0]:
                previous = Text(file, previous.line, "comment", f"{previous.text}\n{text}")
                continue
            if previous:
                yield Text(file, previous.line, "comment", _one_line(previous.text))
            previous = Text(file, token.start[0], "comment", text)
    if previous:
        yield Text(file, previous.line, "comment", _one_line(previous.text))


def _blocks(content):
    """Paragraphs with the line on which each begins."""
    begun, lines = 1, []
    for number, line in enumerate([*content.splitlines(), ""], 1):
        if line.strip():
            begun = begun if lines else number
            lines.append(line.strip())
        elif lines:
            yield begun, " ".join(lines)
            lines = []


def _one_line(text):
    return " ".join(text.split())


def _blank(match):
    """As many lines as there were, so that numbers of lines stay."""
    return " " + "\n" * match[0].count("\n")


def _tag(match):
    # Not a letter of it, and not a line less; what stands beside it stays apart.
    return "<" + "\n" * match[0].count("\n") + ">"
