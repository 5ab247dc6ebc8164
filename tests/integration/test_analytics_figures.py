"""Figures added up beforehand equal those counted row by row, whatever changes."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite.domain.periods import Period, Step, slices, step_for
from returnsite.domain.statistics import quantile
from returnsite.models import (
    FactProduct,
    Order,
    OrderLine,
    ParcelLine,
    Return,
    ReturnLine,
    ReturnTiming,
    Shop,
)
from returnsite.services.analytics.figures import (
    DIMENSIONS,
    read_asked,
    read_ordered,
    read_reasons,
    read_total,
)
from returnsite.services.analytics.products import read_products, read_top_reasons, read_variants
from returnsite.services.analytics.refresh import rebuild, refresh_all
from returnsite.services.analytics.source import Filters, Scope
from returnsite.services.analytics.timing import STAGES, read_timings
from tests.analytics import Slow, make_history, units_by
from tests.conftest import Kept
from tests.harness import count_queries

PERIODS = [
    Period(date(2026, 1, 1), date(2026, 6, 30)),
    Period(date(2026, 3, 20), date(2026, 4, 8)),
    Period(date(2026, 2, 11), date(2026, 4, 20)),
    Period(date(2026, 3, 29), date(2026, 3, 29)),
    Period(date(2026, 1, 31), date(2026, 5, 2)),
]
LIMITS: list[dict[str, str]] = [
    {},
    {"country": "NL"},
    {"reason": "damaged"},
    {"category": "Clothing", "resolution": "money"},
    {"method": "pickup", "reason": "too_small", "country": "BE"},
    {"fault": "shop", "carrier": "dhl"},
    {"carrier": ""},
    {"product": "boot"},
    {"product": "shirt", "reason": "too_small"},
    {"product": "shirt", "fault": "customer"},
]


@pytest.fixture
def history(session: Session, shop: Any, kept: Kept) -> Any:
    """A shop with a random history, added up."""

    def make() -> None:
        make_history(session, shop, orders=80, seed=7)
        refresh_all()

    kept(make)
    return shop


def _scope(session: Session, shop: Any, period: Period, limits: dict[str, str]) -> Scope:
    values: dict[str, Any] = dict(limits)
    if "product" in values:
        query = select(FactProduct.id).where(
            FactProduct.shop_id == shop.id, FactProduct.key == values["product"]
        )
        values["product"] = session.scalars(query).one()
    return Scope(shop.id, period, Filters(**values))


def _compare(
    session: Session, shop: Any, period: Period, limits: dict[str, str], slow: Slow | None = None
) -> None:
    scope = _scope(session, shop, period, limits)
    slow = slow or Slow(session, shop)
    _compare_asked(scope, slow, limits)
    _compare_ordered(scope, slow, limits)
    _compare_timings(scope, slow, limits)


def _compare_asked(scope: Scope, slow: Slow, limits: dict[str, str]) -> None:
    lines = slow.asked(scope.period, **limits)
    asked = read_asked(scope)
    assert asked.total.units == sum(line.units for line in lines)
    assert asked.total.lines == len(lines)
    assert asked.total.value == sum(line.value for line in lines)
    assert asked.total.bonus == sum(line.bonus for line in lines)
    for name in DIMENSIONS:
        found = {group.key: group.sums.units for group in asked.by[name]}
        assert found == units_by(lines, name), name
    total, kept = read_total(scope)
    assert total == asked.total
    assert kept == sum(line.value for line in lines if line.resolution != "money")
    if not scope.filters.of_lines:
        returns = {line.return_id for line in lines}
        assert asked.total.leads == len(returns)
        assert asked.total.fee == sum(slow.fees[each] for each in returns)
    step = step_for(scope.period)
    by_slice = read_reasons(scope, step)
    for place, part in enumerate(slices(scope.period, step)):
        now = units_by([line for line in lines if line.asked in part], "reason")
        assert {k: v[place] for k, v in by_slice.items() if v[place]} == now


def _compare_ordered(scope: Scope, slow: Slow, limits: dict[str, str]) -> None:
    for step in Step:
        ordered = read_ordered(scope, step)
        for flow, part in zip(ordered.flows, slices(scope.period, step), strict=True):
            days = slow.flows(part, "day", **limits).values()
            assert (flow.sold, flow.back) == (sum(d[0] for d in days), sum(d[1] for d in days))
        for name, places in ordered.places.items():
            found = {k: (f.sold, f.back) for k, f in places.items() if f.sold or f.back}
            assert found == slow.flows(scope.period, name, **limits), name
    wanted = slow.flows(scope.period, "product", **limits)
    for back in (0, 1_000_000):  # few came back of it, so they are counted; or most, so the others
        found = [each for each in read_products(scope, back=back) if each.sold or each.back]
        products = {each.title.lower(): (each.sold, each.back) for each in found}
        assert products == {key.lower(): flow for key, flow in wanted.items()}
    if "product" in limits:
        variants = {
            k: (f.sold, f.back) for k, f in read_variants(scope).items() if f.sold or f.back
        }
        assert variants == slow.flows(scope.period, "variant", **limits)


def _compare_timings(scope: Scope, slow: Slow, limits: dict[str, str]) -> None:
    returns = {line.return_id: line.stages for line in slow.asked(scope.period, **limits)}
    timings = read_timings(scope)
    assert not timings.is_sample
    for place, name in enumerate(STAGES):
        minutes = sorted(s[place] for s in returns.values() if s[place] is not None)
        assert timings.stage(name).median == quantile(minutes, 0.5), name
        assert timings.stage(name).slow == quantile(minutes, 0.9), name


def test_figures_equal_the_slow_count(session: Session, history: Any) -> None:
    slow = Slow(session, history)
    for period in PERIODS:
        for limits in LIMITS:
            _compare(session, history, period, limits, slow)


def test_figures_are_right_again_after_any_change(session: Session, history: Any) -> None:
    chance = random.Random(3)
    for _ in range(3):
        _change(session, history, chance)
        refresh_all()
        for limits in (LIMITS[0], LIMITS[3]):
            _compare(session, history, PERIODS[0], limits)


def _change(session: Session, shop: Any, chance: random.Random) -> None:
    orders = session.scalars(select(Order).where(Order.shop_id == shop.id)).all()
    returns = session.scalars(select(Return).where(Return.shop_id == shop.id)).all()
    for return_ in chance.sample(returns, 8):
        return_.status = chance.choice(["cancelled", "received", "closed", "lost"])
        return_.received_at = return_.created_at + timedelta(days=3)
        session.execute(
            update(ReturnLine).where(ReturnLine.return_id == return_.id).values(released=1)
        )
    for order in chance.sample(orders, 8):
        order.placed_at += timedelta(days=chance.randint(-20, 20))
        order.country = chance.choice(["NL", "FR"])
    line = chance.choice(orders).lines[0]
    session.execute(update(OrderLine).where(OrderLine.id == line.id).values(category="Moved"))
    content = chance.choice(orders).parcels[0].lines[0]
    session.execute(
        update(ParcelLine)
        .where(ParcelLine.id == content.id)
        .values(qty_shipped=ParcelLine.qty_shipped + 1)
    )
    make_history(session, shop, orders=5, seed=chance.randrange(1000))


def test_a_shop_that_moves_to_another_zone_has_its_days_counted_anew(
    session: Session, history: Any
) -> None:
    session.execute(
        update(Shop).where(Shop.id == history.id).values(time_zone="Pacific/Kiritimati")
    )
    session.commit()
    refresh_all()
    for period in PERIODS:
        _compare(session, history, period, {})


def test_rebuilding_changes_nothing_when_the_figures_are_right(
    session: Session, history: Any
) -> None:
    rebuild(shop_id=history.id)
    refresh_all()
    _compare(session, history, PERIODS[0], LIMITS[1])


def test_the_hour_before_midnight_belongs_to_the_shops_day_on_both_nights_the_clock_changes(
    session: Session, shop: Any, factories: Any
) -> None:
    shop.time_zone = "Europe/Amsterdam"
    for moment in (
        datetime(2026, 3, 28, 22, 59, tzinfo=UTC),  # 23:59 in winter time
        datetime(2026, 3, 28, 23, 0, tzinfo=UTC),  # midnight; the day has 23 hours
        datetime(2026, 3, 29, 21, 59, tzinfo=UTC),  # 23:59 in summer time
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC),
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC),  # midnight; the day has 25 hours
        datetime(2026, 10, 25, 22, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 23, 0, tzinfo=UTC),
    ):
        order = factories.make_order(session, shop, placed_at=moment)
        factories.make_return(session, order, created_at=moment)
    session.commit()
    refresh_all()
    for first, last, orders in (
        (date(2026, 3, 28), date(2026, 3, 28), 1),
        (date(2026, 3, 29), date(2026, 3, 29), 2),
        (date(2026, 3, 30), date(2026, 3, 30), 1),
        (date(2026, 10, 25), date(2026, 10, 25), 2),
        (date(2026, 10, 26), date(2026, 10, 26), 1),
    ):
        scope = Scope(shop.id, Period(first, last), Filters())
        (flow,) = read_ordered(scope, Step.WEEK).flows
        assert (flow.sold, flow.back) == (3 * orders, orders), first
        assert read_asked(scope).total.leads == orders, first


def test_the_reason_named_most_is_that_of_most_units(session: Session, history: Any) -> None:
    scope = Scope(history.id, PERIODS[0], Filters())
    slow = Slow(session, history)
    ids = [product.id for product in read_products(scope, back=0)]
    keys = dict(session.execute(select(FactProduct.id, FactProduct.key)).all())
    for product_id, (reason, units) in read_top_reasons(scope, ids).items():
        named = units_by(slow.ordered(scope.period, product=keys[product_id]), "reason")
        assert named[reason] == units == max(named.values())


def test_a_large_period_is_sampled_and_says_between_what_the_middle_lies(
    session: Session, history: Any
) -> None:
    session.execute(update(ReturnTiming).values(lottery=ReturnTiming.return_id % 2))
    scope = Scope(history.id, PERIODS[0], Filters())
    exact, sampled = read_timings(scope), read_timings(scope, sample=1)
    assert (exact.is_sample, sampled.is_sample) == (False, True)
    all_, drawn = exact.stage("approve").median, sampled.stage("approve").median
    assert all_ is not None
    assert drawn is not None
    assert drawn.count < all_.count
    assert drawn.low <= drawn.value <= drawn.high


def test_figures_take_as_many_queries_for_many_returns_as_for_few(
    session: Session, shop: Any
) -> None:
    counts = []
    for orders in (3, 60):
        make_history(session, shop, orders=orders, seed=orders)
        refresh_all()
        with count_queries() as queries:
            scope = Scope(shop.id, PERIODS[0], Filters(reason="damaged"))
            read_asked(scope), read_total(scope), read_products(scope, back=0)
            read_ordered(scope, Step.MONTH), read_reasons(scope, Step.MONTH), read_timings(scope)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_other_shops_do_not_count(session: Session, history: Any, factories: Any) -> None:
    other = factories.make_shop(session)
    make_history(session, other, orders=20, seed=1)
    refresh_all()
    for limits in ({}, {"reason": "damaged"}):
        _compare(session, history, PERIODS[0], limits)
        _compare(session, other, PERIODS[0], limits)


def test_no_bonus_is_given_for_what_never_came_or_was_refused(
    session: Session, shop: Any, factories: Any
) -> None:
    order = factories.make_order(session, shop)
    made = factories.make_return(session, order, quantity=2, resolution="credit")
    line = made.lines[0]
    line.bonus, found = 400, []
    scope = Scope(shop.id, Period(date(2026, 1, 1), date(2026, 12, 31)), Filters())
    for received, accepted, released in ((0, 0, 0), (2, 1, 0), (1, 1, 1), (1, 0, 1), (2, 2, 0)):
        line.received, line.accepted, line.released = received, accepted, released
        session.commit()
        refresh_all()
        found.append(read_total(scope)[0].bonus)
    assert found == [400, 200, 200, 0, 400]
