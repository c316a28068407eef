"""What a dashboard reports about itself, before it becomes Grafana's JSON."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["lines", "bars", "table", "heatmap"]


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        title: Its title.
        sql: Its statement, below ``sql/panels/``.
        kind: ``lines`` and ``bars`` over time, where ``low`` and ``high`` are thin lines and ``n``
            is shown beside the point, a ``table``, or a ``heatmap`` over time.
        unit: Unit of its numbers, in Grafana's words.
        reading: How to read it, in whole sentences.
        width: Of 24 columns.
        height: In rows of 30 pixels.
        units: Units of columns of which the panel's own is not the right one.
        link: Where a number leads: a dashboard and the variables that go with it, in Grafana's
            words.
        least: Lower end of the axis.
        most: Upper end of the axis.
        step_days: Days from one point to the next; what is farther apart is a gap.
        main: The column whose lines are named after their label alone.
        label: The column that names the lines.
        interval: Whether it has the columns ``low`` and ``high``, as thin lines.
        dashed: A column with a dashed line: what the main one is compared with.
    """

    title: str
    sql: str
    kind: Kind
    unit: str
    reading: str
    width: int = 12
    height: int = 9
    units: Mapping[str, str] = field(default_factory=dict)
    link: tuple[str, str] | None = None
    least: float | None = 0
    most: float | None = None
    step_days: float = 1
    main: str = ""
    label: str = "series"
    interval: bool = False
    dashed: str = ""


@dataclass(frozen=True)
class Board:
    """One dashboard.

    Attributes:
        name: Last part of its address.
        title: Its title.
        about: What it is for, in a sentence.
        panels: Its panels, in the order of reading.
        variables: Names of the query variables, in the order in which they are chosen.
        pick: Variables with a list of values that is known when the board is built, the first one
            chosen at first.
        single: Query variables of which exactly one value is chosen, with the one at first.
        texts: Variables that are typed or come with a link.
        days: How many days it shows at first.
    """

    name: str
    title: str
    about: str
    panels: tuple[Panel, ...]
    variables: tuple[str, ...] = ("service", "environment", "feature", "model", "release")
    pick: Mapping[str, Callable[[], Collection[str]]] = field(default_factory=dict)
    single: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    days: int = 28
