"""The command line: ``otel-ai-feedback serve``, ``migrate``, ``query``, ``demo`` and more.

One module a command. None imports more than the standard library and the settings until its command
runs, so that ``--help`` and ``--version`` work without any extra, and a missing one can be named.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

from otel_ai_feedback import signals
from otel_ai_feedback._version import __version__
from otel_ai_feedback.cli import (
    accept,
    archive,
    check,
    compare,
    completion,
    demo,
    doctor,
    draw,
    erase,
    grafana,
    import_scores,
    judges,
    migrate,
    modes,
    query,
    reference,
    report,
    review,
    serve,
    triage,
)
from otel_ai_feedback.cli.command import Command, Commands
from otel_ai_feedback.cli.output import FAILED, MISUSED, PROGRAM, CommandError, warn
from otel_ai_feedback.config import ConfigError, Settings, load, unread
from otel_ai_feedback.escaping import LogFormatter

# In the order in which --help lists them.
_COMMANDS: Final = (
    serve,
    doctor,
    migrate,
    query,
    reference,
    import_scores,
    accept,
    erase,
    archive,
    draw,
    review,
    modes,
    judges,
    report,
    compare,
    check,
    grafana,
    triage,
    demo,
    completion,
)

# What they say below a warning has addresses in it, and with them the tokens of webhooks.
_TALKATIVE: Final = ("apprise", "authlib", "httpcore", "httpcore2", "httpx", "httpx2", "urllib3")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The command line without the program; that of the process by default.

    Returns:
        The exit status: 0, 1 when the command failed, 2 when it or a setting was wrong.
    """
    options = _parser().parse_args(arguments)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(
        handlers=[handler], level=logging.INFO if options.verbose else logging.WARNING
    )
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    command: Command = options.run
    for name, meant in unread().items():
        warn(f"unknown setting {name}" + (f"; did you mean {meant}?" if meant else ""))
    try:
        return command(_settings(options), options)
    except CommandError as error:
        warn(str(error))
        return error.status
    except ConfigError as error:
        warn(str(error))
        return MISUSED
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "otel_ai_feedback":
            raise
        warn(
            f"`{PROGRAM} {options.command}` needs {error.name}, which is not installed; run:\n"
            f"  pip install 'otel-ai-feedback[{options.extra}]'"
        )
        return FAILED
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
    shared.add_argument(
        "--timezone", metavar="ZONE", help="time zone for daily totals, an IANA name"
    )
    shared.add_argument("--json", action="store_true", help="print a single JSON document")
    shared.add_argument(
        "-v", "--verbose", action="store_true", help="verbose log on standard error"
    )

    parser = argparse.ArgumentParser(
        prog=PROGRAM, description="Implicit user feedback for LLM features, on OpenTelemetry."
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = Commands(parser, shared)
    for module in _COMMANDS:
        module.add(commands)
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    given = {name: getattr(options, name, None) for name in ("store", "timezone", "listen")}
    settings = load(given)
    signals.add(settings.signals)
    return settings
