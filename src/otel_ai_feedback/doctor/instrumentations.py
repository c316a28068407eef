"""Does something make LLM spans here, and is capture loaded beside it?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from otel_ai_feedback.doctor import client_call, packages
from otel_ai_feedback.doctor.finding import Finding, failure, not_applicable, ok, warning
from otel_ai_feedback.doctor.visit import Visit
from otel_ai_feedback.formats import plural

_GROUP: Final = "opentelemetry_instrumentor"
_LOADER: Final = "opentelemetry-instrumentation"
_ENDING: Final = "-distro"
_CALL_SECONDS: Final = 60


def check(visit: Visit) -> Iterator[Finding]:
    """Instrumentations by their packages, our entry point, and a loader of entry points."""
    installed = packages.installed(visit.path)
    yield _seen(installed)
    yield from _calls(visit, installed)
    yield _entry_point(installed)
    yield _loader(installed)


def _seen(installed: dict[str, metadata.Distribution]) -> Finding:
    name = "instrumentation.seen"
    found = packages.instrumentations(list(installed))
    if found:
        listed = ", ".join(
            f"{title} ({', '.join(f'{p} {installed[p].version}' for p in parts)})"
            for title, parts in found.items()
        )
        return ok(name, listed)
    clients = [client for client in packages.CLIENTS if client in installed]
    if clients:
        advised = " ".join(dict.fromkeys(packages.CLIENTS[client] for client in clients))
        return failure(
            name,
            f"{', '.join(clients)} is installed, but nothing that makes spans of its calls",
            f"pip install {advised} (or another one of docs/instrumentations.md)",
        )
    return not_applicable(
        name,
        "there is neither a client of a model nor an instrumentation in this environment",
        "run the doctor in the environment of your service to check this",
    )


def _calls(visit: Visit, installed: dict[str, metadata.Distribution]) -> Iterator[Finding]:
    """What the instrumentations do: a real call of each client against a server of our own."""
    if list(visit.path) != sys.path or not packages.instrumentations(list(installed)):
        return
    for client in client_call.CALLS:
        if client in installed:
            yield _called(client)


def _called(client: str) -> Finding:
    name = f"instrumentation.{client}_call"
    # A process of its own: what it switches on stays on.
    command = [sys.executable, "-m", client_call.__name__, client]
    try:
        ran = subprocess.run(  # noqa: S603 - this Python, and a name from a list
            command, capture_output=True, text=True, timeout=_CALL_SECONDS, check=True
        )
        found = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return warning(
            name,
            f"a call of {client} against a local server could not be tried: {error}",
            f"run `{' '.join(command)}` to see why",
        )
    why = f" ({found['error']})" if found["error"] else ""
    if found["tagged"]:
        return ok(name, f"a real call of {client} {_version(client)} made a tagged span")
    advised = packages.CLIENTS[client]
    if found["spans"]:
        return failure(
            name,
            f"a real call of {client} made {plural(found['spans'], 'span')}, none of which "
            f"is that of an answer{why}",
            f"pip install --upgrade {advised} (or another one of docs/instrumentations.md)",
        )
    return failure(
        name,
        f"a real call of {client} {_version(client)} made no span, though "
        f"instrumentations are installed{why}",
        f"pip install --upgrade {advised}: what is installed is for another client or version",
    )


def _version(package: str) -> str:
    return metadata.version(package)


def _entry_point(installed: dict[str, metadata.Distribution]) -> Finding:
    name = "instrumentation.entry_point"
    own = installed.get("otel-ai-feedback")
    if own is None:
        return failure(
            name,
            "otel-ai-feedback is not installed as a package here, so no loader finds it",
            "pip install otel-ai-feedback in the environment of your service",
        )
    if not any(e.group == _GROUP and e.name == "ai_feedback" for e in own.entry_points):
        return failure(
            name,
            f"the installed otel-ai-feedback {own.version} has no entry point for loaders",
            "install it again: pip install --force-reinstall otel-ai-feedback",
        )
    return ok(name, f"otel-ai-feedback {own.version} is found by opentelemetry-instrument")


def _loader(installed: dict[str, metadata.Distribution]) -> Finding:
    name = "instrumentation.loader"
    loader = installed.get(_LOADER)
    remedy = (
        "call otel_ai_feedback.instrument() where the service sets OpenTelemetry up, or "
        "pip install opentelemetry-distro and start the service with opentelemetry-instrument; "
        "a service in Node.js: npm install @otel-ai-feedback/node"
    )
    if loader is None:
        return not_applicable(name, "opentelemetry-instrument is not installed here", remedy)
    distros = [package for package in installed if package.endswith(_ENDING)]
    if not distros:
        return not_applicable(
            name,
            f"{_LOADER} {loader.version} is there, but no distribution that sets a provider up",
            remedy,
        )
    return ok(name, f"{_LOADER} {loader.version} with {', '.join(sorted(distros))}")
