"""Dashboards for an import, for the sidecar of Grafana's Helm chart, and for Terraform."""

import json
import re
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

pytest.importorskip("grafana_foundation_sdk", reason="needs Python 3.11")

from otel_ai_feedback.cli import main
from otel_ai_feedback.grafana.dashboards import BOARDS
from otel_ai_feedback.grafana.dashboards.build import documents
from otel_ai_feedback.grafana.options import Options
from otel_ai_feedback.grafana.packaging import config_maps, imports

EXAMPLE = Path(__file__).parents[2] / "examples/terraform/main.tf"


def test_an_import_asks_for_the_data_source_and_names_no_other():
    made = imports(Options())
    assert len(made) == len(BOARDS)
    for name, text in made.items():
        board = json.loads(text)
        (asked,) = board["__inputs"]
        assert asked["pluginId"] == "grafana-clickhouse-datasource"
        assert board["id"] is None
        assert '"uid": "ai-feedback"' not in text, name
        assert text.count('"${DS_CLICKHOUSE}"') == json.dumps(
            documents(Options())[name.removesuffix(".json")]
        ).count('"uid": "ai-feedback"')


def test_config_maps_are_what_kubernetes_and_the_sidecar_take():
    for text in config_maps(Options()).values():
        document = yaml.safe_load(text)
        kubernetes_validate.validate(document, "1.30", strict=True)
        assert document["metadata"]["labels"] == {"grafana_dashboard": "1"}
        assert re.fullmatch("[a-z0-9-]{1,63}", document["metadata"]["name"])
        ((_, board),) = document["data"].items()
        # kubectl apply keeps a copy in an annotation, of at most 256 KiB
        assert len(text) < 256 * 1024
        assert json.loads(board)["panels"]


@pytest.mark.parametrize(("shape", "suffix"), [("import", ".json"), ("configmap", ".yaml")])
def test_the_command_writes_them(shape, suffix, tmp_path, capsys):
    assert main(["grafana", "--shape", shape, "--output", str(tmp_path)]) == 0
    written = sorted(file.name for file in tmp_path.iterdir())
    assert written == sorted(f"{board.name}{suffix}" for board in BOARDS)
    assert str(tmp_path / written[0]) in capsys.readouterr().out


def test_terraform_reads_the_folder_and_data_source_that_the_command_writes():
    text = EXAMPLE.read_text()
    assert text.count("{") == text.count("}")
    assert f'uid  = "{Options().datasource_uid}"' in text
    assert f'title = "{Options().folder}"' in text
    assert "grafana/dashboards" in text
