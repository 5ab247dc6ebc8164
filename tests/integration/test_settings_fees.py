"""Fees on the settings page: typed as people write them, previewed, put back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from returnsite.models import FeeRule
from tests.harness import text_of
from tests.merchant import Merchant, stored


def test_without_a_general_fee_the_row_says_that_the_rest_is_free(merchant: Merchant) -> None:
    page = merchant.get("/settings/fees/schedule")
    saved = merchant.submit(
        page, {"any": "", "in_store": "0"}, action="/fees/schedule", status=200, fragment=True
    )
    assert text_of(saved.find(id="fees-schedule").find("dd")).startswith("Free")


def fee_rows(merchant: Merchant) -> set[tuple[str | None, str | None, int]]:
    """The schedule as stored."""
    merchant.session.expire_all()
    rows = merchant.session.scalars(
        select(FeeRule).where(FeeRule.shop_id == merchant.shop.id, FeeRule.deleted_at.is_(None))
    )
    return {(row.method, row.country, row.amount) for row in rows}


def test_fees_are_typed_as_people_write_them_and_previewed_before_saving(
    merchant: Merchant,
) -> None:
    page = merchant.get("/settings/fees/schedule")
    more = merchant.submit(page, {"add": "1", "any": "4.50"}, action="/fees/schedule", status=200)
    changes = {
        "pickup": "5.95",
        "exceptions-0-country": "DE",
        "exceptions-0-method": "",
        "exceptions-0-amount": "6.00",
        "free_from_order_value": "150",
        "example_country": "DE",
        "example_value": "40",
    }
    look = merchant.submit(more, {**changes, "look": "1"}, action="/fees/schedule", status=200)
    assert "€6.00" in look.text
    assert fee_rows(merchant) == {(None, None, 395)}
    merchant.submit(look, action="/fees/schedule")
    assert fee_rows(merchant) == {(None, None, 450), ("pickup", None, 595), (None, "DE", 600)}
    assert stored(merchant).free_from_order_value == 15000


def test_the_example_of_a_customer_is_in_the_way_of_no_fee(merchant: Merchant) -> None:
    page = merchant.get("/settings/fees/schedule")
    changes = {"any": "4.50", "example_value": "junk"}
    looked = {**changes, "look": "1"}
    look = merchant.submit(page, looked, action="/fees/schedule", status=200)
    assert look.find_all(id="example_value-error"), "whoever asks for it is told"
    merchant.submit(page, changes, action="/fees/schedule")
    assert fee_rows(merchant) == {(None, None, 450)}


def test_amounts_are_understood_in_dutch(merchant: Merchant) -> None:
    merchant.user.locale = "nl"
    page = merchant.get("/settings/fees/schedule")
    merchant.submit(page, {"any": "1.234,56"}, action="/fees/schedule")
    assert fee_rows(merchant) == {(None, None, 123456)}


@pytest.mark.parametrize("typed", ["-1", "abc", "3.999", "1e9", "9" * 30])
def test_an_amount_that_is_none_is_refused(merchant: Merchant, typed: str) -> None:
    page = merchant.get("/settings/fees/schedule")
    refused = merchant.submit(page, {"any": typed}, action="/fees/schedule", status=422)
    assert refused.find("input", name="any").get("value") == typed
    assert fee_rows(merchant) == {(None, None, 395)}


def test_undo_brings_the_old_fees_back(merchant: Merchant) -> None:
    page = merchant.get("/settings/fees/schedule")
    saved = merchant.submit(page, {"any": "9"}, action="/fees/schedule", status=200, fragment=True)
    merchant.submit(saved, action="/fees/undo", status=200, fragment=True)
    assert fee_rows(merchant) == {(None, None, 395)}
