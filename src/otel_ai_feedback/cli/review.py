"""``review``: take in verdicts that were given elsewhere, and give out those that are here."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

from otel_ai_feedback.cli.command import Commands, day
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings, without_password


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add("review", run, "Import and export reviews.", extra="serve")
    command.add_argument(
        "action",
        choices=["import", "export", "emit"],
        help="import a file of verdicts, export reviewed answers, or send reviews as events",
    )
    command.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="import: JSON Lines, CSV when its name ends in .csv, - is JSON Lines; "
        "export: ends in .jsonl or .parquet",
    )
    command.add_argument(
        "--dry-run",
        action="store_true",
        help="import: check the file and say what would be imported, without writing anything",
    )
    command.add_argument(
        "--since", metavar="DAY", type=day, help="export, emit: only reviews since this day"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Do one of the three."""
    if (options.action == "emit") != (options.file is None):
        takes = "takes no FILE" if options.action == "emit" else "needs a FILE"
        raise CommandError(f"review {options.action} {takes}", MISUSED)
    if options.action == "import" and options.since:
        raise CommandError("review import takes the whole file; remove --since", MISUSED)
    if options.action != "import" and options.dry_run:
        raise CommandError(f"review {options.action} has no --dry-run; remove it", MISUSED)
    return {"import": _import, "export": _export, "emit": _emit}[options.action](settings, options)


def _export(settings: Settings, options: argparse.Namespace) -> int:
    """Write reviewed outputs into a file."""
    from otel_ai_feedback.review import export
    from otel_ai_feedback.serve import text_lookup

    file = Path(options.file)
    if file.suffix not in export.FORMATS:
        raise CommandError(
            f"{file}: the name must end in {' or '.join(export.FORMATS)}, which selects the format",
            MISUSED,
        )
    with opened(settings, migrated=True) as client:
        rows = export.reviewed(client, since=options.since, reader=text_lookup.read)
    if not rows:
        raise CommandError("no reviews since then; nothing was written")
    try:
        export.write(rows, file)
    except ModuleNotFoundError as error:
        raise CommandError(
            "Parquet needs pyarrow, which is not installed; run:\n"
            "  pip install 'otel-ai-feedback[parquet]'\nor write a file that ends in .jsonl"
        ) from error
    except OSError as error:
        raise CommandError(f"{file}: cannot be written ({error.strerror})") from error
    counted = sum(row["weight"] > 0 for row in rows)
    if options.json:
        print_json({"file": str(file), "outputs": len(rows), "weighted": counted})
    else:
        print_line(f"{file}: {len(rows)} reviewed outputs, {counted} of them with a weight.")
    return 0


def _emit(settings: Settings, options: argparse.Namespace) -> int:
    """Send labels as events to an OTLP endpoint."""
    from otel_ai_feedback.review import emit

    since = options.since or datetime(1970, 1, 1, tzinfo=timezone.utc)
    since = datetime(since.year, since.month, since.day, tzinfo=timezone.utc)
    with opened(settings, migrated=True) as client:
        found = emit.evaluations(client, since)
    try:
        sent = emit.send(found)
    except emit.EmitError as error:
        raise CommandError(str(error)) from error
    if options.json:
        print_json({"sent": sent})
    else:
        print_line(f"{sent} labels sent as {emit.EVENT}.")
    return 0


def _import(settings: Settings, options: argparse.Namespace) -> int:
    """Import a file of verdicts, all of it or nothing."""
    from dataclasses import asdict

    from otel_ai_feedback.review import table_file, verdicts

    file = options.file
    try:
        content = (
            sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        )
        reviews = verdicts.parse(
            table_file.decoded(content),
            is_csv=file.lower().endswith(".csv"),
            now=datetime.now(timezone.utc),
        )
        with opened(settings, migrated=True) as client:
            imported = verdicts.take_in(client, reviews, dry_run=options.dry_run)
    except OSError as error:
        raise CommandError(f"{file}: cannot be read ({error.strerror})") from error
    except table_file.EncodingError as error:
        raise CommandError(f"{file}: {error}\nnothing was imported") from error
    except verdicts.ReviewFileError as error:
        lines = "\n".join(f"{file}: {line}" for line in str(error).splitlines())
        raise CommandError(f"{lines}\nnothing was imported") from error
    if options.json:
        print_json({"store": without_password(settings.store), **asdict(imported)})
        return 0
    done = "would be" if options.dry_run else "were"
    print_line(f"{imported.new} of {imported.reviews} verdicts are new and {done} imported.")
    if imported.not_drawn:
        print_line(
            f"{imported.not_drawn} are of outputs that were not sampled: they are kept, "
            "but do not count in the quality score."
        )
    if imported.unknown:
        print_line(
            f"{imported.unknown} are of answers that the store does not have: whether they were "
            "made before their verdict could not be checked."
        )
    return 0
