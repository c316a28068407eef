"""``modes``: the list of failure modes."""

from __future__ import annotations

import argparse
from typing import Any

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings, without_password
from otel_ai_feedback.formats import percent

# What each action is given: how many names, and which options it needs.
_NEEDS = {
    "list": (0, ()),
    "define": (1, ("definition", "author")),
    "rename": (1, ("into", "author")),
    "merge": (None, ("into", "author")),
    "close": (1, ("reason", "author")),
    "reopen": (1, ("reason", "author")),
}


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("modes", run, "List and edit failure modes.", extra="store")
    command.add_argument("action", choices=[*_NEEDS], help="action")
    command.add_argument(
        "names", metavar="MODE", nargs="*", help="current name; merge takes several"
    )
    command.add_argument("--into", metavar="MODE", help="the new name, or the mode to merge into")
    command.add_argument(
        "--definition", metavar="TEXT", help="when an answer has this failure mode"
    )
    command.add_argument(
        "--example", metavar="OUTPUT_ID", action="append", help="an example; repeatable"
    )
    command.add_argument(
        "--service",
        metavar="S",
        help="close or reopen it in this service only; default all",
    )
    command.add_argument("--reason", metavar="TEXT", help="why it is closed or reopened")
    command.add_argument("--author", metavar="NAME", help="your name")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Show the list or change it."""
    from otel_ai_feedback.review import modes

    _check(options)
    with opened(settings, migrated=True) as client:
        try:
            _change(modes, client, options)
        except modes.ModeError as error:
            raise CommandError(f"modes {options.action}: {error}") from error
        listed = modes.known(client)
        states = _rows(client, "review/mode_states") if options.action == "list" else []
        unseen = _rows(client, "review/unseen_modes") if options.action == "list" else []
    if options.json:
        print_json(_document(settings, listed, states, unseen))
        return 0
    if options.action != "list":
        print_line(f"{options.action}: done.")
        return 0
    if not listed:
        print_line("No failure modes yet. Reviewers add them during review.")
    for mode in listed:
        formerly = f"  (also {', '.join(mode.other_names)})" if mode.other_names else ""
        print_line(f"{mode.mode}: {mode.labels} labels in 91 days{formerly}")
        if mode.definition:
            print_line(f"    {mode.definition}")
    for row in states:
        share = "" if row["share"] is None else f", {percent(row['share'])} of the answers"
        noted = [
            row["state"],
            *(["new"] if row["is_new"] else []),
            *(["back"] if row["is_recurring"] else []),
        ]
        print_line(
            f"{_group(row)}: {row['mode']}{share}, {row['first_seen']} to {row['last_seen']}, "
            f"{', '.join(noted)}"
        )
    for row in unseen:
        print_line(f"{_group(row)}: {modes.unseen_in_words(row)}")
    return 0


def _check(options: argparse.Namespace) -> None:
    names, needed = _NEEDS[options.action]
    mistakes = [f"--{name} is missing" for name in needed if not getattr(options, name)]
    if names is None and not options.names:
        mistakes.append("name the modes to merge")
    if names is not None and len(options.names) != names:
        mistakes.append(f"takes {names} MODE, not {len(options.names)}; quote names with spaces")
    if mistakes:
        raise CommandError(
            "\n".join(f"modes {options.action}: {mistake}" for mistake in mistakes), MISUSED
        )


def _change(modes: Any, client: Any, options: argparse.Namespace) -> None:
    if options.action == "define":
        examples = tuple(options.example or ())
        modes.define(client, options.names[0], options.definition, options.author, examples)
    elif options.action == "rename":
        modes.rename(client, options.names[0], options.into, options.author)
    elif options.action == "merge":
        modes.merge(client, options.names, options.into, options.author)
    elif options.action in ("close", "reopen"):
        decide = modes.close if options.action == "close" else modes.reopen
        decide(client, options.names[0], options.reason, options.author, options.service or "")


def _rows(client: Any, name: str) -> list[dict[str, Any]]:
    from otel_ai_feedback.store.ask import ask

    return ask(client, name)


def _document(
    settings: Settings, listed: Any, states: list[dict[str, Any]], unseen: list[dict[str, Any]]
) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "store": without_password(settings.store),
        "modes": [asdict(mode) for mode in listed],
        "states": [
            {**row, "first_seen": f"{row['first_seen']}", "last_seen": f"{row['last_seen']}"}
            for row in states
        ],
        "unseen": unseen,
    }


def _group(row: dict[str, Any]) -> str:
    return "/".join(filter(None, (row["service"], row["environment"], row["feature"])))
