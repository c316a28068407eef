"""What a service loads with capture: of this package what capture needs, and of others nothing."""

import json
import subprocess
import sys

import pytest

SDK = "import opentelemetry.sdk.trace.export, opentelemetry.sdk._logs.export"
LIST = "import json, sys; print(json.dumps(sorted(sys.modules)))"
IMPORT = "import otel_ai_feedback"
INSTRUMENT = f"{IMPORT}; otel_ai_feedback.instrument(opentelemetry.sdk.trace.TracerProvider())"
OURS = "otel_ai_feedback"
# Of this package; the settings are read by anyone who starts it.
NEEDED = {
    "_version",
    "attributes",
    "capture",
    "config",
    "setting_values",
    "signals",
    "toml_files",
}


def loaded(code: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\n{LIST}"], check=True, capture_output=True, text=True
    )
    return set(json.loads(run.stdout))


@pytest.fixture(scope="module")
def by_sdk() -> set[str]:
    return loaded(SDK)


@pytest.mark.parametrize("step", [IMPORT, INSTRUMENT])
def test_nothing_of_an_extra_is_loaded(by_sdk, step):
    new = loaded(f"{SDK}\n{step}") - by_sdk
    packages = {name.partition(".")[0] for name in new} - sys.stdlib_module_names
    assert packages <= {OURS, "opentelemetry"}
    assert {name.split(".")[1] for name in new if name.startswith(f"{OURS}.")} == NEEDED


def test_nor_what_only_some_settings_need(by_sdk):
    new = loaded(f"{SDK}\n{IMPORT}") - by_sdk
    assert new.isdisjoint({"asyncio", "sqlite3", "zoneinfo", f"{OURS}.capture.web"})
    assert f"{OURS}.capture.linking.redis_outputs" not in new


def test_the_check_sees_an_extra(by_sdk):
    """It would find one that is installed."""
    assert "httpx" in loaded(f"{SDK}\nimport httpx") - by_sdk
