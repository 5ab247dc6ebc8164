"""The order that wrong, foreign and hostile input is sent about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Kept
from tests.factories import PLACED, make_order
from tests.walk import make_point, make_variant


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    """An order of `shop` with something to exchange for and a service point nearby."""

    def make() -> Any:
        made = make_order(session, shop, number="48217", postcode="1012 JS")
        make_variant(session, shop)
        make_point(session, code="P1")
        return made

    return kept(make)
