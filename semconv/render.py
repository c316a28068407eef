"""Write docs/attributes.md from ai_feedback.yaml: ``python semconv/render.py``."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
INTRODUCTION = """\
# Attributes, spans and events

<!-- Written by `python semconv/render.py` from semconv/ai_feedback.yaml; do not edit. -->

OpenTelemetry has no convention for an output hash or for what a user did with an output, so these
names are ours, under `ai_feedback.`; names under `gen_ai.` are used only for what OpenTelemetry
defines. None of them carries text. In code they are constants of `otel_ai_feedback.attributes`.

Two kinds of span meet here. An **LLM span** is whatever your instrumentation already records for a
model call; we add a few attributes to it. A **user-action span** says what a person later did with
the output, and points to the LLM span by a span link:

```
trace A   POST /chat ── chat gpt-4o      ai_feedback.output.hash, .output.time, ...
                            ▲
                            │ span link (the only one; the parent says nothing)
trace B   ai_feedback copy ─┘            ai_feedback.action.name = copy, .action.value = 0.8
```
"""


def render(registry: dict[str, Any]) -> str:
    """The page as Markdown."""
    groups = registry["groups"]
    lines = [INTRODUCTION, "## Attributes", "", "| attribute | type | meaning |", "|---|---|---|"]
    for attribute in next(g for g in groups if g["type"] == "attribute_group")["attributes"]:
        kind, meaning = attribute["type"], attribute["brief"].strip()
        if isinstance(kind, dict):
            values = "; ".join(
                f"`{m['value']}`: {m['brief'][0].lower()}{m['brief'][1:-1]}"
                for m in kind["members"]
            )
            meaning, kind = f"{meaning} Values: {values}.", "string"
        if note := attribute.get("note", "").strip():
            meaning = f"{meaning} {note}"
        if examples := attribute.get("examples"):
            meaning = f"{meaning} Example: `{examples[0]}`."
        lines.append(f"| `{attribute['id']}` | {kind} | {' '.join(meaning.split())} |")
    for group in groups:
        if group["type"] == "attribute_group":
            continue
        title = {"event": "Log event", "metric": "Metric", "span": "Span"}[group["type"]]
        name = group.get("name", group["id"].removeprefix("span."))
        lines += ["", f"## {title} `{name}`", "", " ".join(group["brief"].split()), ""]
        lines += ["| attribute | |", "|---|---|"]
        for row in group["attributes"]:
            level = row["requirement_level"].replace("opt_in", "when it applies")
            lines.append(f"| `{row['ref']}` | {level} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    registry = yaml.safe_load((ROOT / "semconv/ai_feedback.yaml").read_text())
    (ROOT / "docs/attributes.md").write_text(render(registry))
