"""``erase``: delete everything that is kept about one person."""

from __future__ import annotations

import argparse

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("erase", run, "Delete all data about one user.", extra="store")
    person = command.add_mutually_exclusive_group(required=True)
    person.add_argument(
        "--subject",
        metavar="NAME",
        help="the user's id in your service; needs the key file of the service",
    )
    person.add_argument(
        "--subject-key",
        metavar="KEY",
        help="the stored id, hmac-sha256:..., as in outputs.subject",
    )
    command.add_argument("--dry-run", action="store_true", help="count the rows without deleting")


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Erase a person."""
    from otel_ai_feedback.store import erasure

    subject = options.subject_key
    if options.subject is not None:
        subject = _key_of(options.subject, settings) if options.subject else ""
    if not subject:
        raise CommandError("--subject and --subject-key must not be empty", MISUSED)
    with opened(settings) as client:
        found = erasure.erase(client, subject, dry_run=options.dry_run, cluster=settings.cluster)
    if options.json:
        print_json({"subject": subject, "dry_run": options.dry_run, "rows": found})
    else:
        for table, rows in found.items():
            print_line(f"{table}: {rows}")
        print_line("Nothing was deleted." if options.dry_run else "Deleted.")
    return 0


def _key_of(name: str, settings: Settings) -> str:
    from otel_ai_feedback.capture.linking.keys import FILE_NAME, load_key
    from otel_ai_feedback.capture.text.hashing import hash_subject

    # A key made now would match no one, and say so in the voice of success.
    if settings.key is None and not (settings.state_dir / FILE_NAME).exists():
        raise CommandError(
            f"--subject {name!r}: the key that the service hashes its users with is "
            f"not in {settings.state_dir}; set OTEL_AI_FEEDBACK_KEY, or give --subject-key"
        )
    key = load_key(settings.key, settings.state_dir)
    if not key.shared:
        raise CommandError(str(key.remedy))
    return hash_subject(name, key.secret)
