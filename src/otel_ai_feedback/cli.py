"""The command line: ``otel-ai-feedback serve``, ``migrate``, ``query`` and ``demo``.

Imports nothing but the standard library and the settings until a command runs, so that ``--help``
and ``--version`` work without any extra, and a missing one can be named.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback._version import __version__
from otel_ai_feedback.config import ConfigError, Settings, load, without_password

PROGRAM: Final = "otel-ai-feedback"

_FAILED: Final = 1
_MISUSED: Final = 2
_OWN_FORMAT: Final = re.compile(r"\bformat\s+\w+\s*$", re.IGNORECASE)

Command = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The command line without the program; that of the process by default.

    Returns:
        The exit status: 0, 1 when the command failed, 2 when it or a setting was wrong.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    command: Command = options.run
    try:
        return command(_settings(options), options)
    except ConfigError as error:
        return _fail(str(error), _MISUSED)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == __package__:
            raise
        return _fail(
            f"`{PROGRAM} {options.command}` needs {error.name}, which is not installed; run:\n"
            f"  pip install 'otel-ai-feedback[{options.extra}]'",
            _FAILED,
        )
    except BrokenPipeError:
        # The reader (head, less) has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--store",
        metavar="URL",
        help="chdb:///dir or http(s)://user:password@host:port/database",
    )
    shared.add_argument("--timezone", metavar="ZONE", help="IANA zone in which a day is a day")
    shared.add_argument("--json", action="store_true", help="print one JSON document, nothing else")
    shared.add_argument("-v", "--verbose", action="store_true", help="log more, to standard error")

    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Implicit user feedback for LLM features, on OpenTelemetry."
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )

    def command(name: str, run: Command, extra: str, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[shared], help=summary, description=summary)
        added.set_defaults(run=run, extra=extra)
        return added

    serve = command("serve", _serve, "serve", "Receive OTLP, keep the store, show the pages.")
    serve.add_argument("--listen", metavar="HOST:PORT", help="address; default 127.0.0.1:4318")

    command("migrate", _migrate, "store", "Create the schema or bring it to this version's.")

    query = command("query", _query, "store", "Ask the store, without the right to change it.")
    query.add_argument("sql", metavar="SQL", help="one statement; - reads it from standard input")
    query.add_argument("--format", metavar="F", help="a ClickHouse output format, such as CSV")

    accept = command("accept", _accept, "store", "Say that a series' new level is the right one.")
    accept.add_argument("--service", required=True, help="the service")
    accept.add_argument("--environment", help="of this environment only")
    accept.add_argument("--feature", help="of this feature only")
    accept.add_argument("--series", default="", help="the series; all of them by default")
    accept.add_argument(
        "--from", dest="from_day", metavar="DAY", type=_day, help="first day of the new level"
    )
    accept.add_argument("--reason", required=True, help="why it is right, for whoever asks later")
    accept.add_argument("--author", required=True, help="who says so")

    erase = command("erase", _erase, "store", "Delete everything that is kept about one person.")
    person = erase.add_mutually_exclusive_group(required=True)
    person.add_argument("--subject", metavar="NAME", help="the user as your service names them")
    person.add_argument(
        "--subject-key", metavar="KEY", help="the key under which they are stored, hmac-sha256:..."
    )
    erase.add_argument("--dry-run", action="store_true", help="count, delete nothing")

    export = command("export", _export, "store", "Write everything into files, for `restore`.")
    export.add_argument(
        "--all", metavar="DIR", type=Path, required=True, help="an empty or missing directory"
    )
    restore = command("restore", _restore, "store", "Fill an empty store with what was exported.")
    restore.add_argument("directory", metavar="DIR", type=Path, help="what `export --all` wrote")

    draw = command("draw", _draw, "store", "Draw the outputs that people are to read.")
    draw.add_argument(
        "--explain", metavar="OUTPUT_ID", help="say why this output was drawn, or was not"
    )

    review = command("review", _review, "store", "Take in verdicts that were given elsewhere.")
    review.add_argument("action", choices=["import"], help="import takes in a file of verdicts")
    review.add_argument(
        "file",
        metavar="FILE",
        help="JSON Lines, or CSV when its name ends in .csv; - is JSON Lines",
    )

    demo = command("demo", _demo, "demo", "Run the whole loop here, with simulated people.")
    demo.add_argument("--listen", metavar="HOST:PORT", help="address; default 127.0.0.1:4318")
    demo.add_argument(
        "--replay", metavar="DIR", type=Path, help="answer with recorded outputs from this folder"
    )
    demo.add_argument(
        "--days", metavar="N", type=_days, default=7, help="spread the traffic over so many days"
    )
    demo.add_argument("--once", action="store_true", help="run through, print a summary and exit")
    return parser


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 365):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to 365")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day such as 2026-11-23") from None


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name, None) for name in ("store", "timezone", "listen")}
    return load(given)


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    from otel_ai_feedback import local, store

    stopped = _stop_signals()
    try:
        with local.running(settings) as server:
            described = {
                "url": server.url,
                "otlp_endpoint": server.url,
                "store": without_password(settings.store),
                "pid": os.getpid(),
            }
            if options.json:
                _print_json(described)
            else:
                _print(f"Pages and OTLP/HTTP receiver: {server.url}")
                _print(f"Store: {described['store']}")
                _print("Point an application at it:")
                _print(f"  export OTEL_EXPORTER_OTLP_ENDPOINT={server.url}")
                _print("  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
                _print("Stop with Ctrl-C.")
            stopped.wait()
    except (store.StoreError, local.ListenError) as error:
        return _fail(str(error), _FAILED)
    return 0


def _stop_signals() -> threading.Event:
    """An event that SIGINT or SIGTERM sets; the same signal again acts as usual."""
    stopped = threading.Event()

    def stop(number: int, _: Any) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopped


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store

    try:
        client = store.connect(settings.store)
        try:
            applied = store.migrate(client, settings)
        finally:
            client.close()
    except (store.StoreError, ClickHouseError) as error:
        return _fail(str(error), _FAILED)
    if options.json:
        _print_json({"store": without_password(settings.store), "applied": applied})
    else:
        for name in applied:
            _print(name)
        _print(f"{without_password(settings.store)} is up to date.")
    return 0


def _query(settings: Settings, options: argparse.Namespace) -> int:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store

    sql = (sys.stdin.read() if options.sql == "-" else options.sql).strip().rstrip(";").rstrip()
    written = _OWN_FORMAT.search(sql)
    if options.json and (options.format or written):
        return _fail("--json is a format of its own; leave out the other one", _MISUSED)
    if options.json:
        chosen = "JSON"
    else:
        chosen = options.format or ("PrettyCompact" if sys.stdout.isatty() else "TSVWithNames")
    try:
        client = store.connect(settings.store, read_only=True)
        try:
            rows = client.raw_query(sql, fmt=None if written else chosen)
        finally:
            client.close()
    except (store.StoreError, ClickHouseError) as error:
        return _fail(str(error), _FAILED)
    sys.stdout.buffer.write(rows)
    sys.stdout.buffer.flush()
    return 0


def _accept(settings: Settings, options: argparse.Namespace) -> int:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store
    from otel_ai_feedback.store.levels import accept

    try:
        client = store.connect(settings.store)
        try:
            groups = accept(
                client,
                options.service,
                series=options.series,
                from_day=options.from_day,
                environment=options.environment,
                feature=options.feature,
                reason=options.reason,
                author=options.author,
            )
        finally:
            client.close()
    except (store.StoreError, ClickHouseError) as error:
        return _fail(str(error), _FAILED)
    if options.json:
        _print_json({"accepted": [list(group) for group in groups]})
    else:
        for group in groups:
            _print("accepted: " + ", ".join(part or "-" for part in group))
    return 0


def _erase(settings: Settings, options: argparse.Namespace) -> int:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store
    from otel_ai_feedback.store.erasure import erase

    subject = options.subject_key
    if options.subject is not None:
        from otel_ai_feedback.capture.hashing import hash_subject
        from otel_ai_feedback.capture.keys import FILE_NAME, load_key

        # A key made now would name nobody, and say so in the voice of success.
        if settings.key is None and not (settings.state_dir / FILE_NAME).exists():
            return _fail(
                f"--subject {options.subject!r}: the key that the service hashes its users with is "
                f"not in {settings.state_dir}; set OTEL_AI_FEEDBACK_KEY, or give --subject-key",
                _FAILED,
            )
        key = load_key(settings.key, settings.state_dir)
        if not key.shared:
            return _fail(str(key.remedy), _FAILED)
        subject = hash_subject(options.subject, key.secret) if options.subject else ""
    if not subject:
        return _fail("--subject and --subject-key must not be empty", _MISUSED)
    try:
        client = store.connect(settings.store)
        try:
            found = erase(client, subject, dry_run=options.dry_run, cluster=settings.cluster)
        finally:
            client.close()
    except (store.StoreError, ClickHouseError) as error:
        return _fail(str(error), _FAILED)
    if options.json:
        _print_json({"subject": subject, "dry_run": options.dry_run, "rows": found})
    else:
        for table, rows in found.items():
            _print(f"{table}: {rows}")
        _print("Nothing was deleted." if options.dry_run else "Deleted.")
    return 0


def _export(settings: Settings, options: argparse.Namespace) -> int:
    from otel_ai_feedback.store import archive

    return _archive(settings, options, archive.export, options.all, "exported")


def _restore(settings: Settings, options: argparse.Namespace) -> int:
    from otel_ai_feedback.store import archive

    return _archive(settings, options, archive.restore, options.directory, "restored")


def _archive(
    settings: Settings,
    options: argparse.Namespace,
    move: Callable[[Any, Settings, Path], dict[str, int]],
    directory: Path,
    done: str,
) -> int:
    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store

    try:
        client = store.connect(settings.store)
        try:
            rows = move(client, settings, directory)
        finally:
            client.close()
    except (store.StoreError, ClickHouseError, OSError) as error:
        return _fail(str(error), _FAILED)
    if options.json:
        _print_json({"directory": str(directory), "rows": rows})
    else:
        for table, count in rows.items():
            _print(f"{table}: {count}")
        _print(f"{sum(rows.values())} rows {done}.")
    return 0


def _draw(settings: Settings, options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store
    from otel_ai_feedback.review import draw, explain

    document: dict[str, Any] = {"store": without_password(settings.store)}
    try:
        client = store.connect(settings.store)
        try:
            store.migrate(client, settings)
            groups = draw.freeze(client)
            document["drawn"] = [{**asdict(group), "week": f"{group.week}"} for group in groups]
            if options.explain:
                document["explanation"] = explain.explain(client, options.explain)
        finally:
            client.close()
    except ValueError as error:
        return _fail(f"--explain: {error}", _MISUSED)
    except (store.StoreError, ClickHouseError) as error:
        return _fail(str(error), _FAILED)
    if options.json:
        _print_json(document)
        return 0
    for group in groups:
        name = "/".join(filter(None, (group.service, group.environment, group.feature)))
        _print(
            f"week of {group.week}  {name}: {group.drawn} drawn out of {group.outputs:g} outputs"
        )
    others = sorted({group.environment or "(none)" for group in groups} - {"production"})
    if others and not settings.environments:
        _warn(
            f"no outputs of `production`, so those of {', '.join(others)} were drawn from; "
            "name what counts in OTEL_AI_FEEDBACK_ENVIRONMENTS"
        )
    if not groups:
        _print("Nothing to draw: every closed day with outputs has been drawn from.")
    if options.explain:
        _print(document["explanation"])
    return 0


def _review(settings: Settings, options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from clickhouse_connect.driver.exceptions import ClickHouseError

    from otel_ai_feedback import store
    from otel_ai_feedback.review import verdicts

    try:
        content = (
            sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        )
        reviews = verdicts.parse(
            content.decode("utf-8-sig"), is_csv=options.file.lower().endswith(".csv")
        )
    except OSError as error:
        return _fail(f"{options.file}: cannot be read ({error.strerror})", _FAILED)
    except UnicodeDecodeError as error:
        return _fail(f"{options.file}: byte {error.start} is not UTF-8; save it as UTF-8", _FAILED)
    except verdicts.ReviewFileError as error:
        lines = "\n".join(f"{options.file}: {line}" for line in str(error).splitlines())
        return _fail(f"{lines}\nnothing was imported", _FAILED)
    try:
        client = store.connect(settings.store)
        try:
            store.migrate(client, settings)
            imported = verdicts.take_in(client, reviews)
        finally:
            client.close()
    except (store.StoreError, ClickHouseError) as error:
        return _fail(str(error), _FAILED)
    if options.json:
        _print_json({"store": without_password(settings.store), **asdict(imported)})
        return 0
    _print(f"{imported.new} of {imported.reviews} verdicts are new and were imported.")
    if imported.not_drawn:
        _print(
            f"{imported.not_drawn} are of outputs that were not drawn: they are kept, "
            "and enter no number."
        )
    return 0


def _demo(settings: Settings, options: argparse.Namespace) -> int:
    from otel_ai_feedback import local, store
    from otel_ai_feedback.demo import run
    from otel_ai_feedback.demo.visit import DemoError

    try:
        return run.run(
            settings,
            replay=options.replay,
            days=options.days,
            once=options.once,
            as_json=options.json,
        )
    except (store.StoreError, local.ListenError, DemoError) as error:
        return _fail(str(error), _FAILED)


def _print(line: str) -> None:
    # Flushed: whoever starts us through a pipe waits for the address.
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _print_json(document: dict[str, Any]) -> None:
    _print(json.dumps(document, indent=2))


def _warn(why: str) -> None:
    sys.stderr.write("".join(f"{PROGRAM}: {line}\n" for line in why.splitlines()))


def _fail(why: str, status: int) -> int:
    _warn(why)
    return status
