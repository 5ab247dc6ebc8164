"""Store credit at the till: found by its code, taken in parts, never twice, never too much."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.models import CreditEntry, StoreCredit
from returnsite.services.credit_codes import code_from
from returnsite.services.returns.issue_credit import issue_credit
from returnsite.services.shops import find_shop
from tests.factories import PLACED, make_order, make_shop
from tests.merchant import Merchant
from tests.returning import SANNE, new_return


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED.replace(day=12))


def given(session: Session, shop: Any) -> tuple[StoreCredit, str]:
    made = new_return(session, make_order(session, shop), resolution="credit")
    settings = find_shop(slug=shop.slug)
    assert settings
    issue_credit(shop=settings, return_id=made.id, actor=SANNE)
    credit = session.scalars(select(StoreCredit).where(StoreCredit.return_id == made.id)).one()
    return credit, code_from(credit.nonce)


@pytest.fixture
def credit(session: Session, shop: Any) -> tuple[StoreCredit, str]:
    """A code worth 16.00."""
    return given(session, shop)


def test_a_code_is_found_however_it_is_typed_and_taken_in_parts(
    session: Session, merchant: Merchant, credit: tuple[StoreCredit, str]
) -> None:
    row, code = credit
    typed = code.lower().replace("-", " ").replace("0", "o")
    page = merchant.follow(
        merchant.submit(merchant.get("/credit"), {"code": typed}, action="/credit")
    )
    assert "€16.00 left" in page.text
    assert code not in page.html
    answer = merchant.submit(page, {"amount": "10", "reference": "Till 4"}, action=f"/{row.id}")
    again = merchant.submit(page, {"amount": "10", "reference": "Till 4"}, action=f"/{row.id}")
    assert answer.location == again.location
    page = merchant.follow(answer)
    assert "€6.00 left" in page.text
    assert "Till 4" in page.text
    refused = merchant.submit(page, {"amount": "6.01"}, action=f"/{row.id}", status=422)
    assert "€6.00" in refused.text
    merchant.submit(page, {"amount": "6"}, action=f"/{row.id}")
    session.expire_all()
    assert session.get_one(StoreCredit, row.id).balance == 0
    amounts = list(session.scalars(select(CreditEntry.amount).order_by(CreditEntry.id)))
    assert amounts == [1600, -1000, -600]


def test_an_unknown_code_tells_nothing(merchant: Merchant, credit: tuple[StoreCredit, str]) -> None:
    for typed in ("", "7K2M-9QXT-4F1C-PB60", "\x00", "x" * 500, "'--"):
        refused = merchant.submit(
            merchant.get("/credit"), {"code": typed}, action="/credit", status=422
        )
        assert "€" not in refused.text


def test_an_expired_code_can_be_looked_at_and_not_used(
    session: Session, merchant: Merchant, credit: tuple[StoreCredit, str], clock: Any
) -> None:
    row, _code = credit
    page = merchant.get(f"/credit/{row.id}")
    clock.advance(days=731)
    merchant.as_role("owner")
    refused = merchant.submit(page, {"amount": "1", "csrf_token": merchant.csrf()},
                              action=f"/{row.id}", status=422)  # fmt: skip
    assert "expired" in refused.text
    assert not merchant.get(f"/credit/{row.id}").find_all("input", name="amount")


def test_codes_of_another_shop_are_nobodys(session: Session, merchant: Merchant) -> None:
    row, code = given(session, make_shop(session))
    merchant.submit(merchant.get("/credit"), {"code": code}, action="/credit", status=422)
    merchant.get(f"/credit/{row.id}", status=404)
    merchant.post(f"/credit/{row.id}", {"amount": "1"}, status=404)


def test_who_may_not_move_money_sees_no_credit(
    merchant: Merchant, credit: tuple[StoreCredit, str]
) -> None:
    merchant.as_role("read_only")
    merchant.get("/credit", status=403)
    merchant.get(f"/credit/{credit[0].id}", status=403)
