"""The customer's way through the wizard, as pages and as fragments, on both databases."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from returnsite.models import MoneyEntry, Outbox, ParcelLine, Reason, Return, ReturnEvent, Shop
from returnsite.services.shops import forget_settings
from tests.conftest import Kept
from tests.factories import PLACED
from tests.harness import CheckedClient, Page

NOW = PLACED + timedelta(days=10)


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(NOW)


@pytest.fixture
def order(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> Any:
    return kept(lambda: factories.make_order(session, shop, number="48217", postcode="2611 GX"))


def find(client: CheckedClient, shop: Any, number: str, postcode: str, status: int = 303) -> Page:
    page = client.get(f"/p/{shop.slug}/")
    return client.submit(page, {"number": number, "postcode": postcode}, status=status)


def to_items(client: CheckedClient, shop: Any, order: Any) -> Page:
    return client.follow(find(client, shop, order.number, "2611GX"))


def to_review(client: CheckedClient, shop: Any, order: Any) -> Page:
    """One shirt, too small, money back, brought to the store."""
    line = order.parcels[0].lines[0].id
    page = to_items(client, shop, order)
    page = client.follow(client.submit(page, {"line": str(line)}, status=303))
    page = client.follow(client.submit(page, {f"reason-{line}": "too_small"}, status=303))
    page = client.follow(client.submit(page, {"all": "money"}, status=303))
    page = client.submit(page, {"method": "pickup", "pickup_date": first_day(page)}, status=303)
    return client.follow(page)


def first_day(page: Page) -> str:
    options = [o for o in page.find_all("option") if (o.get("value") or "").startswith("20")]
    return str(options[0].get("value"))


def test_a_step_with_nothing_to_choose_says_so_instead_of_going_nowhere(
    checked: CheckedClient, shop: Any, order: Any, session: Session
) -> None:
    line = order.parcels[0].lines[0].id
    page = to_items(checked, shop, order)
    page = checked.follow(checked.submit(page, {"line": str(line)}, status=303))
    reasons_at = page.url
    page = checked.follow(checked.submit(page, {f"reason-{line}": "too_small"}, status=303))
    page = checked.follow(checked.submit(page, {"all": "money"}, status=303))
    without = (
        (update(Shop).values(methods=[]), page.url, "no way to send this"),
        (update(Reason).values(enabled=False), reasons_at, "no reason to choose"),
    )
    for change, url, words in without:
        session.execute(change)
        session.commit()
        forget_settings()
        empty = checked.get(f"{url}?lang=en")
        assert words in empty.text
        assert not empty.find_all("button", id="continue")


def test_a_customer_returns_a_shirt_for_money(
    checked: CheckedClient, shop: Any, order: Any, session: Session
) -> None:
    review = to_review(checked, shop, order)
    assert "€ 16,00" in review.text.replace("\xa0", " ")
    done = checked.follow(checked.submit(review, {}, status=303))
    found = session.scalars(select(Return).where(Return.shop_id == shop.id)).one()
    assert found.number in done.text
    assert found.status == "approved"
    assert found.refund_total == 1995 - 395
    assert (
        session.scalar(select(func.sum(MoneyEntry.amount)).where(MoneyEntry.return_id == found.id))
        == 1600
    )
    assert session.get_one(ParcelLine, order.parcels[0].lines[0].id).qty_claimed == 1
    events = session.scalars(
        select(ReturnEvent.event).where(ReturnEvent.return_id == found.id).order_by(ReturnEvent.id)
    ).all()
    assert events == ["confirm", "approve"]
    kinds = session.scalars(select(Outbox.kind).where(Outbox.shop_id == shop.id)).all()
    assert sorted(kinds) == ["customer_confirmation", "merchant_notification", "prepare_handoff"]


def test_a_line_that_was_not_sent_yet_is_shown_and_cannot_be_chosen(
    checked: CheckedClient, shop: Any, order: Any, session: Session
) -> None:
    shirt, shoe = order.parcels[0].lines[:2]
    session.delete(shoe)
    session.commit()
    page = to_items(checked, shop, order)
    assert "Nog niet verstuurd" in page.text
    assert page.find("input", id=f"line-{shirt.id}").get("disabled") is None
    waiting = page.find("input", id=f"line--{order.lines[1].id}")
    assert waiting.get("disabled") is not None
    checked.submit(page, {"line": f"-{order.lines[1].id}"}, status=404)


def test_a_live_quote_says_in_panel_and_bar_what_comes_back(
    checked: CheckedClient, shop: Any, order: Any
) -> None:
    line = order.parcels[0].lines[0].id
    page = to_items(checked, shop, order)
    live = checked.get_fragment(f"{page.url}/_quote?line={line}&quantity-{line}=1")
    assert live.text.replace("\xa0", " ").count("€ 19,95") >= 4
    assert live.text.count("Linen shirt") == 2
