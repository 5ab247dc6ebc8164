"""What changed between the review page and its button sends the customer back, and never fails."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from returnsite.models import CarrierContract, ServicePoint
from tests import walk
from tests.harness import IsolatedClient


def test_a_collecting_carrier_the_shop_gave_up_is_asked_for_again(
    client: IsolatedClient, session: Session, shop: Any, order: Any
) -> None:
    line = walk.lines_of(order)[0]
    gone = {"method": "pickup", "carrier": "dpd", "pickup_date": walk.pickup_day()}
    draft = walk.start(client, shop, order, walk.answers_for({line: 1}, shipment=gone))
    assert draft.get("review").location.endswith("/shipment")
    answer = draft.post("review", {"seen": "0" * 64})
    assert answer.status_code == 303
    assert "/shipment?" in answer.location
    draft.post("shipment", {"method": "pickup", "pickup_date": walk.pickup_day()})
    draft.confirm()
    (made,) = walk.returns_of(session, shop)
    assert made.carrier == "gls"


def test_a_service_point_that_closed_is_not_dropped_silently(
    client: IsolatedClient, session: Session, shop: Any, order: Any
) -> None:
    point = walk.make_point(session)
    chosen = {"method": "drop_off_point", "carrier": "postnl", "point": point.id}
    answers = walk.answers_for({walk.lines_of(order)[0]: 1}, shipment=chosen)
    draft = walk.start(client, shop, order, answers)
    seen = draft.seen()
    session.execute(update(ServicePoint).values(status="closed"))
    session.commit()
    answer = draft.post("review", {"seen": seen})
    assert answer.status_code == 303
    assert "/shipment?" in answer.location
    assert walk.returns_of(session, shop) == []


def test_delivery_costs_wait_for_the_lines_that_were_not_sent_yet(
    client: IsolatedClient, session: Session, shop: Any, order: Any
) -> None:
    shirt, shoe = order.parcels[0].lines
    session.delete(shoe)
    session.commit()
    walk.start(client, shop, order, walk.answers_for({shirt.id: 2})).confirm()
    (made,) = walk.returns_of(session, shop)
    assert made.outbound_shipping == 0


def test_a_contract_that_ended_takes_its_method_away(
    client: IsolatedClient, session: Session, shop: Any, order: Any
) -> None:
    draft = walk.start(client, shop, order, walk.answers_for({walk.lines_of(order)[0]: 1}))
    seen = draft.seen()
    contract = session.scalars(
        select(CarrierContract).where(
            CarrierContract.shop_id == shop.id, CarrierContract.carrier == "gls"
        )
    ).one()
    contract.enabled = False
    walk.change_settings(session, shop)
    assert "/shipment?" in draft.post("review", {"seen": seen}).location
    assert walk.returns_of(session, shop) == []
