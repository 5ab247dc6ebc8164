"""What exchanges can offer, and amounts of lines that do not divide evenly."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests import walk
from tests.factories import PLACED
from tests.harness import IsolatedClient


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


def test_two_products_may_use_one_sku(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType
) -> None:
    order = factories.make_order(session, shop)
    session.commit()
    walk.make_variant(session, shop, product_key="shirt", sku="L", title="Shirt L", price=1995)
    walk.make_variant(session, shop, product_key="shoe", sku="L", title="Shoe L", price=9995)
    walk.make_variant(session, shop, product_key="hat", sku="L", title="Hat L", price=500)
    shirt, shoe = walk.lines_of(order)
    wanted = {shirt: {"sku": "L"}, shoe: {"sku": "L"}}
    answers = walk.answers_for({shirt: 1, shoe: 1}, mode="exchange", lines=wanted)
    draft = walk.start(client, shop, order, answers)
    session.rollback()
    assert draft.get("shipment").status_code == 200
    assert draft.confirm().status_code == 303
    (made,) = walk.returns_of(session, shop)
    assert [line.exchange_title for line in made.lines] == ["Shirt L", "Shoe L"]
    assert made.to_pay == 9995 - 7995


def test_a_line_and_its_sum_show_the_same_amount(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType
) -> None:
    socks = {"sku": "S", "title": "Socks", "quantity": 3, "line_paid": 1000}
    order = factories.make_order(session, shop, lines=[socks])
    session.commit()
    draft = walk.start(client, shop, order, {"items": {str(walk.lines_of(order)[0]): 3}})
    page = draft.get("items").text.replace("\xa0", " ")
    assert "3 stuks · € 10,00" in page
    assert "€ 9,99" not in page
