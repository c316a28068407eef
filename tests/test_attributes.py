"""The convention stands in three places; they must say the same."""

import re
import runpy
from pathlib import Path

import yaml

from otel_ai_feedback import attributes

ROOT = Path(__file__).parents[1]
REGISTRY = yaml.safe_load((ROOT / "semconv/ai_feedback.yaml").read_text())
GROUPS = {group["id"]: group for group in REGISTRY["groups"]}
DEFINED = {a["id"]: a for a in GROUPS["registry.ai_feedback"]["attributes"]}


def _members(attribute: str) -> tuple[str, ...]:
    return tuple(member["value"] for member in DEFINED[attribute]["type"]["members"])


def test_code_and_registry_name_the_same_attributes_and_events():
    constants = {v for k, v in vars(attributes).items() if k.isupper() and isinstance(v, str)}
    ours = {name for name in constants if name.startswith("ai_feedback.")}
    events = {g["name"] for g in REGISTRY["groups"] if g["type"] in ("event", "metric")}
    assert ours == set(DEFINED) | events


def test_code_and_registry_name_the_same_enum_values():
    assert _members(attributes.ACTION_NAME) == attributes.ACTION_NAMES
    assert _members(attributes.ACTION_SOURCE) == attributes.ACTION_SOURCES
    assert _members(attributes.LINK_METHOD) == attributes.LINK_METHODS
    assert _members(attributes.HANDLE_KIND) == attributes.HANDLE_KINDS
    assert _members(attributes.CHANNEL) == attributes.CHANNELS
    assert _members(attributes.ACTION_REASON) == attributes.REASONS
    assert _members(attributes.OUTPUT_TYPE) == attributes.OUTPUT_TYPES
    assert _members(attributes.OUTPUT_UNTAGGED) == attributes.UNTAGGED


def test_registry_is_well_formed():
    for attribute in DEFINED.values():
        assert attribute["brief"].strip(), attribute["id"]
        assert attribute["stability"] == "development"
        kind = attribute["type"]
        assert kind in ("string", "int", "double", "boolean") or kind["members"]
    used = set()
    for group in REGISTRY["groups"]:
        if group["type"] == "attribute_group":
            continue
        for row in group["attributes"]:
            assert row["ref"] in DEFINED
            assert row["requirement_level"] in ("required", "recommended", "opt_in")
            used.add(row["ref"])
    assert set(DEFINED) - used == {attributes.BACKFILL}, "an attribute that is on nothing"


def test_the_page_is_the_one_that_the_registry_renders():
    render = runpy.run_path(str(ROOT / "semconv/render.py"))["render"]
    assert (ROOT / "docs/attributes.md").read_text() == render(REGISTRY)


def test_names_are_written_once():
    """No other file spells an attribute of ours, or its beginning: they use the constants."""
    ours = set(DEFINED) | {g["name"] for g in GROUPS.values() if g["type"] in ("event", "metric")}
    spelled = re.compile(r"[\"'](ai_feedback\.[a-z_]+\.?[a-z_]*)[\"']")
    for file in (ROOT / "src").rglob("*.py"):
        if file.name != "attributes.py":
            for name in spelled.findall(file.read_text()):
                assert not any(known.startswith(name) for known in ours), f"{file}: {name}"
