"""The first page: how each feature stands, and each signal over time and by model."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from otel_ai_feedback import formats
from otel_ai_feedback.pages import chart
from otel_ai_feedback.pages.arrivals import arrivals
from otel_ai_feedback.pages.chart import Period, Point
from otel_ai_feedback.pages.filters import DAYS, Filter
from otel_ai_feedback.pages.inventory import inventory
from otel_ai_feedback.pages.model_rates import ModelRate, model_rates, rate_of
from otel_ai_feedback.pages.questions import Questions
from otel_ai_feedback.pages.render import Pages
from otel_ai_feedback.pages.standing import standings
from otel_ai_feedback.pages.waiting import waiting
from otel_ai_feedback.signals import BY_NAME, Signal
from otel_ai_feedback.store.ask import Row
from otel_ai_feedback.store.rates import Rate

SIGNIFICANT: Final = 0.05
"""Up to this q a rate is coloured: of those that are, one in twenty is expected to be luck."""


# More features than fit a page have one of their own each, by the choice above.
_FEATURES: Final = 20


@dataclass
class SeriesRates:
    """The rates of one series.

    Attributes:
        points: Day by day.
        models: Model by model.
        all: Of all days together.
    """

    points: list[Point] = field(default_factory=list)
    models: list[ModelRate] = field(default_factory=list)
    all: Rate | None = None


@dataclass(frozen=True)
class Card:
    """One series in the row of small charts."""

    series: Signal
    rate: Rate
    line: Markup
    link: str
    chosen: bool


@dataclass(frozen=True)
class ModelRow:
    """One model in the comparison."""

    model: str
    rate: Rate
    q: float | None
    tone: str
    mark: Markup
    link: str


@dataclass(frozen=True)
class Losses:
    """User actions that pages could not deliver.

    Attributes:
        lost: How many.
        share: Of all that they had to deliver.
        worst: The browser with the greatest share.
        worst_share: That share.
        bounds: The least and greatest that the shown rate can be with them.
    """

    lost: int
    share: float
    worst: str
    worst_share: float
    bounds: tuple[float, float]


class Overview:
    """The page ``/``.

    Args:
        questions: Where the numbers come from.
        pages: How they become HTML.
    """

    def __init__(self, questions: Questions, pages: Pages) -> None:
        self._questions = questions
        self._pages = pages

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        today = self._pages.today()
        chosen = Filter.parse(request.query_params)
        in_group = chosen.parameters(today)
        in_feature = asdict(chosen.group) | {"today": today}
        standing = [
            self._questions.ask(f"pages/overview_{name}", **in_feature)
            for name in ("quality", "signals", "incidents", "reviews", "changes", "hours")
        ]
        known, links, rates, losses, reasons, newest, *about = await asyncio.gather(
            self._questions.ask("pages/inventory", since=in_group["since"], today=today),
            self._questions.ask("pages/links", today=today, **asdict(chosen.group)),
            self._questions.ask("pages/rates", model=chosen.model, **in_group),
            self._questions.ask("pages/losses", since=in_group["since"], **asdict(chosen.group)),
            self._questions.ask("pages/reasons", since=in_group["since"], **asdict(chosen.group)),
            self._questions.ask("pages/newest_day", until=today + timedelta(days=1)),
            *standing,
        )
        if not (known or newest):
            arrived = arrivals(await self._questions.ask("pages/arrivals", hours=1))
            return waiting(self._pages, arrived)
        by_series = _by_series(rates)
        period = Period.around(
            chain.from_iterable(series.points for series in by_series.values()),
            chosen.since(today),
            today,
        )
        cards = list(_cards(by_series, period, chosen))
        shown = next((card for card in cards if card.chosen), None)
        there = by_series[shown.series.name] if shown else SeriesRates()
        there_is = inventory(known, chosen)
        features = [chosen.group] if chosen.group else there_is.groups[:_FEATURES]
        return self._pages.render(
            "overview.html",
            filter=chosen,
            inventory=there_is,
            standings=standings(features, today, *about),
            windows=DAYS,
            links=links[0],
            cards=cards,
            shown=shown,
            trend=_trend(shown, there.points, period) if shown else "",
            points=there.points,
            losses=_losses(shown, losses) if shown else None,
            reasons=reasons,
            comparison=list(_comparison(shown.series, there.models, chosen)) if shown else [],
        )


def _by_series(rows: Iterable[Row]) -> dict[str, SeriesRates]:
    found: dict[str, SeriesRates] = defaultdict(SeriesRates)
    by_model: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["part"] == "model":
            by_model[row["series"]].append(row)
        elif row["part"] == "day":
            found[row["series"]].points.append(Point(row["day"], rate_of(row)))
        else:
            found[row["series"]].all = rate_of(row)
    for series, models in by_model.items():
        found[series].models = model_rates(models)
    return found


def _cards(by_series: dict[str, SeriesRates], period: Period, chosen: Filter) -> Iterator[Card]:
    present = [series for series in BY_NAME.values() if by_series[series.name].points]
    names = [series.name for series in present]
    shown = chosen.series if chosen.series in names else next(iter(names), "")
    for series in present:
        points, rate = by_series[series.name].points, by_series[series.name].all
        if rate is None:
            continue
        yield Card(
            series=series,
            rate=rate,
            line=chart.sparkline(points, period, series.days),
            link=chosen.link(series=series.name),
            chosen=series.name == shown,
        )


def _trend(card: Card, points: Sequence[Point], period: Period) -> Markup:
    title = (
        f"{card.series.label} by day: {formats.percent(card.rate.value)} overall, "
        f"{card.rate.k} of {card.rate.n} answers; see the table below"
    )
    return chart.trend(points, period, title, card.series.days)


def _losses(card: Card, rows: Sequence[Row]) -> Losses | None:
    """What was lost, where it could move a rate by more than chance does."""
    lost = sum(row["lost"] for row in rows)
    bounds = card.rate.with_lost(lost)
    is_reported_by_pages = card.series.exposure in ("page", "control")
    if not is_reported_by_pages or (card.rate.low <= bounds[0] and bounds[1] <= card.rate.high):
        return None
    shares = {row["browser"]: row["lost"] / (row["lost"] + row["actions"]) for row in rows}
    worst = max(shares, key=shares.__getitem__)
    return Losses(
        lost=lost,
        share=lost / (lost + sum(row["actions"] for row in rows)),
        worst=worst,
        worst_share=shares[worst],
        bounds=bounds,
    )


def _comparison(series: Signal, models: Sequence[ModelRate], chosen: Filter) -> Iterator[ModelRow]:
    weights = [model.rate.weights for model in models]
    overall = sum(k for k, _, _ in weights) / sum(n for _, n, _ in weights)
    end = chart.top([model.rate for model in models])
    # By the lower end, so that three lucky outputs do not make a winner.
    for row in sorted(models, key=lambda row: (-row.rate.low, -row.rate.value, row.model)):
        tone = _tone(row, series)
        yield ModelRow(
            model=row.model,
            rate=row.rate,
            q=row.q,
            tone=tone,
            mark=chart.whisker(row.rate, overall, end, tone),
            link=chosen.link(model=row.model, series=series.name),
        )


def _tone(row: ModelRate, series: Signal) -> str:
    if row.q is None or row.others is None or row.q > SIGNIFICANT or series.good == "neither":
        return "same"
    above = row.rate.value > row.others
    return "better" if above == (series.good == "high") else "worse"
