"""One page of analytics: all figures of a period, and of the one it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from ...database import expect_fast_storage, run
from ...domain.periods import Period, Step, slices, step_for
from ...domain.statistics import ENOUGH, Share, share_of
from ...models import AnalyticsState, StaleBucket, StaleOrder
from .figures import Asked, Sums, read_asked, read_ordered, read_reasons, read_total
from .products import Product, read_products, read_top_reasons, read_variants
from .source import Flow, Scope
from .timing import Timings, read_timings

TRANSIT_DAYS = 7
"""After the return window a parcel may still be on its way to the customer when it begins."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A place, product or variant with its return rate. `key` is what filters call it."""

    key: str
    label: str
    share: Share
    image_url: str = ""
    top_reason: str = ""
    top_reason_units: int = 0


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of the chart; `is_open`: units ordered then can still come back."""

    period: Period
    share: Share
    before: Share | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Side:
    """The figures of one period that comparisons are made of."""

    period: Period
    total: Sums
    kept: int
    flow: Flow
    timings: Timings

    @property
    def rate(self) -> Share:
        """Units that came back, of those ordered in the period."""
        return share_of(self.flow.back, self.flow.sold)


@dataclass(frozen=True, slots=True)
class Report:
    """All a page of analytics shows, in numbers."""

    scope: Scope
    step: Step
    now: Side
    before: Side | None
    slices: list[Slice]
    asked: Asked
    reasons_by_slice: dict[str, list[int]]
    countries: list[Rate]
    categories: list[Rate]
    products: list[Rate]
    products_sold: int
    variants: list[Rate]
    is_stale: bool

    @property
    def is_empty(self) -> bool:
        """Nothing was sold in the period and nothing asked back."""
        return not (self.now.total.lines or self.now.flow.sold)


def make_report(
    scope: Scope, *, before: Period | None, today: date, window_days: int, products: int = 10
) -> Report:
    """Read everything of a page; a fixed number of queries."""
    expect_fast_storage()
    step = step_for(scope.period)
    ordered = read_ordered(scope, step)
    asked = read_asked(scope)
    kept = sum(group.sums.value for group in asked.by["resolution"] if group.key != "money")
    now = Side(scope.period, asked.total, kept, ordered.total, read_timings(scope))
    other, flows_before = _before(scope.during(before), step) if before else (None, [])
    ranked = rank_products(read_products(scope, back=now.flow.back))
    return Report(
        scope=scope,
        step=step,
        now=now,
        before=other,
        slices=_slices(
            scope.period, step, ordered.flows, flows_before, closed=closed_until(today, window_days)
        ),
        asked=asked,
        reasons_by_slice=read_reasons(scope, step),
        countries=_rates(ordered.places["country"]),
        categories=_rates(ordered.places["category"]),
        products=with_top_reasons(scope, ranked[:products]),
        products_sold=len(ranked),
        variants=_rates(read_variants(scope)) if scope.filters.product is not None else [],
        is_stale=is_stale(scope.shop_id),
    )


def _before(scope: Scope, step: Step) -> tuple[Side, list[Flow]]:
    """The side a period is compared with, and its slices."""
    ordered = read_ordered(scope, step)
    total, kept = read_total(scope)
    return Side(scope.period, total, kept, ordered.total, read_timings(scope)), ordered.flows


def closed_until(today: date, window_days: int) -> date:
    """The last day whose orders hardly come back any more: their return window is over."""
    return today - timedelta(days=window_days + TRANSIT_DAYS)


def _slices(
    period: Period, step: Step, flows: list[Flow], before: list[Flow], *, closed: date
) -> list[Slice]:
    return [
        Slice(
            part,
            share_of(flow.back, flow.sold),
            share_of(before[n].back, before[n].sold) if n < len(before) else None,
            is_open=part.last > closed,
        )
        for n, (part, flow) in enumerate(zip(slices(period, step), flows, strict=True))
    ]


def _rates(flows: dict[str, Flow]) -> list[Rate]:
    rates = [Rate(key, key, share_of(flow.back, flow.sold)) for key, flow in flows.items()]
    return sorted(rates, key=_by_certainty)


def _by_certainty(rate: Rate) -> tuple[bool, float, int, str]:
    """By the rate there is at least: 3 of 4 do not outrank 300 of 900. Nothing sold comes last."""
    return (rate.share.whole <= 0, -rate.share.low, -rate.share.whole, rate.label)


def rank_products(found: list[Product]) -> list[Rate]:
    """Products by the rate they have at least; those with too few sold come after the others."""
    rates = [
        Rate(str(each.id), each.title, share_of(each.back, each.sold), each.image_url)
        for each in found
    ]
    return sorted(rates, key=lambda rate: (rate.share.whole < ENOUGH, *_by_certainty(rate)))


def with_top_reasons(scope: Scope, rates: list[Rate]) -> list[Rate]:
    """The same, with the reason that was named for most units."""
    top = read_top_reasons(scope, [int(rate.key) for rate in rates])
    named = []
    for rate in rates:
        reason, units = top.get(int(rate.key), ("", 0))
        named.append(Rate(rate.key, rate.label, rate.share, rate.image_url, reason, units))
    return named


def is_stale(shop_id: int) -> bool:
    """Whether the figures are just being brought up to date."""
    if run(select(StaleOrder.id).limit(1)).first() is not None:
        return True
    if run(select(AnalyticsState.shop_id).where(AnalyticsState.shop_id == shop_id)).first() is None:
        return True
    mine = select(StaleBucket.shop_id).where(StaleBucket.shop_id == shop_id).limit(1)
    return run(mine).first() is not None
