"""``triage init``: three questions, a test message, and the shortest file that works."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line, warn
from otel_ai_feedback.config import Settings


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Ask, try, write."""
    import yaml

    from otel_ai_feedback import triage
    from otel_ai_feedback.triage import sending, yaml_types

    file = settings.triage or Path.cwd() / triage.FILE_NAME
    if file.exists():
        raise CommandError(f"{file} already exists; edit it, or move it away", MISUSED)
    owner = _answer("--owner", "Who answers alerts? Ana <ana@example.org>", options.owner, _person)
    address = _answer(
        "--notify", "Where do messages go? slack://..., mailto://..., json://...",
        options.notify, yaml_types.contact,
    )  # fmt: skip
    zone = _answer(
        "--zone", f"In which time zone? Enter for {settings.timezone}",
        options.zone, lambda given: yaml_types.zone(given or settings.timezone),
    )  # fmt: skip
    if not options.no_test:
        name = yaml_types.named(owner)[0]
        try:
            sending.send(
                yaml_types.contact(address),
                "otel-ai-feedback: test",
                f"{name}, this is a test: alerts about your LLM features will come here.",
            )
        except sending.SendError as error:
            raise CommandError(
                f"the test message was not sent ({error}); nothing was written. Correct the "
                "address, or give --no-test"
            ) from error
    document = {"owner": owner, "notify": address} | ({"timezone": zone} if zone != "UTC" else {})
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)
    file.touch(0o600)
    file.write_text(text, encoding="utf-8")
    if options.json:
        print_json({"file": str(file), "tested": not options.no_test})
    else:
        print_line(f"{file} is written: every alert is {yaml_types.named(owner)[0]}'s, to be")
        print_line("acknowledged within 1 business day and resolved within 5.")
        print_line("Next: otel-ai-feedback triage explain --alert signal-drift")
    return 0


def _answer(option: str, question: str, given: str | None, check: Callable[[str], Any]) -> str:
    """An answer that is right: from the command line, or asked for until it is."""
    while True:
        answer = given if given is not None else _ask(option, question)
        try:
            checked = check(answer)
        except ValueError as error:
            if given is not None or not sys.stdin.isatty():
                raise CommandError(f"{option}: {error}", MISUSED) from None
            warn(str(error))
        else:
            # A contact is kept as it was given, with the names of its variables.
            return str(checked) if option == "--zone" else answer.strip()


def _ask(option: str, question: str) -> str:
    sys.stderr.write(f"{question}: ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise CommandError(f"{option}: no input; give it on the command line", MISUSED)
    return answer.strip()


def _person(given: str) -> str:
    from otel_ai_feedback.triage import yaml_types

    return yaml_types.named(given)[0]
