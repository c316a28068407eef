"""Write into docs/ what can be read from the code: ``python docs/make/reference.py``.

Settings, commands and their options, the views of the store, the alert rules. A page keeps its own
words; what stands between ``<!-- made: NAME -->`` and ``<!-- end -->`` is written here, and
``tests/docs`` fails while it is not what the code says.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from otel_ai_feedback import cli, evaluators, signals
from otel_ai_feedback.alerts.rule import Rule
from otel_ai_feedback.alerts.rules import RULES
from otel_ai_feedback.config import PREFIX, Settings, load
from otel_ai_feedback.store import carriers
from otel_ai_feedback.store.relations import Relation, views
from otel_ai_feedback.warehouse.datasets import DATASETS

DOCS: Final = Path(__file__).parents[1]
_BLOCK: Final = re.compile(
    r"(<!-- made: ([a-z-]+)(?: ([a-z-]+))? -->\n).*?(<!-- end -->)", re.DOTALL
)
# `triage` has them behind its actions too.
_SHARED: Final = ("--help", "--store", "--timezone", "--json", "--verbose")


def settings() -> str:
    """Every setting with its default and its meaning, from the docstring of ``Settings``."""
    with tempfile.TemporaryDirectory() as nothing:
        defaults = load(environ={}, directory=Path(nothing))
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, text in described(Settings.__doc__ or "").items():
        meaning, _, told = text.partition(" Default: ")
        default = told.removesuffix(".") or f"`{_shown(getattr(defaults, name))}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {meaning.removesuffix('.')} |")
    return "\n".join(lines)


def listed_signals() -> str:
    """Every signal, what it means, and which way is good."""
    way = {"high": "higher", "low": "lower", "neither": "–"}
    lines = ["| signal | counts | good | among |", "|---|---|---|---|"]
    for signal in signals.BY_NAME.values():
        among = signals.EXPOSURES[signal.exposure]
        lines.append(f"| `{signal.name}` | {signal.meaning} | {way[signal.good]} | {among} |")
    return "\n".join(lines)


def sources() -> str:
    """What is read of other tools, and what it becomes."""
    lines = ["| source | read | becomes | by | good | linked by |", "|---|---|---|---|---|---|"]
    for each in carriers.SOURCES:
        said = each.label if each.score is None else f"{each.score:g} {each.label}".strip()
        good = "yes" if each.passed else "no"
        lines.append(
            f"| `{each.carrier}` | {each.read} | `{each.name}` {said} | {each.kind} | {good} "
            f"| {each.linked} |"
        )
    return "\n".join(lines)


def warehouse(name: str) -> str:
    """The columns of a dataset for warehouses."""
    (dataset,) = (each for each in DATASETS if each.name == name)
    lines = [f"A row is {dataset.row}; `{dataset.key}` names it.", ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    for column in dataset.columns:
        may_be_empty = ", or null" if column.nullable else ""
        lines.append(f"| `{column.name}` | {column.type}{may_be_empty} | {column.meaning} |")
    return "\n".join(lines)


def evaluator_names() -> str:
    """What the names of results mean that are no judge's, or good when low."""
    lines = ["| name | by | good |", "|---|---|---|"]
    way = {"high": "from .5 on", "low": "below .5"}
    rows = (f"| `{e.name}` | {e.kind} | {way[e.good]} |" for e in evaluators.BUILT_IN)
    return "\n".join([*lines, *rows])


def own_exposures() -> str:
    """What the rate of a signal of one's own may be over."""
    lines = ["| exposure | the rate is over |", "|---|---|"]
    rows = (f"| `{each}` | {signals.EXPOSURES[each]} |" for each in signals.OWN_EXPOSURES)
    return "\n".join([*lines, *rows])


def described(docstring: str) -> dict[str, str]:
    """What a docstring says of each attribute, as Markdown: pages that it names are links."""
    listed = docstring.partition("Attributes:\n")[2]
    found = re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", listed, re.MULTILINE)
    return {name: _markdown(" ".join(text.split())) for name, text in found}


def _markdown(text: str) -> str:
    def link(page: re.Match[str]) -> str:
        if not page["anchor"]:
            return f"[{page['name']}]({page['name']}.md)"
        return f"[{_heading(page['name'], page['anchor'])}]({page['name']}.md#{page['anchor']})"

    text = re.sub(r"docs/(?P<name>[\w-]+)\.md(?:#(?P<anchor>[\w-]+))?", link, text)
    return text.replace("``", "`")


def _heading(page: str, anchor: str) -> str:
    """The words of a heading, by its anchor."""
    for line in (DOCS / f"{page}.md").read_text().splitlines():
        words = line.lstrip("#").strip()
        if (
            line.startswith("#")
            and re.sub(r"[^\w -]", "", words.lower()).replace(" ", "-") == anchor
        ):
            return words
    raise KeyError(f"docs/{page}.md#{anchor}")


def _shown(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def commands() -> str:
    """Every command, what it does, and the extra that it needs."""
    lines = ["| command | does | extra |", "|---|---|---|"]
    for name, (summary, command) in _commands().items():
        extra = command.get_default("extra")
        lines.append(f"| [`{name}`](#{name}) | {summary} | `{extra}` |")
    return "\n".join(lines)


def command(name: str) -> str:
    """How a command is called, and each of its options."""
    parts = list(_parts(_commands()[name][1]))
    usage = "\n".join(["```", *(_usage(part) for part in parts), "```"])
    rows: dict[str, str] = {}
    for part in parts:
        for option in part._actions:
            if option.help is not argparse.SUPPRESS and (label := _label(option)):
                # One that several actions have is explained once.
                rows.setdefault(label, _help(option))
    if not rows:
        return usage
    table = ["| option | meaning |", "|---|---|"]
    return "\n".join(
        [usage, "", *table, *(f"| {label} | {text} |" for label, text in rows.items())]
    )


def _commands() -> dict[str, tuple[str, argparse.ArgumentParser]]:
    subparsers = _subparsers(cli._parser())
    assert subparsers is not None
    summaries = {choice.dest: choice.help or "" for choice in subparsers._choices_actions}
    return {name: (summaries[name], parser) for name, parser in subparsers.choices.items()}


def _subparsers(parser: argparse.ArgumentParser) -> Any:
    found = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return next(found, None)


def _parts(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser itself, or one for each of its actions."""
    subparsers = _subparsers(parser)
    yield from subparsers.choices.values() if subparsers else (parser,)


def _usage(parser: argparse.ArgumentParser) -> str:
    words = []
    one_of = {a: group for group in parser._mutually_exclusive_groups for a in group._group_actions}
    for option in parser._actions:
        if option.help is argparse.SUPPRESS or set(option.option_strings) & set(_SHARED):
            continue
        word = option.option_strings[0] if option.option_strings else ""
        if not option.option_strings or option.nargs != 0:
            word = f"{word} {_value(option)}".strip()
        if option.nargs == "*" or isinstance(option, argparse._AppendAction):
            word += " ..."
        needed = option.required and option.nargs != "*"
        if group := one_of.get(option):
            first, last = group._group_actions[0] is option, group._group_actions[-1] is option
            opened, closed = "()" if group.required else "[]"
            words.append(f"{opened if first else '| '}{word}{closed if last else ''}")
        else:
            words.append(word if needed else f"[{word}]")
    return " ".join([parser.prog, *words])


def _value(option: argparse.Action) -> str:
    if option.choices:
        return "|".join(map(str, option.choices))
    shown = option.metavar or option.dest.upper()
    return f"[{shown}]" if option.nargs == "?" and option.option_strings else str(shown)


def _label(option: argparse.Action) -> str:
    if set(option.option_strings) & set(_SHARED) or isinstance(option, argparse._SubParsersAction):
        return ""
    value = f" {_value(option)}" if option.option_strings and option.nargs != 0 else ""
    return f"`{(option.option_strings or [_value(option)])[0]}{value}`".replace("|", "\\|")


def _help(option: argparse.Action) -> str:
    return (option.help or "").replace("|", "\\|").replace("<", "&lt;")


_NOW: Final = re.compile(r"(_at|_within)$")


def views_to_read() -> str:
    """The views that answer as of now, each with those that ask for other times or days."""
    return _views(lambda family: family[0].name == _NOW.sub("", family[0].name))


def views_beneath() -> str:
    """The views of which the others are made: they exist with parameters only."""
    return _views(lambda family: family[0].name != _NOW.sub("", family[0].name))


def _views(chosen: Callable[[list[Relation]], bool]) -> str:
    families: dict[str, list[Relation]] = {}
    for view in sorted(views(), key=_view_place):
        families.setdefault(_NOW.sub("", view.name), []).append(view)
    lines = ["| view | question |", "|---|---|"]
    for family in filter(chosen, families.values()):
        main, *others = family
        also = ", ".join(f"`{_called(other)}`" for other in others)
        text = f"{main.question} Also {also}." if also else main.question
        lines.append(f"| `{_called(main)}` | {text} |")
    return "\n".join(lines)


def _parameter_place(name: str) -> tuple[int, str]:
    """Where a parameter stands: the time, the days, then what else there is."""
    first = ("as_of", "since", "until")
    return (first.index(name) if name in first else len(first), name)


def _view_place(view: Relation) -> tuple[str, int]:
    """Where a view stands: by room and topic, and of a family the one as of now first."""
    name = _NOW.sub("", view.name)
    room = ("store", "review", "triage", "health").index(view.room)
    folder = view.statement.path.rpartition("/")[0]
    return f"{room} {folder} {name}", len(view.name)


def _called(view: Relation) -> str:
    parameters = sorted(set(re.findall(r"\{(\w+):", view.text)), key=_parameter_place)
    return f"{view.name}({', '.join(parameters)})" if parameters else view.name


def alerts() -> str:
    """Every alert rule in a line."""
    lines = ["| rule | severity | owner | question |", "|---|---|---|---|"]
    for rule in RULES:
        name = f"[`{rule.name}`](alerts.md#{rule.name})"
        lines.append(f"| {name} | {rule.severity} | {rule.owner} | {_question(rule)} |")
    return "\n".join(lines)


def rules() -> str:
    """Every alert rule in full."""
    return "\n\n".join(map(_rule, RULES))


def _rule(rule: Rule) -> str:
    board, panel = rule.panel
    waits = f"after {_time(rule.for_seconds)}" if rule.for_seconds else "at once"
    rows = {
        "severity, owner": f"{rule.severity}, {rule.owner}",
        "fires": f"{'above' if rule.above else 'below'} {rule.threshold:g}, {waits}; "
        f"asked every {_time(rule.every)}",
        "why there": rule.why,
        "no data": f"{rule.no_data}. {rule.why_no_data}",
        "false alerts a month": rule.false_alarms,
        "panel": f"[{panel}](dashboards/{board}.md)",
        "what to do": f"[runbook](runbooks/{rule.name}.md)",
    }
    table = [f"| {name} | {_markdown(text)} |" for name, text in rows.items()]
    return "\n".join([f"## {rule.name}", "", _question(rule), "", "| | |", "|---|---|", *table])


def _question(rule: Rule) -> str:
    """The first sentence above its statement."""
    comment = re.match(r"(?:--[^\n]*\n)+", rule.sql)
    assert comment is not None, rule.name
    first = re.sub(r"^-- ?", "", comment[0], flags=re.MULTILINE).partition("\n\n")[0]
    return " ".join(first.split()).removesuffix(" 1 is yes.")


def _time(seconds: int) -> str:
    minutes = seconds // 60
    return "hour" if minutes == 60 else f"{minutes} minutes"


MADE: Final[dict[str, Callable[..., str]]] = {
    "settings": settings,
    "signals": listed_signals,
    "sources": sources,
    "warehouse": warehouse,
    "evaluators": evaluator_names,
    "own-exposures": own_exposures,
    "commands": commands,
    "command": command,
    "views": views_to_read,
    "views-beneath": views_beneath,
    "alerts": alerts,
    "rules": rules,
}


def rendered(page: str) -> str:
    """A page with each of its blocks as the code has it now.

    Raises:
        KeyError: A block has a name that nothing here writes.
    """

    def block(found: re.Match[str]) -> str:
        argument = [found[3]] if found[3] else []
        return f"{found[1]}\n{MADE[found[2]](*argument)}\n\n{found[4]}"

    return _BLOCK.sub(block, page)


def main() -> int:
    """Write the pages; with ``--check`` only say which are not up to date."""
    stale = []
    for file in sorted(DOCS.rglob("*.md")):
        if (made := rendered(page := file.read_text())) != page:
            stale.append(file)
            if "--check" not in sys.argv:
                file.write_text(made)
    for file in stale:
        sys.stdout.write(f"{file}\n")
    return int("--check" in sys.argv and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main())
