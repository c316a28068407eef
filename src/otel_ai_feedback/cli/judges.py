"""``judges``: how often judges agree with reviewers, and what each signal says about quality."""

from __future__ import annotations

import argparse
from typing import Any

from otel_ai_feedback.cli.command import Commands
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import print_json, print_line
from otel_ai_feedback.config import Settings
from otel_ai_feedback.formats import interval, number, percent, plural


def add(commands: Commands) -> None:
    """Declare the command."""
    commands.add(
        "judges",
        run,
        "Compare judges and signals with reviewers' verdicts.",
        extra="store",
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print the audit of each judge, and signals by what they say about quality."""
    from otel_ai_feedback.store.ask import ask

    with opened(settings, migrated=True) as client:
        audits = ask(client, "review/judge_audit")
        signals = ask(client, "review/signal_information")
        tightened = ask(client, "review/quality_tightened")
    if options.json:
        print_json({"judges": audits, "signals": signals, "quality": tightened})
        return 0
    if not audits:
        print_line("No judge has scored a reviewed answer yet (docs/evaluations.md).")
    for row in audits:
        print_line(f"{_of(row)}: {_audit(row)}")
    for row in signals:
        print_line(
            f"{_of(row)}: {percent(row['p_good_with'])} of answers with it are good, "
            f"{percent(row['p_good_without'])} without it; {number(row['bits'])} bits "
            f"({plural(row['labels'], 'review')})"
        )
    for row in tightened:
        print_line(f"{_of(row)}: quality score {_quality(row)}")
    return 0


def _quality(row: dict[str, Any]) -> str:
    if row["reason"]:
        return f"with its help: {row['reason']}"
    return (
        f"{percent(row['quality'])} ({interval(row['low'], row['high'])}) with its help, "
        f"{percent(row['plain'])} ({interval(row['plain_low'], row['plain_high'])}) without"
    )


def _of(row: dict[str, Any]) -> str:
    name = " ".join(part for part in (row["name"], row["evaluator"]) if part)
    feature = row["feature"] or row["service"]
    return f"{feature} ({row['environment']}): {name}, {row['carrier']}"


def _audit(row: dict[str, Any]) -> str:
    if row["reason"]:
        return str(row["reason"])
    return (
        f"{_rate(row, 'agreement')} agreement; of good answers {_rate(row, 'true_positive')} pass, "
        f"of bad ones {_rate(row, 'true_negative')} are caught "
        f"({plural(row['labels'], 'review')})"
    )


def _rate(row: dict[str, Any], name: str) -> str:
    value = row[name if name in row else f"{name}_rate"]
    return f"{percent(value)} ({interval(row[f'{name}_low'], row[f'{name}_high'])})"
