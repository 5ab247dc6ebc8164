"""What staff works on here: an order delivered eight days ago, and its shop's settings."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.models import Return
from returnsite.services.shops import ShopSettings, find_shop
from tests.conftest import Kept
from tests.factories import PLACED, make_order
from tests.returning import new_return


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED.replace(day=12))


@pytest.fixture
def settings(shop: Any) -> ShopSettings:
    """What `shop` is set to."""
    found = find_shop(slug=shop.slug)
    assert found
    return found


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    """An order of `shop`, saved."""
    return kept(lambda: make_order(session, shop))


@pytest.fixture
def quiet(session: Session) -> None:
    """The other shop's return is done with, so that counts are of this shop's alone."""
    session.execute(Return.__table__.update().values(status="closed"))
    session.commit()


@pytest.fixture
def made(session: Session, shop: Any) -> Return:
    """An approved return of two units for €35.95, in English."""
    return new_return(session, make_order(session, shop), quantity=2, locale="en")
