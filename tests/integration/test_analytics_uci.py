"""Analytics over a real year: real baskets and cancellations, composed into returns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from returnsite.domain.periods import Period, Step, slices
from returnsite.domain.statistics import ENOUGH, share_of
from returnsite.services.analytics.figures import read_asked, read_flows, read_products
from returnsite.services.analytics.refresh import refresh_all
from returnsite.services.analytics.report import rank_products
from returnsite.services.analytics.source import Filters, Scope
from tests import uci

YEAR = Period(date(2010, 12, 1), date(2011, 12, 31))


def test_a_real_year_adds_up_and_is_ranked_by_what_is_certain(
    session: Session, shop: Any, shared_data: Path
) -> None:
    shop.currency, shop.time_zone = "GBP", "Europe/London"
    rows = uci.read(shared_data)
    made = uci.compose(session, shop, rows)
    refresh_all()
    scope = Scope(shop.id, YEAR, Filters())
    flows = read_flows(scope, Step.MONTH)
    assert len(flows) == len(slices(YEAR, Step.MONTH)) == 13
    assert sum(flow.sold for flow in flows) == made.units_sold
    assert sum(flow.back for flow in flows) == made.units_back
    assert read_asked(scope).total.lines == made.lines_back
    products = read_products(scope)
    found = {product.id: (product.sold, product.back) for product in products}
    assert sorted(found.values()) == sorted((s, b) for s, b in made.by_sku.values() if s or b)

    ranked = rank_products(products)
    lows = [rate.share.low for rate in ranked if rate.share.whole >= ENOUGH]
    assert lows == sorted(lows, reverse=True)
    by_rate = max(ranked, key=lambda rate: rate.share.share or 0)
    assert share_of(by_rate.share.part, by_rate.share.whole).whole < ranked[0].share.whole
