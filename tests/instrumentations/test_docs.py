"""docs/instrumentations.md names every convention, and the versions that the tests run."""

import re
from pathlib import Path

from otel_ai_feedback.capture.sources import SOURCES

from . import environments, recorded

PAGE = (Path(__file__).parents[2] / "docs/instrumentations.md").read_text()


def test_every_convention_has_a_section():
    sections = set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
    assert {source.name for source in SOURCES} <= sections


def is_named(package):
    """In full, or as ``family-one`` and ``-other``."""
    family, _, member = package.rpartition("-")
    return f"`{package}" in PAGE or (f"`{family}-" in PAGE and f"`-{member}`" in PAGE)


def test_the_page_names_the_versions_that_are_tested():
    # What compares experiments, and what reads exported files, makes no spans.
    instrumented = {**environments.REQUIREMENTS, "experiments": (), "dbt": ()}
    requirements = [one for all_of in instrumented.values() for one in all_of]
    pinned = [re.split(r"(?:\[\w+\])?==", one) for one in requirements if "==" in one]
    pinned.append(environments.NODE_REQUIREMENTS[0].split("@"))
    for name, version in pinned:
        if name not in ("opentelemetry-sdk", "opentelemetry-exporter-otlp"):
            assert is_named(name), name
            assert version in PAGE, (name, version)


def test_every_package_that_was_recorded_is_on_the_page():
    packages = {recorded.read(path)["package"] for path in recorded.FIXTURES.glob("*.json")}
    assert [name for name in packages if not is_named(name.split("==")[0])] == []
