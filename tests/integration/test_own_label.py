"""A shop without carriers: customers post the shop's own address label wherever they like."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from returnsite.carriers.registry import all_carriers
from returnsite.domain.carriers import CARRIER_NAMES, OWN
from returnsite.domain.methods import CAPABILITIES
from returnsite.models import CarrierContract
from tests import walk
from tests.factories import PLACED
from tests.harness import CheckedClient, IsolatedClient


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def draft(client: IsolatedClient, session: Session, shop: Any, factories: ModuleType) -> walk.Walk:
    """A draft of which only the way back is still to be answered."""
    session.execute(delete(CarrierContract).where(CarrierContract.shop_id == shop.id))
    session.add(CarrierContract(shop_id=shop.id, carrier=OWN))
    order = factories.make_order(session, shop)
    walk.change_settings(session, shop)
    answers = walk.answers_for({walk.lines_of(order)[0]: 1})
    del answers["shipment"]
    return walk.start(client, shop, order, answers)


def test_no_service_point_is_asked_for_where_there_are_none(
    draft: walk.Walk, checked: CheckedClient, session: Session, shop: Any
) -> None:
    page = checked.get(draft.url("shipment") + "?lang=en")
    assert "a carrier of your choice" in page.text
    assert "service point" not in page.text
    assert " Own " not in page.text
    answer = draft.post("shipment", {"method": "drop_off_point"})
    assert answer.location.endswith("/review")
    done = checked.get(draft.confirm().location + "?lang=en")
    assert "Post it with a carrier of your choice." in done.text
    (made,) = walk.returns_of(session, shop)
    assert (made.carrier, made.service_point) == (OWN, {})


def test_every_carrier_has_one_code_everywhere() -> None:
    registered = {carrier.code for carrier in all_carriers()}
    assert registered == {OWN, *CARRIER_NAMES}
    assert {one.carrier for one in CAPABILITIES} == registered
