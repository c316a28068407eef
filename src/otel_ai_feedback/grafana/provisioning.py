"""The files of Grafana's provisioning folder: data source, dashboards and rules."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import yaml

from otel_ai_feedback.alerts.rule import HOURLY, QUICK, Rule
from otel_ai_feedback.alerts.rules import rules
from otel_ai_feedback.grafana.dashboards.build import documents, panel_id
from otel_ai_feedback.grafana.options import DATASOURCE, Options

_EXPRESSION: Final = "__expr__"
_PLACE: Final = re.compile(r"\{(\w+)\}")
_NAMES: Final = {QUICK: "minutes", HOURLY: "hours"}
_HEADER: Final = "# Made by `otel-ai-feedback grafana`; change that, not this.\n"

FOLDERS: Final = ("alerting", "dashboards", "datasources")
"""What the files lie in; nothing else is written."""


def files(options: Options) -> dict[str, str]:
    """Every file by its path below the provisioning folder.

    Args:
        options: How this Grafana is to have it.
    """
    made = {
        f"dashboards/{name}.json": json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        for name, document in documents(options).items()
    }
    made["dashboards/ai_feedback.yaml"] = _provider(options)
    made["datasources/ai_feedback.yaml"] = _datasource(options)
    made["alerting/ai_feedback_rules.yaml"] = _rules(options)
    return made


def write(options: Options, directory: Path) -> list[Path]:
    """Write every file, and take away dashboards that there are no longer.

    Args:
        options: How this Grafana is to have it.
        directory: The provisioning folder.

    Returns:
        The files that were written.
    """
    made = files(options)
    for old in (directory / "dashboards").glob("*.json"):
        if f"dashboards/{old.name}" not in made:
            old.unlink()
    written = []
    for name, text in sorted(made.items()):
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written


def _yaml(document: Any) -> str:
    text: str = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return text


def _provider(options: Options) -> str:
    return _HEADER + _yaml(
        {
            "apiVersion": 1,
            "providers": [
                {
                    "name": options.uid("dashboards"),
                    "orgId": 1,
                    "folder": options.folder,
                    "type": "file",
                    "disableDeletion": False,
                    "allowUiUpdates": False,
                    "updateIntervalSeconds": 60,
                    "options": {"path": "/etc/grafana/provisioning/dashboards"},
                }
            ],
        }
    )


def _datasource(options: Options) -> str:
    return _HEADER + _yaml(
        {
            "apiVersion": 1,
            "datasources": [
                {
                    "name": options.folder,
                    "uid": options.datasource_uid,
                    "type": DATASOURCE,
                    "access": "proxy",
                    "isDefault": True,
                    "jsonData": {
                        "host": "clickhouse",
                        "port": 9000,
                        "protocol": "native",
                        "username": "grafana",
                        "defaultDatabase": "ai_feedback",
                        "queryTimeout": 60,
                        # A limit would cut the rows of rules without a word.
                        "enableRowLimit": False,
                    },
                    "secureJsonData": {"password": "$__file{/run/secrets/clickhouse_grafana}"},
                }
            ],
        }
    )


def _rules(options: Options) -> str:
    """The rules, each under a comment that says what no field of it can."""
    lines = [_HEADER, "apiVersion: 1\n", "groups:\n"]
    chosen = rules(options.thresholds)
    for every, name in _NAMES.items():
        group = [rule for rule in chosen if rule.every == every]
        lines.append(
            _indented(
                _yaml(
                    [
                        {
                            "orgId": 1,
                            "name": options.uid(name),
                            "folder": options.folder,
                            "interval": f"{every}s",
                        }
                    ]
                ),
                2,
            )
        )
        lines.append("    rules:\n")
        for rule in group:
            lines += [
                f"      # {rule.question}\n",
                f"      # Fires {'above' if rule.above else 'below'} {rule.threshold:g}. "
                f"{rule.why}\n",
                f"      # False alarms a month: {rule.false_alarms}.\n",
                f"      # No data is {rule.no_data}: {rule.why_no_data}\n",
                "      # An error is an alert of its own: then nobody looks.\n",
                _indented(_yaml([_rule(rule, options)]), 6),
            ]
    return "".join(lines)


def _indented(text: str, columns: int) -> str:
    return "".join(f"{' ' * columns}{line}\n" if line else "\n" for line in text.splitlines())


def _rule(rule: Rule, options: Options) -> dict[str, Any]:
    board, panel = rule.panel
    return {
        "uid": options.uid(rule.name),
        "title": rule.name,
        "condition": "fires",
        "data": [
            *_numbers("A", rule.sql, options),
            *(
                part
                for letter in rule.more
                for part in _numbers(letter, rule.more_sql(letter), options)
            ),
            _expression(
                "fires",
                {
                    "type": "threshold",
                    "expression": "A",
                    "conditions": [
                        {
                            "evaluator": {
                                "type": "gt" if rule.above else "lt",
                                "params": [rule.threshold],
                            }
                        }
                    ],
                },
            ),
        ],
        "noDataState": rule.no_data,
        "execErrState": rule.on_error,
        "for": f"{rule.for_seconds}s",
        "annotations": {
            "summary": _templated(rule),
            "description": rule.why,
            "runbook_url": f"{options.url}/runbooks/{rule.name}",
            "rows_url": f"{options.url}/outputs?group={_GROUP}",
        },
        "labels": {"severity": rule.severity, "owner": rule.owner},
        "dashboardUid": options.uid(board),
        "panelId": panel_id(board, panel),
        "isPaused": False,
    }


# Escaped twice, as a slash in a name must not part it from the next.
_GROUP: Final = "%2F".join(
    f"{{{{ urlquery (urlquery .Labels.{name}) }}}}"
    for name in ("service", "environment", "feature")
)


def _templated(rule: Rule) -> str:
    """The rule's sentence in Go's templates: a capital letter is a number, a word a label."""

    def templated(match: re.Match[str]) -> str:
        name = match[1]
        if name.isupper():
            return f'{{{{ printf "%.3g" .Values.{name}.Value }}}}'
        return f"{{{{ .Labels.{name} }}}}"

    return _PLACE.sub(templated, rule.summary)


def _numbers(letter: str, sql: str, options: Options) -> list[dict[str, Any]]:
    """A query, and what makes one number of each of its series."""
    query = f"{letter}_rows"
    return [
        {
            "refId": query,
            "relativeTimeRange": {"from": 3600, "to": 0},
            "datasourceUid": options.datasource_uid,
            "model": {
                "refId": query,
                "datasource": {"type": DATASOURCE, "uid": options.datasource_uid},
                "editorType": "sql",
                "format": 1,
                "queryType": "table",
                "rawSql": sql,
            },
        },
        _expression(letter, {"type": "reduce", "expression": query, "reducer": "last"}),
    ]


def _expression(letter: str, model: dict[str, Any]) -> dict[str, Any]:
    return {
        "refId": letter,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": _EXPRESSION,
        "model": {
            "refId": letter,
            "datasource": {"type": _EXPRESSION, "uid": _EXPRESSION},
            **model,
        },
    }
