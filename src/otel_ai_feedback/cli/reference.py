"""``reference``: import test prompts, as sketches without text."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import CommandError, print_json, print_line
from otel_ai_feedback.config import Settings, without_password

FIELDS: Final = ("prompt", "question", "input", "query", "messages")
"""Where a line's question is looked for, in this order."""

_MOST_MISTAKES: Final = 20


@dataclass(frozen=True)
class Question:
    """A question of a file.

    Attributes:
        text: What a user would ask.
        language: The field ``language`` of its line, or empty.
    """

    text: str
    language: str


class EvalsFileError(ValueError):
    """The file cannot be taken in; the message has a line for each mistake."""


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "reference", run, "Import your test prompts, as sketches without text.", extra="store"
    )
    command.add_argument("action", choices=["import"], help="import a file of questions")
    command.add_argument("file", metavar="FILE", help="JSON Lines; - is standard input")
    command.add_argument(
        "--field", metavar="NAME", help=f"field with the question; default {', '.join(FIELDS)}"
    )
    command.add_argument(
        "--set",
        metavar="NAME",
        help="name of the set, replaced if it exists; default the file's name",
    )
    command.add_argument("--service", default="", help="the service tested; default all")
    command.add_argument("--feature", default="", help="the feature tested; default all")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Import a file of questions, all of it or nothing."""
    from otel_ai_feedback.capture.text.sketch import sketch
    from otel_ai_feedback.store import references

    key = _key(settings)
    questions = list(_read(options.file, options.field))
    prompts = [
        references.Prompt(made, len(question.text), question.language)
        for question in questions
        if (made := sketch(question.text, key)) is not None
    ]
    if not prompts:
        raise CommandError(f"{options.file}: has no question with a letter or digit in it")
    name = options.set or Path(options.file).name
    with opened(settings, migrated=True) as client:
        kept = references.replace(
            client, name, prompts, service=options.service, feature=options.feature
        )
    if options.json:
        print_json(
            {
                "store": without_password(settings.store),
                "set": name,
                "questions": len(questions),
                "kept": kept,
            }
        )
        return 0
    print_line(f"{kept} of {len(questions)} questions are the set {name!r} now, as sketches.")
    print_line(
        "The view `eval_coverage_gap` has the share of questions unlike all of them within minutes."
    )
    return 0


def parse(content: str, field: str | None = None) -> Iterator[Question]:
    """Read a file of questions.

    Args:
        content: JSON Lines: each an object with the question in one of ``FIELDS``, as a text or
            as a list of messages, of which the last one of the user counts.
        field: The field to look in instead.

    Raises:
        EvalsFileError: Some lines are wrong.
    """
    mistakes: list[str] = []
    questions: list[Question] = []
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        try:
            questions.append(_question(line, (field,) if field else FIELDS))
        except ValueError as error:
            mistakes.append(f"line {number}: {error}")
            if len(mistakes) == _MOST_MISTAKES:
                mistakes.append("and maybe more")
                break
    if mistakes:
        raise EvalsFileError("\n".join(mistakes))
    if not questions:
        raise EvalsFileError("the file has no question; write one JSON object a line")
    yield from questions


def _question(line: str, fields: tuple[str, ...]) -> Question:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from None
    if not isinstance(entry, dict):
        raise ValueError('is not an object such as {"prompt": "How do I ...?"}')
    found = next((entry[name] for name in fields if entry.get(name)), None)
    text = _text(found)
    if text is None:
        raise ValueError(
            f"has no question in {' or '.join(fields)}: give a text or a list of messages, or name "
            "the field with --field"
        )
    language = entry.get("language")
    return Question(text, language[:35] if isinstance(language, str) else "")


def _text(found: Any) -> str | None:
    """The text itself, or that of the last message of the user."""
    if isinstance(found, str):
        return found
    if not isinstance(found, list):
        return None
    for message in reversed(found):
        if not isinstance(message, dict):
            return None
        if message.get("role") in ("user", "human"):
            content = message.get("content")
            if isinstance(content, list):
                parts = [part.get("text") for part in content if isinstance(part, dict)]
                content = "\n".join(part for part in parts if isinstance(part, str))
            return content if isinstance(content, str) and content else None
    return None


def _read(file: str, field: str | None) -> Iterator[Question]:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        yield from parse(content.decode("utf-8-sig"), field)
    except OSError as error:
        raise CommandError(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file}: byte {error.start} is not UTF-8; save it as UTF-8") from error
    except EvalsFileError as error:
        lines = "\n".join(f"{file}: {line}" for line in str(error).splitlines())
        raise CommandError(f"{lines}\nnothing was imported") from error


def _key(settings: Settings) -> bytes:
    from otel_ai_feedback.capture.linking.keys import FILE_NAME, load_key
    from otel_ai_feedback.capture.text.hashing import derive_key

    # Sketches under a key made now would be like those of no question.
    if settings.key is None and not (settings.state_dir / FILE_NAME).exists():
        raise CommandError(
            f"the key under which the service makes its sketches is not in {settings.state_dir}; "
            "set OTEL_AI_FEEDBACK_KEY to it, or OTEL_AI_FEEDBACK_STATE_DIR to where it is"
        )
    key = load_key(settings.key, settings.state_dir)
    if not key.shared:
        raise CommandError(str(key.remedy))
    return derive_key(key.secret, b"sketch")
