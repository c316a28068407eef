"""The package for Node.js, as npm would publish it, beside real packages of others.

Its tests have the marker ``packages``: they need npm, and a package registry the first time.
"""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from instrumentations import environments

# What a service may have beside ours; each program takes some of it.
REQUIREMENTS = (
    "@ai-sdk/openai@4.0.118",
    "@ai-sdk/otel@1.0.173",
    "@arizeai/openinference-instrumentation-langchain@4.1.1",
    "@arizeai/openinference-instrumentation-openai@4.2.7",
    "@genkit-ai/compat-oai@1.42.0",
    "@langchain/core@1.4.0",
    "@langchain/openai@1.5.8",
    "@opentelemetry/api@1.9.1",
    "@opentelemetry/exporter-logs-otlp-proto@0.223.1",
    "@opentelemetry/exporter-trace-otlp-proto@0.223.1",
    "@opentelemetry/instrumentation-openai@0.21.0",
    "@opentelemetry/sdk-logs@0.223.1",
    "@opentelemetry/sdk-node@0.223.0",
    "@opentelemetry/sdk-trace-node@2.12.1",
    "@traceloop/instrumentation-langchain@0.27.0",
    "@traceloop/instrumentation-openai@0.27.0",
    "@vercel/otel@2.1.3",
    "ai-sdk-5@npm:ai@5.0.277",
    "ai-sdk-openai-2@npm:@ai-sdk/openai@2.0.131",
    "ai@7.0.173",
    "genkit@1.42.0",
    "openai@6.49.0",
    "zod@4.6.7",
)
# The lines of Node.js that are maintained, as packages of npm.
RUNTIMES = ("20.20.2", "22.23.3")
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark all that is here; first, as pytest then leaves out what is not asked for."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.packages)


@pytest.fixture(scope="session")
def npm():
    """``npm(*command, cwd=)``: what a command of npm's prints; it must succeed."""
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed")

    def npm(*command, cwd=environments.ROOT):
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=280, cwd=cwd
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return npm


@pytest.fixture(scope="session")
def packed(npm):
    """The archive that npm would publish."""
    return environments.packed()


@pytest.fixture(scope="session", params=RUNTIMES)
def runtime(request):
    """Path of Node.js, of each line that the package is for."""
    found = environments.node_environment("node-runtime", f"node@{request.param}")
    return str(found / "node_modules/node/bin/node")


@pytest.fixture(scope="session")
def application(npm, packed, tmp_path_factory):
    """Directory of an application that has the package, and real ones beside it."""
    installed = environments.node_environment("node-application", *REQUIREMENTS)
    directory = tmp_path_factory.mktemp("application")
    # A link to each of the others, as they are many; ours is that of this test run.
    modules = directory / "node_modules"
    modules.mkdir()
    for package in (installed / "node_modules").iterdir():
        (modules / package.name).symlink_to(package)
    ours = modules / "@otel-ai-feedback/node"
    ours.parent.mkdir()
    with tarfile.open(packed) as archive:
        archive.extractall(ours.parent, filter="data")
    (ours.parent / "package").rename(ours)
    (directory / "package.json").write_text('{"private": true, "type": "module"}')
    return directory
