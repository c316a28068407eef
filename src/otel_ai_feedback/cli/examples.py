"""What people type most, command by command; ``--help`` shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

EXAMPLES: Final[Mapping[str, Sequence[str]]] = {
    "serve": ("serve", "serve --listen 127.0.0.1:0 --store chdb:///tmp/ai-feedback-trial"),
    "doctor": ("doctor", "doctor --page https://app.example.com/ --no-probe"),
    "migrate": (
        "migrate --store https://admin:secret@clickhouse:8443/ai_feedback",
        "migrate --roles --user grafana=grafana:/run/secrets/grafana",
    ),
    "query": (
        "query 'select feature, count() from outputs group by feature'",
        "query --format CSV - < rates.sql",
    ),
    "reference": ("reference import prompts.jsonl --service support --set main",),
    "accept": ("accept --service support --series copied --reason 'shorter answers' --author Ana",),
    "import": ("import langfuse --url https://langfuse.example.com --since 2026-11-01",),
    "erase": ("erase --subject user-1234 --dry-run", "erase --subject user-1234"),
    "backup": ("backup", "backup --full"),
    "export": ("export --all /backup/2026-11-24", "export --parquet /warehouse --since 2026-11-01"),
    "restore": ("restore /backup/2026-11-24 --store chdb:///var/lib/otel-ai-feedback",),
    "draw": ("draw", "draw --explain 4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"),
    "review": (
        "review export reviewed.jsonl --since 2026-11-01",
        "review import verdicts.csv",
    ),
    "modes": (
        "modes list",
        "modes merge 'wrong date' 'wrong year' --into 'wrong fact' --author Ana",
    ),
    "judges": ("judges", "judges --json"),
    "report": ("report", "report --week 2026-11-23 --output report.html"),
    "compare": ("compare --service support --by release --a 1.3.1 --b 1.4.0",),
    "check": ("check", "check --json --url https://feedback.example.com"),
    "grafana": ("grafana --output grafana --url https://feedback.example.com",),
    "triage": (
        "triage init",
        "triage list",
        "triage ack 3f9c2a71b0de --author Ana",
    ),
    "demo": ("demo", "demo --once --json"),
    "completion": (
        "completion bash > ~/.local/share/bash-completion/completions/otel-ai-feedback",
        "completion zsh > ~/.zfunc/_otel-ai-feedback",
    ),
}
"""Each without the program's name."""


def epilog(program: str, command: str) -> str:
    """The end of a command's ``--help``."""
    lines = "\n".join(f"  {program} {line}" for line in EXAMPLES[command])
    return f"examples:\n{lines}"
