"""The package itself: its own tests, what it holds, and how it resolves."""

import json
import subprocess

import pytest

from docs.pages import blocks
from instrumentations.environments import JS, ROOT

# Blocks of the pages stand in an application of which these are parts.
AMBIENT = """
declare const chat: { id: string }, user: { id: string }, question: string, click: { id: string };
declare const answerOf: (messages: unknown) => Promise<string>;
declare const ask: (question: string) => Promise<string>;
declare const batchProcessor: import("@opentelemetry/sdk-trace-base").SpanProcessor;
"""
OPTIONS = {
    "strict": True,
    "noEmit": True,
    "target": "ES2022",
    "lib": ["ES2022", "DOM"],
    "types": [],
    "skipLibCheck": True,
}


def node(directory, code, *options):
    command = ("node", *options, "-e", code)
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=directory)
    return done.stdout


def test_its_own_tests_pass(npm, packed, runtime):
    out = npm(runtime, "--test", *sorted(map(str, (JS / "test").glob("*.test.mjs"))))
    assert "# fail 0" in out


def test_what_it_holds_resolves_for_every_kind_of_module(npm, packed):
    npm("npx", "--no-install", "publint", "--strict", str(packed))
    npm("npx", "--no-install", "attw", "--profile", "node16", str(packed))


def test_it_depends_on_nothing_but_peers():
    package = json.loads((JS / "package.json").read_text())
    assert "dependencies" not in package
    assert set(package["peerDependencies"]) == {
        "@opentelemetry/api",
        "@opentelemetry/sdk-trace-base",
    }


def test_no_address_of_a_registry_is_in_the_lock_file():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert not [name for name, entry in packages.items() if "://" in entry.get("resolved", "")]


def test_both_kinds_of_module_are_one_capture(application):
    code = """
    const required = require("@otel-ai-feedback/node");
    import("@otel-ai-feedback/node").then((imported) => {
      imported.recordAction(null, "copy");
      const { not_instrumented } = required.stats();
      console.log(imported.recordAction !== required.recordAction, not_instrumented);
    });
    """
    assert node(application, code, "--input-type=commonjs").split() == ["true", "1"]


def test_register_switches_on(application):
    code = "console.log(globalThis.AI_SDK_TELEMETRY_INTEGRATIONS.length)"
    assert node(application, code, "--import", "@otel-ai-feedback/node/register").strip() == "1"


def test_the_benchmark_of_a_call_runs(npm, application):
    bench = ROOT / "bench/call_cost.mjs"
    out = npm("node", str(bench), "--smoke", "--application", str(application))
    assert "capture adds" in out


@pytest.mark.parametrize("resolution", ["bundler", "nodenext"])
def test_what_pages_show_in_typescript_compiles(npm, application, resolution):
    directory = application / f"pages-{resolution}"
    directory.mkdir()
    (directory / "ambient.d.ts").write_text(AMBIENT)
    found = blocks("ts")
    assert found
    for number, block in enumerate(found):
        (directory / f"page{number}.ts").write_text(f"// {block}\n{block.text}\nexport {{}};\n")
    module = "esnext" if resolution == "bundler" else resolution
    options = OPTIONS | {"module": module, "moduleResolution": resolution}
    settings = {"compilerOptions": options, "include": ["*.ts"]}
    (directory / "tsconfig.json").write_text(json.dumps(settings))
    npm("npx", "--no-install", "tsc", "--project", str(directory))
