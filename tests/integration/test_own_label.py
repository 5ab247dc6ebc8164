"""A shop without carriers: customers post the shop's own address label wherever they like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from returnsite.carriers.registry import all_carriers
from returnsite.domain.carriers import CARRIER_NAMES, OWN
from returnsite.domain.methods import CAPABILITIES
from returnsite.mailing import compose
from returnsite.models import CarrierContract, Draft, FeeRule
from returnsite.services.handoffs import prepare_handoffs
from returnsite.services.queries.return_facts import load_return_facts
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


def test_a_carrier_switched_on_takes_what_it_can_wherever_it_stands(
    draft: walk.Walk, checked: CheckedClient, session: Session, shop: Any
) -> None:
    use_postnl(session, shop)
    page = checked.get(draft.url("shipment") + "?lang=en")
    assert "hand it in at a PostNL point" in page.text
    assert "a carrier of your choice" not in page.text
    draft.post("shipment", {"method": "drop_off_point"})
    draft.post("shipment", {"method": "drop_off_point"})
    assert "PostNL" in checked.get(draft.url("review") + "?lang=en").text
    done = checked.get(draft.confirm().location + "?lang=en")
    assert "Take it to a PostNL point." in done.text
    (made,) = walk.returns_of(session, shop)
    assert (made.carrier, made.shipments[0].carrier) == ("postnl", "postnl")


def test_where_there_are_no_points_one_can_just_continue(
    draft: walk.Walk, checked: CheckedClient, session: Session, shop: Any
) -> None:
    use_postnl(session, shop)
    page = checked.get(draft.url("shipment") + "?lang=en&method=drop_off_point")
    assert "Or just continue: any PostNL point takes it." in page.text
    assert "another way" not in page.text


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("too_small", "You pay the carrier's postage yourself."),
        ("wrong_item", "Ask customer service to pay it back."),
    ],
)
def test_who_pays_the_postage_is_said_wherever_the_cost_is(
    client: IsolatedClient,
    checked: CheckedClient,
    session: Session,
    shop: Any,
    draft: walk.Walk,
    reason: str,
    says: str,
) -> None:
    session.rollback()
    session.execute(delete(FeeRule).where(FeeRule.shop_id == shop.id))
    walk.change_settings(session, shop)
    set_reason(session, draft, reason)
    reasons = checked.get(draft.url("reasons") + "?lang=en")
    assert "pay for the whole return" not in reasons.text
    assert says in reasons.text
    shipment = checked.get(draft.url("shipment") + "?lang=en")
    assert "+ postage" in shipment.text
    draft.post("shipment", {"method": "drop_off_point"})
    review = checked.get(draft.url("review") + "?lang=en")
    status = draft.confirm().location.removesuffix("/done")
    for page in (
        shipment,
        review,
        checked.get(f"{status}/done?lang=en"),
        checked.get(f"{status}?lang=en"),
    ):
        assert says in page.text
        assert "Free" not in page.text
    assert "Return fee of the shop" in review.text
    facts = load_return_facts(walk.returns_of(session, shop)[0].id)
    assert facts is not None
    text = compose.customer_confirmation(replace(facts, locale="en"), "included").text
    assert says in text
    assert "Return fee of the shop: None" in text
    assert "Free" not in text


def test_nobody_is_told_to_show_a_code_where_a_parcel_is_posted(
    draft: walk.Walk, session: Session, shop: Any, app: Flask
) -> None:
    draft.post("shipment", {"method": "drop_off_point"})
    draft.confirm()
    (made,) = walk.returns_of(session, shop)
    prepare_handoffs(return_id=made.id)
    facts = load_return_facts(made.id)
    assert facts is not None
    letter = compose.customer_confirmation(replace(facts, locale="en"), "included")
    assert "Show this code" not in letter.text
    assert [one.name for one in letter.attachments] == [f"label-{made.number}.pdf"]


def use_postnl(session: Session, shop: Any) -> None:
    """Switch PostNL on; it stands below the own label."""
    session.rollback()
    session.add(CarrierContract(shop_id=shop.id, carrier="postnl", position=9))
    walk.change_settings(session, shop)


def set_reason(session: Session, draft: walk.Walk, reason: str) -> None:
    """The draft's items come back for this reason."""
    session.rollback()
    row = session.get_one(Draft, draft.draft_id)
    reasons = {line: given | {"reason": reason} for line, given in row.answers["reasons"].items()}
    row.answers = {**row.answers, "reasons": reasons}
    session.commit()


def test_every_carrier_has_one_code_everywhere() -> None:
    registered = {carrier.code for carrier in all_carriers()}
    assert registered == {OWN, *CARRIER_NAMES}
    assert {one.carrier for one in CAPABILITIES} == registered
