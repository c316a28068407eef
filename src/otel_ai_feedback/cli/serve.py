"""``serve``: receive OTLP, keep the store, show the pages."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from typing import Any

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.output import CommandError, print_json, print_line
from otel_ai_feedback.config import Settings, without_password


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "serve", run, "Run the receiver, the store and the pages.", extra="serve"
    )
    command.add_argument(
        "--listen",
        metavar="HOST:PORT",
        help="address of receiver and pages; default 127.0.0.1:4318; port 0 picks a free port",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    from otel_ai_feedback import serve, store

    stopped = _stop_signals()

    def restart() -> None:
        # Whatever was acknowledged is stored; the rest is sent again. The engine cannot be closed
        # while a statement runs that nothing ends.
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606

    try:
        with serve.running(settings, restart=restart) as server:
            described = {
                "url": server.url,
                "otlp_endpoint": server.url,
                "otlp_grpc_endpoint": f"http://{server.grpc}" if server.grpc else None,
                "store": without_password(settings.store),
                "pid": os.getpid(),
            }
            if options.json:
                print_json(described)
            else:
                print_line(f"Pages and OTLP/HTTP receiver: {server.url}")
                if server.grpc:
                    print_line(f"OTLP/gRPC receiver: {described['otlp_grpc_endpoint']}")
                print_line(f"Store: {described['store']}")
                print_line("Point an application at it:")
                print_line(f"  export OTEL_EXPORTER_OTLP_ENDPOINT={server.url}")
                print_line("  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")
                print_line("Stop with Ctrl-C.")
            stopped.wait()
    except (store.StoreError, serve.ListenError) as error:
        raise CommandError(str(error)) from error
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
