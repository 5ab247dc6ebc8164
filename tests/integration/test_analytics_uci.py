"""Analytics over a real year: real baskets and cancellations, composed into returns."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from returnsite.domain.periods import Period, Step, slices
from returnsite.domain.statistics import ENOUGH
from returnsite.services.analytics.figures import read_asked, read_ordered
from returnsite.services.analytics.products import read_products
from returnsite.services.analytics.refresh import refresh_all
from returnsite.services.analytics.report import Rate, rank_products
from returnsite.services.analytics.source import Filters, Scope
from tests import uci

YEAR = Period(date(2010, 12, 1), date(2011, 12, 31))


def test_a_real_year_adds_up_and_is_ranked_by_what_is_certain(
    session: Session, shop: Any, shared_data: Path
) -> None:
    shop.currency, shop.time_zone = "GBP", "Europe/London"
    made = uci.compose(session, shop, uci.read(shared_data))
    refresh_all()
    scope = Scope(shop.id, YEAR, Filters())
    flows = read_ordered(scope, Step.MONTH).flows
    assert len(flows) == len(slices(YEAR, Step.MONTH)) == 13
    assert sum(flow.sold for flow in flows) == made.units_sold
    assert sum(flow.back for flow in flows) == made.units_back
    assert read_asked(scope).total.lines == made.lines_back
    products = read_products(scope, back=made.units_back)
    found = sorted((product.sold, product.back) for product in products)
    assert found == sorted((s, b) for s, b in made.by_sku.values() if s or b)
    _check_ranks(rank_products(products))


def _check_ranks(ranked: list[Rate]) -> None:
    """Few cases stand below many: 24 of 24 below 288 of 288, and 5 of 5 at the end."""
    enough = [rate.share for rate in ranked if rate.share.whole >= ENOUGH]
    few = [rate.share for rate in ranked if rate.share.whole < ENOUGH]
    assert [rate.share for rate in ranked] == enough + few
    assert any(share.share == 1 for share in few)
    assert all(a.low >= b.low for a, b in pairwise(enough))
    assert any((a.share or 0) < (b.share or 0) for a, b in pairwise(enough) if a.low > b.low)
