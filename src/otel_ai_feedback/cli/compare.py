"""``compare``: is B better than A? Two models, releases, prompts, features or flag variants."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from otel_ai_feedback.cli.command import Commands, day
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings

if TYPE_CHECKING:
    from otel_ai_feedback.compare.comparison import Compared, Comparison


def add(commands: Commands) -> None:
    """Declare the command."""
    command = commands.add(
        "compare",
        run,
        "Compare two versions: 0 when B is not worse, 1 when it is, 3 when it is too early to say.",
        extra="store",
    )
    command.add_argument("--service", metavar="NAME", required=True, help="service to look at")
    command.add_argument("--environment", metavar="NAME", default="", help="all by default")
    command.add_argument("--feature", metavar="NAME", default="", help="all by default")
    command.add_argument(
        "--by",
        metavar="KIND",
        required=True,
        help="model, release, prompt_version, feature, flag:KEY, or days",
    )
    command.add_argument("--a", metavar="VALUE", required=True, help="what is there already")
    command.add_argument("--b", metavar="VALUE", required=True, help="what may replace it")
    command.add_argument(
        "--signal", metavar="NAME", action="append", default=[], help="decides; all by default"
    )
    command.add_argument(
        "--since", metavar="DAY", type=day, help="first day; DAYS before the last by default"
    )
    command.add_argument("--until", metavar="DAY", type=day, help="last day; today by default")
    command.add_argument(
        "--days", metavar="N", type=int, default=28, help="how long it is to take (default: 28)"
    )
    command.add_argument(
        "--split", metavar="SHARE", type=float, help="planned share of users in B, such as .5"
    )


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Print the verdict and what it is made of."""
    from otel_ai_feedback.compare import comparison
    from otel_ai_feedback.compare.arms import Arms, window
    from otel_ai_feedback.signals import NAMES

    by, _, flag = options.by.partition(":")
    now = datetime.now(timezone.utc)
    try:
        arms = Arms(
            options.service, by, options.a, options.b, flag, options.environment, options.feature
        )
        if by == "days":
            window(options.a), window(options.b)
    except ValueError as error:
        raise CommandError(f"{error}", MISUSED) from error
    unknown = [name for name in options.signal if name not in NAMES]
    if unknown:
        raise CommandError(f"--signal: there is no {unknown[0]!r}", MISUSED)
    if options.days < 1:
        raise CommandError("--days must be 1 or more", MISUSED)
    if options.split is not None and not 0 < options.split < 1:
        raise CommandError("--split must lie between 0 and 1", MISUSED)
    until = options.until or now.date()
    since = options.since or until - timedelta(days=options.days - 1)
    with opened(settings, migrated=True) as client:
        found = comparison.compare(
            client,
            arms,
            since=since,
            until=until,
            as_of=now,
            planned_days=options.days,
            signals=tuple(options.signal),
            planned_share=options.split,
        )
    if options.json:
        print_json(_document(found))
    else:
        _print(found)
    return found.exit_code


def _print(found: Comparison) -> None:
    print_line(found.sentence)
    for one in found.signals:
        print_line(f"  {one.signal}: {_rate(one.a)} in A, {_rate(one.b)} in B. {one.sentence}")
        if max(one.a.design_effect, one.b.design_effect) > 1.5:
            print_line(
                f"    About as precise as {one.a.n_effective:,.0f} and {one.b.n_effective:,.0f} "
                "independent answers: few users give many of them."
            )
    for finding in found.findings:
        print_line(f"  {finding.message}")


def _rate(rate: Any) -> str:
    return f"{100 * rate.value:.1f} % of {rate.counts.counted:,.0f}"


def _document(found: Comparison) -> dict[str, Any]:
    return {
        "service": found.arms.service,
        "by": found.arms.by,
        "a": found.arms.a,
        "b": found.arms.b,
        "since": f"{found.since}",
        "until": f"{found.until}",
        "planned_days": found.planned_days,
        "interval": "daily looks" if found.looked_daily else "one look",
        "outcome": found.judged.outcome.value,
        "not_worse": found.judged.not_worse,
        "sentence": found.sentence,
        "seconds_per_used_answer": {"a": found.seconds[0], "b": found.seconds[1]},
        "signals": [_signal(one) for one in found.signals],
        "findings": [
            {"check": finding.check, "message": finding.message} for finding in found.findings
        ],
    }


def _signal(one: Compared) -> dict[str, Any]:
    return {
        "signal": one.signal,
        **{
            arm: {
                "n": rate.counts.counted,
                "n_effective": rate.n_effective,
                "rate": rate.value,
                "low": rate.low,
                "high": rate.high,
            }
            for arm, rate in (("a", one.a), ("b", one.b))
        },
        "difference": one.difference.value,
        "interval_one_look": list(one.fixed),
        "interval_daily_looks": list(one.daily),
        "adjusted_for_the_past_by": one.difference.past,
        "q_value": one.q_value,
        "smallest_detectable": one.smallest,
        "days_left": one.days_left,
        "outcome": one.judged.outcome.value,
        "not_worse": one.judged.not_worse,
        "sentence": one.sentence,
    }
