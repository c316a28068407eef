"""Dashboards in the shapes that others than file provisioning take: an import, a sidecar."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from otel_ai_feedback.grafana.dashboards.build import documents
from otel_ai_feedback.grafana.options import DATASOURCE, Options

_INPUT: Final = "DS_CLICKHOUSE"
_PLUGIN: Final = "ClickHouse"
_OLDEST_GRAFANA: Final = "11.6.0"


def imports(options: Options) -> dict[str, str]:
    """Dashboards as grafana.com and the import dialog take them: they ask for the data source.

    Args:
        options: The options of this Grafana.
    """
    return {
        f"{name}.json": json.dumps(_asking(document, options), indent=2, ensure_ascii=False) + "\n"
        for name, document in documents(options).items()
    }


def config_maps(options: Options) -> dict[str, str]:
    """Dashboards as ConfigMaps for the sidecar of Grafana's Helm chart, by its default label.

    Args:
        options: The options of this Grafana.
    """
    return {
        f"{name}.yaml": yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {
                    "name": f"{options.prefix.lower().replace('_', '-')}{name}".strip("-"),
                    "labels": {"grafana_dashboard": "1"},
                    "annotations": {"grafana_folder": options.folder},
                },
                "data": {f"{name}.json": json.dumps(document, ensure_ascii=False)},
            },
            sort_keys=False,
            allow_unicode=True,
        )
        for name, document in documents(options).items()
    }


SHAPES: Final[dict[str, Callable[[Options], dict[str, str]]]] = {
    "import": imports,
    "configmap": config_maps,
}
"""What the command takes beside the provisioning folder."""


def write(shape: str, options: Options, directory: Path) -> list[Path]:
    """Write the files of a shape.

    Args:
        shape: One of ``SHAPES``.
        options: The options of this Grafana.
        directory: Where to.

    Returns:
        The files that were written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in sorted(SHAPES[shape](options).items()):
        (directory / name).write_text(text, encoding="utf-8")
        written.append(directory / name)
    return written


def _asking(document: dict[str, Any], options: Options) -> dict[str, Any]:
    asked = {
        "name": _INPUT,
        "label": _PLUGIN,
        "description": "Where otel-ai-feedback keeps its tables and views",
        "type": "datasource",
        "pluginId": DATASOURCE,
        "pluginName": _PLUGIN,
    }
    needs = [
        {"type": "grafana", "id": "grafana", "name": "Grafana", "version": _OLDEST_GRAFANA},
        {"type": "datasource", "id": DATASOURCE, "name": _PLUGIN, "version": "4.0.0"},
    ]
    placed: dict[str, Any] = _with_input(document, options.datasource_uid)
    return {"__inputs": [asked], "__requires": needs} | placed | {"id": None}


def _with_input(part: Any, uid: str) -> Any:
    if isinstance(part, dict):
        if part.get("type") == DATASOURCE and part.get("uid") == uid:
            return part | {"uid": f"${{{_INPUT}}}"}
        return {name: _with_input(value, uid) for name, value in part.items()}
    if isinstance(part, list):
        return [_with_input(value, uid) for value in part]
    return part
