"""The order most of these tests return: delivered eight days ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.models import Order
from tests.conftest import Kept
from tests.factories import PLACED, make_order


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Order:
    """Two shirts for 39.90 and a shoe for 79.95, of `shop`."""
    made: Order = kept(lambda: make_order(session, shop))
    return made
