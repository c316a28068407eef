"""``compare``: is B better than A? Two models, releases, prompts, features or flag variants."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from otel_ai_feedback import formats
from otel_ai_feedback.cli.command import Commands, day
from otel_ai_feedback.cli.opened import opened
from otel_ai_feedback.cli.output import MISUSED, CommandError, print_json, print_line
from otel_ai_feedback.config import Settings
from otel_ai_feedback.intervals.clustered import NOTABLE_DESIGN_EFFECT

if TYPE_CHECKING:
    from otel_ai_feedback.compare.comparison import Comparison
    from otel_ai_feedback.intervals import Proportion


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
        help="model, release, prompt_version, prompt_name, feature, flag:KEY, or days",
    )
    command.add_argument("--a", metavar="VALUE", required=True, help="the version in use")
    command.add_argument("--b", metavar="VALUE", required=True, help="the candidate")
    command.add_argument(
        "--signal",
        metavar="NAME",
        action="append",
        default=[],
        help="a signal, or quality, that decides; all by default",
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
    from otel_ai_feedback.compare.arms import Arms
    from otel_ai_feedback.compare.document import document
    from otel_ai_feedback.compare.verdict import Floor
    from otel_ai_feedback.store.ask import ask

    by, _, flag = options.by.partition(":")
    now = datetime.now(timezone.utc)
    try:
        arms = Arms(
            options.service, by, options.a, options.b, flag, options.environment, options.feature
        )
    except ValueError as error:
        raise CommandError(f"{error}", MISUSED) from error
    unknown = [name for name in options.signal if name not in comparison.known_measures()]
    if unknown:
        raise CommandError(f"--signal: there is no {unknown[0]!r}", MISUSED)
    if options.days < 1:
        raise CommandError("--days must be 1 or more", MISUSED)
    if options.split is not None and not 0 < options.split < 1:
        raise CommandError("--split must lie between 0 and 1", MISUSED)
    until = options.until or now.astimezone(ZoneInfo(settings.timezone)).date()
    since = options.since or comparison.default_since(until, options.days)
    with opened(settings, migrated=True) as client:
        found = comparison.compare(
            partial(ask, client),
            comparison.Question(
                arms,
                since=since,
                until=until,
                as_of=now,
                planned_days=options.days,
                measures=tuple(options.signal),
                planned_share=options.split,
                floor=Floor(*settings.effect_floor),
            ),
        )
    if options.json:
        print_json(document(found))
    else:
        _print(found)
    return found.exit_code


def _print(found: Comparison) -> None:
    print_line(found.sentence)
    for one in found.measures:
        print_line(
            f"  {one.measure.label}: {_rate(one.a)} in A, {_rate(one.b)} in B. {one.sentence}"
        )
        if max(one.a.design_effect, one.b.design_effect) > NOTABLE_DESIGN_EFFECT:
            print_line(
                f"    About as precise as {formats.count(one.a.n_effective)} and "
                f"{formats.count(one.b.n_effective)} independent answers: few users give many "
                "of them."
            )
    for per_used, what, shown in (
        (found.seconds, "Time", formats.duration),
        (found.cost, "Cost", formats.number),
    ):
        if per_used:
            print_line(
                f"  {what} per used answer: {shown(per_used.a[0])} in A, "
                f"{shown(per_used.b[0])} in B."
            )
    for finding in found.findings:
        print_line(f"  {finding.message}")


def _rate(rate: Proportion) -> str:
    return f"{formats.percent(rate.value)} of {formats.count(rate.counts.counted)}"
