"""``query``: run a read-only SQL query."""

from __future__ import annotations

import argparse
import re
import sys
from typing import Final

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError
from otel_ai_feedback.config import Settings
from otel_ai_feedback.escaping import csv, terminal

_OWN_FORMAT: Final = re.compile(r"\bformat\s+(\w+)\s*$", re.IGNORECASE)
_CSV: Final = re.compile(r"csv", re.IGNORECASE)


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("query", run, "Run a read-only SQL query.", extra="store")
    command.add_argument("sql", metavar="SQL", help="one statement; - reads it from standard input")
    command.add_argument(
        "--format",
        metavar="F",
        help="a ClickHouse output format such as CSV, JSONEachRow or Parquet; default "
        "PrettyCompact on a terminal, else TSVWithNames",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print the rows of a statement."""
    from otel_ai_feedback.store.gate import Gate

    sql = (sys.stdin.read() if options.sql == "-" else options.sql).strip().rstrip(";").rstrip()
    written = _OWN_FORMAT.search(sql)
    if options.format and not options.format.isidentifier():
        raise CommandError(f"--format {options.format}: a ClickHouse format is one word", MISUSED)
    if options.json and (options.format or written):
        raise CommandError("--json is a format of its own; leave out the other one", MISUSED)
    if options.json:
        chosen = "JSON"
    else:
        chosen = options.format or ("PrettyCompact" if sys.stdout.isatty() else "TSVWithNames")
    with opened(settings, read_only=True) as client:
        Gate().check_statement(client, sql)
        rows = client.raw_query(sql, fmt=None if written else chosen)
    if _CSV.match(written[1] if written else chosen):
        rows = csv(rows)
    if sys.stdout.isatty():
        rows = terminal(rows.decode(errors="replace")).encode()
    sys.stdout.buffer.write(rows)
    sys.stdout.buffer.flush()
    return 0
