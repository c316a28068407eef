"""``migrate``: create the schema or bring it to this version's, and the roles of a server."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings, without_password

if TYPE_CHECKING:
    from otel_ai_feedback.store.roles import NewUser


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("migrate", run, "Create or upgrade the schema.", extra="store")
    command.add_argument(
        "--roles",
        action="store_true",
        help="also create the roles of a ClickHouse server: writer, server and grafana",
    )
    command.add_argument(
        "--user",
        metavar="ROLE=NAME:FILE",
        action="append",
        default=[],
        help="with --roles: a user for a role, and the file with the password",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Migrate the store."""
    from otel_ai_feedback import store
    from otel_ai_feedback.store import roles

    if options.user and not options.roles:
        raise CommandError("--user requires --roles", MISUSED)
    users = [_user(given) for given in options.user]
    made: list[str] = []
    with opened(settings) as client:
        applied = store.migrate(client, settings)
        if options.roles:
            made = roles.create(client, settings.cluster, users)
    if options.json:
        document = {"store": without_password(settings.store), "applied": applied}
        print_json(document | ({"roles": made} if options.roles else {}))
    else:
        for name in (*applied, *made):
            print_line(name)
        print_line(f"{without_password(settings.store)} is up to date.")
    return 0


def _user(given: str) -> NewUser:
    """What ``--user`` says.

    Raises:
        CommandError: It is malformed, or the file holds no password that will do.
    """
    from otel_ai_feedback.store.roles import MIN_PASSWORD_LENGTH, ROLES, NewUser

    chosen, _, rest = given.partition("=")
    name, _, file = rest.partition(":")
    role = next((role for role in ROLES if role == chosen), None)
    if role is None or not name or not file:
        raise CommandError(
            f"--user: {given!r} must be ROLE=NAME:FILE with one of the roles {', '.join(ROLES)}, "
            "as in grafana=grafana:secrets/clickhouse_grafana",
            MISUSED,
        )
    try:
        password = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--user: {file} cannot be read ({error})", MISUSED) from None
    if len(password) < MIN_PASSWORD_LENGTH:
        raise CommandError(
            f"--user: {file} must hold a password of at least {MIN_PASSWORD_LENGTH} characters, "
            "for example the output of `openssl rand -hex 24`",
            MISUSED,
        )
    return NewUser(role, name, password)
