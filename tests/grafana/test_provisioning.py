"""The files of the repository are those that the command writes, in the documented shape."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("grafana_foundation_sdk", reason="needs Python 3.11")

from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.config import ConfigError
from otel_ai_feedback.grafana.charts.definitions import ORDER
from otel_ai_feedback.grafana.dashboards import BOARDS
from otel_ai_feedback.grafana.options import Options
from otel_ai_feedback.grafana.provisioning import files

ROOT = Path(__file__).parents[2]
UID = re.compile(r"[A-Za-z0-9_-]{1,40}")


@pytest.fixture(scope="module")
def made():
    return files(Options())


@pytest.fixture(scope="module")
def groups(made):
    document = yaml.safe_load(made["alerting/ai_feedback_rules.yaml"])
    assert document["apiVersion"] == 1
    return document["groups"]


def all_rules(groups):
    return [rule for group in groups for rule in group["rules"]]


def test_what_is_committed_is_what_is_made(made):
    committed = {
        str(file.relative_to(ROOT / "grafana")): file.read_text()
        for file in (ROOT / "grafana").rglob("*")
        if file.is_file()
    }
    assert committed == made, "run `otel-ai-feedback grafana` in the repository"


def test_groups_and_rules_have_the_documented_shape(groups):
    assert [set(group) for group in groups] == [
        {"orgId", "name", "folder", "interval", "rules"}
    ] * 2
    for group in groups:
        assert re.fullmatch(r"\d+[smh]", group["interval"])
    for rule in all_rules(groups):
        assert set(rule) == {
            "uid", "title", "condition", "data", "noDataState", "execErrState", "for",
            "annotations", "labels", "dashboardUid", "panelId", "isPaused",
        }  # fmt: skip
        assert UID.fullmatch(rule["uid"])
        assert rule["noDataState"] in ("NoData", "Alerting", "OK", "KeepLast")
        assert rule["execErrState"] in ("Error", "Alerting", "OK", "KeepLast")
        assert re.fullmatch(r"\d+s", rule["for"])
        refs = [part["refId"] for part in rule["data"]]
        assert len(set(refs)) == len(refs)
        assert rule["condition"] in refs
        for part in rule["data"]:
            assert set(part) == {"refId", "relativeTimeRange", "datasourceUid", "model"}
            assert part["model"]["refId"] == part["refId"]
            if part["datasourceUid"] == "__expr__":
                assert part["model"]["type"] in ("reduce", "threshold")
                assert part["model"]["expression"] in refs
            else:
                assert part["datasourceUid"] == "ai-feedback"
                assert part["model"]["format"] == 1
                assert "$$" not in part["model"]["rawSql"]
    uids = [rule["uid"] for rule in all_rules(groups)]
    assert len(set(uids)) == len(uids) == len(RULES)


def test_rules_are_those_that_check_evaluates(groups):
    written = {rule["title"]: rule for rule in all_rules(groups)}
    for rule in RULES:
        found = written[rule.name]
        query, reduce, *_, threshold = found["data"]
        assert query["model"]["rawSql"] == rule.sql
        assert (reduce["refId"], reduce["model"]["reducer"]) == (rule.quantity, "last")
        assert threshold["model"]["conditions"] == [
            {"evaluator": {"type": "gt" if rule.above else "lt", "params": [rule.threshold]}}
        ]
        assert found["labels"] == {"severity": rule.severity, "owner": rule.owner}
        # Grafana fills variables of the environment into annotations: no dollar may stand there.
        assert "$" not in "".join(found["annotations"].values())
        runbook = ROOT / "docs/runbooks" / f"{rule.name}.md"
        assert runbook.is_file(), runbook
        assert found["annotations"]["runbook_url"].endswith(f"/runbooks/{rule.name}")


def test_every_rule_shows_its_panel(made, groups):
    for rule in all_rules(groups):
        name = rule["dashboardUid"].removeprefix("ai-feedback-")
        panels = json.loads(made[f"dashboards/{name}.json"])["panels"]
        assert rule["panelId"] in [panel["id"] for panel in panels]


def test_comments_say_what_to_expect(made):
    text = made["alerting/ai_feedback_rules.yaml"]
    assert text.count("# False alerts a month: ") == len(RULES)
    assert text.count("# No data is ") == len(RULES)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_a_dashboard_says_how_to_read_it(made, board):
    document = json.loads(made[f"dashboards/{board.name}.json"])
    assert UID.fullmatch(document["uid"])
    assert document["uid"] == f"ai-feedback-{board.name}"
    ids = [panel["id"] for panel in document["panels"]]
    assert len(set(ids)) == len(ids)
    taken = set()
    for panel in document["panels"]:
        assert len(panel["description"].split()) >= 15, panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["datasource"]["uid"] == "ai-feedback"
        assert all("$__" in target["rawSql"] for target in panel["targets"]) or (
            "${output_id" in panel["targets"][0]["rawSql"]
        )
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert place["x"] + place["w"] <= 24
        taken |= cells
    for variable in document["templating"]["list"]:
        if variable["type"] == "query":
            one = variable["name"] in board.single
            assert (variable["includeAll"], variable["multi"]) == (not one, not one)
            assert variable["refresh"] == 2  # when the time range changes
    assert document["editable"] is False
    annotations = document["annotations"]["list"]
    assert {annotation["name"] for annotation in annotations} == {"Changes", "Accepted baselines"}
    page = ROOT / "docs/dashboards" / f"{board.name}.md"
    for panel in board.panels:
        assert f"### {panel.title}" in page.read_text(), panel.title


def test_variables_of_the_output_come_with_every_link(made):
    output = json.loads(made["dashboards/output.json"])
    known = {variable["name"] for variable in output["templating"]["list"]}
    for name, text in made.items():
        if name.endswith(".json"):
            for link in re.findall(r'"url": "(/d/ai-feedback-output/[^"]*)"', text):
                assert set(re.findall(r"var-(\w+)=", link)) <= known
                assert set(re.findall(r"\$\{(\w+):queryparam\}", link)) <= known


def test_names_of_all_dashboards():
    assert tuple(board.name for board in BOARDS) == ORDER


def test_the_data_source_is_found_by_its_uid(made):
    (source,) = yaml.safe_load(made["datasources/ai_feedback.yaml"])["datasources"]
    assert source["uid"] == "ai-feedback"
    assert source["type"] == "grafana-clickhouse-datasource"
    assert source["jsonData"]["enableRowLimit"] is False


def test_options_reach_every_file(tmp_path):
    command = [
        *(sys.executable, "-c", "from otel_ai_feedback.cli import main; raise SystemExit(main())"),
        *("grafana", "--output", tmp_path, "--folder", "LLM", "--datasource-uid", "ch-1"),
        *("--prefix", "llm_", "--url", "https://loop.example.org", "--json"),
    ]
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards/gone.json").write_text("{}")
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    written = [Path(file) for file in json.loads(answer.stdout)["files"]]
    assert len(written) == len(BOARDS) + 3
    assert not (tmp_path / "dashboards/gone.json").exists()
    for file in written:
        text = file.read_text()
        assert "ai-feedback-" not in text.replace('"ai-feedback"', "")
        assert "127.0.0.1" not in text
    assert "uid: llm_outage" in (tmp_path / "alerting/ai_feedback_rules.yaml").read_text()
    assert "folder: LLM" in (tmp_path / "dashboards/ai_feedback.yaml").read_text()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"prefix": "a b"}, "--prefix: 'a b'"),
        ({"prefix": "p" * 30}, "--prefix"),
        ({"datasource_uid": ""}, "--datasource-uid: ''"),
        ({"folder": " "}, "--folder"),
        ({"url": "loop.example.org"}, "--url: 'loop.example.org'"),
        ({"url": "http://a/"}, "without a slash"),
    ],
)
def test_wrong_options_are_named(wrong, said):
    with pytest.raises(ConfigError, match=re.escape(said)):
        Options(**wrong)
