"""What an open portal needs is not taken from it without a question; nobody ends in a dead end."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from returnsite.models import AuditEntry, CarrierContract, Reason, Shop
from returnsite.services.shops import forget_settings
from tests.merchant import Merchant


def shop(merchant: Merchant) -> Shop:
    """The shop as stored."""
    merchant.session.expire_all()
    return merchant.session.get_one(Shop, merchant.shop.id)


def leave_one(merchant: Merchant, model: Any) -> Any:
    """Only one of them stays switched on."""
    query = select(model).where(model.shop_id == merchant.shop.id, model.deleted_at.is_(None))
    first, *others = merchant.session.scalars(query.order_by(model.position, model.id))
    for one in others:
        one.enabled = False
    first.enabled = True
    merchant.session.commit()
    forget_settings()
    return first


def test_switching_off_every_method_asks_first_and_then_closes_the_portal(
    merchant: Merchant,
) -> None:
    path = "/methods/methods"
    asked = merchant.submit(
        merchant.get("/settings/methods/methods"), {"methods": []}, action=path, status=422
    )
    assert "no way to send anything back" in asked.text
    assert asked.find(id="close_portal-error")
    assert shop(merchant).active
    assert shop(merchant).methods
    saved = merchant.submit(asked, {"close_portal": "1"}, action=path, status=200, fragment=True)
    assert "The portal has been closed" in saved.text
    assert not shop(merchant).active
    assert not shop(merchant).methods
    sections = merchant.session.scalars(select(AuditEntry.section)).all()
    assert set(sections) == {"methods", "activation"}


@pytest.mark.parametrize(
    ("section", "model", "words"),
    [("reasons", Reason, "no reason to choose"), ("carriers", CarrierContract, "No carrier")],
)
def test_switching_off_the_last_one_asks_first_and_the_same_press_then_closes_the_portal(
    merchant: Merchant, section: str, model: Any, words: str
) -> None:
    last = leave_one(merchant, model)
    key = str(last.id) if isinstance(last, Reason) else last.carrier
    path = f"/{section}/order"
    page = merchant.get("/settings")
    asked = merchant.submit(page, {"switch": key}, action=path, status=422, fragment=True)
    assert words in asked.text
    merchant.session.refresh(last)
    assert last.enabled
    assert shop(merchant).active
    done = merchant.submit(asked, form=f"agree-{section}", status=200, fragment=True)
    assert "The portal has been closed" in done.text
    merchant.session.refresh(last)
    assert not last.enabled
    assert not shop(merchant).active


def test_taking_back_what_made_the_portal_complete_asks_first(merchant: Merchant) -> None:
    stored = shop(merchant)
    stored.methods = []
    stored.active = False
    merchant.session.commit()
    forget_settings()
    changed = merchant.submit(
        merchant.get("/settings/methods/methods"),
        {"methods": ["drop_off_point"]},
        action="/methods/methods",
        status=200,
        fragment=True,
    )
    shop(merchant).active = True
    merchant.session.commit()
    forget_settings()
    undo = "/methods/undo"
    asked = merchant.submit(changed, action=undo, status=422, fragment=True)
    assert "no way to send anything back" in asked.text
    assert shop(merchant).active
    merchant.submit(asked, form="agree-methods", status=200, fragment=True)
    assert not shop(merchant).active


def test_a_portal_that_lacked_something_before_takes_other_changes(merchant: Merchant) -> None:
    shop(merchant).methods = []
    merchant.session.commit()
    forget_settings()
    reason = leave_one(merchant, Reason)
    page = merchant.get(f"/settings/reasons/edit-{reason.id}")
    changes = {"comment_required": "1"}
    merchant.submit(page, changes, action=f"/edit-{reason.id}", status=200, fragment=True)
    assert shop(merchant).active
