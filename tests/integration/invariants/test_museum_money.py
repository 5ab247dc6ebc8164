"""Bugs that other systems had with money, looked for from the customer's side of the door."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from returnsite.jobs.worker import drain
from returnsite.models import FeeRule, MoneyEntry, Order, Return
from returnsite.services.returns.close_short import close_short
from returnsite.services.returns.receive_lines import receive_lines
from returnsite.services.shops import find_shop
from tests.conftest import Kept, on_one_database
from tests.harness import IsolatedClient, Page, text_of
from tests.html_checks import check_page
from tests.returning import SANNE, count
from tests.smtp import Peer, html_text, plain_text
from tests.walk import (
    answers_for,
    cancel,
    change_settings,
    confirm,
    lines_of,
    make_point,
    make_variant,
    returns_of,
    start,
)

pytestmark = on_one_database

POINT = {"method": "drop_off_point", "carrier": "postnl"}


@pytest.fixture
def order(session: Session, shop: Any, factories: ModuleType, kept: Kept) -> Order:
    """Two shirts for 39.90 and a shoe for 79.95, with 4.95 for sending them."""

    def make() -> Order:
        made: Order = factories.make_order(session, shop)
        make_variant(session, shop, sku="SHIRT-XL", price=2495)
        make_variant(session, shop, sku="SHIRT-S", price=1495)
        return made

    return kept(make)


def cents(text: str) -> int:
    """`€ -1.234,56` → -123456."""
    digits = re.sub(r"[^\d]", "", text)
    return int(digits) * (-1 if "-" in text or "−" in text else 1)


def amounts_in(html: str) -> set[int]:
    """Every amount a text names."""
    plain = html.replace("\xa0", " ").replace("&nbsp;", " ")
    return {cents(found) for found in re.findall(r"€ ?[-−]?[\d.]+,\d\d", plain)}


def statement_of(html: str) -> list[tuple[str, int, str]]:
    """The rows of the review's money table: class, amount, label."""
    page = Page("", 200, None, html.encode(), check_page("review", html))  # type: ignore[arg-type]
    (table,) = page.find_all("table", class_="money-table")
    rows = []
    for row in table.iter("tr"):
        for was in row.findall(".//del"):
            was.text, was[:] = "", []
        label, amount = (text_of(cell) for cell in (row[0], row[1]))
        number = cents(amount) if "€" in amount else 0  # "Free"
        rows.append((row.get("class", ""), number, label))
    return rows


# What goes back, what for, what else is in it.
CASES: dict[str, dict[str, Any]] = {
    "one of two, money": {"take": (1, 0)},
    "all, money, outbound shipping": {"take": (2, 1)},
    "credit with a bonus": {"take": (2, 0), "mode": "credit"},
    "exchange for a dearer one": {"take": (1, 0), "mode": "exchange", "sku": "SHIRT-XL"},
    "exchange for a cheaper one": {"take": (1, 0), "mode": "exchange", "sku": "SHIRT-S"},
    "the shop's fault, free": {"take": (1, 1), "reason": "wrong_item"},
    "by hand": {"take": (1, 1), "mode": "per_line"},
}


@pytest.mark.parametrize("case", CASES)
def test_invariant_09_museum_18_the_amount_is_one_on_page_ledger_status_and_mail(
    app: Flask,
    client: IsolatedClient,
    session: Session,
    shop: Any,
    order: Order,
    peer: Peer,
    case: str,
) -> None:
    change_settings(session, shop, credit_bonus_bp=1000, default_locale="nl")
    how = dict(CASES[case])
    take, sku = how.pop("take"), how.pop("sku", "")
    items = {line: n for line, n in zip(lines_of(order), take, strict=True) if n}
    resolutions = ("credit", "money")
    lines = {
        line: {"sku": sku, "resolution": resolution}
        for line, resolution in zip(items, resolutions, strict=False)
    }
    walk = start(client, shop, order, answers_for(items, shipment=POINT, lines=lines, **how))
    rows = statement_of(walk.get("review").text)
    answer = walk.confirm()
    assert answer.status_code == 303
    drain(app)
    (made,) = returns_of(session, shop)
    totals = [amount for kind, amount, _label in rows if kind == "total"]
    ledger = session.scalar(
        select(func.sum(MoneyEntry.amount)).where(MoneyEntry.return_id == made.id)
    )
    assert made.refund_total == made.money_total + made.credit_total
    both = [made.refund_total, made.to_pay]
    assert totals == ([amount for amount in both if amount] or [0])
    assert ledger == made.refund_total - made.to_pay
    counted = sum(amount for kind, amount, _label in rows if kind in {"", "sub", "is-credit"})
    parts = [amount for kind, amount, _label in rows if kind == "sub" and amount > 0]
    if made.money_total and made.credit_total:
        assert parts[-2:] == [made.money_total, made.credit_total]
        counted -= sum(parts[-2:])
    assert counted == ledger
    (mail,) = peer.to(order.email)
    status = client.get(answer.headers["Location"].removesuffix("/done")).text
    for where in (plain_text(mail), html_text(mail), *([status] if made.refund_total else [])):
        assert made.refund_total in amounts_in(where) or not made.refund_total


def fee_of(
    client: IsolatedClient, shop: Any, order: Order, items: dict[int, int], **how: Any
) -> int:
    """The fee the review page takes off, and that the return then has."""
    walk = start(client, shop, order, answers_for(items, **how))
    rows = statement_of(walk.get("review", query="?lang=en").text)
    (row,) = [row for row in rows if row[2].startswith("Return fee")]
    status = walk.confirm().headers["Location"].removesuffix("/done")
    cancel(client, status)
    return -row[1]


@pytest.mark.parametrize(
    ("take", "fee"), [((1, 0), 395), ((2, 0), 395), ((2, 1), 395), ((0, 1), 395)]
)
def test_museum_24_the_fee_is_taken_once_a_return(
    client: IsolatedClient, session: Session, shop: Any, order: Order, take: Any, fee: int
) -> None:
    items = {line: n for line, n in zip(lines_of(order), take, strict=True) if n}
    assert fee_of(client, shop, order, items) == fee
    (made,) = returns_of(session, shop)
    assert made.fee == fee
    assert sum(e.amount for e in made.entries if e.type == "fee") == -fee


def test_museum_24_a_fee_above_the_refund_takes_no_more_than_the_refund(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    session.execute(text("UPDATE fee_rule SET amount = 99999"))
    session.commit()
    change_settings(session, shop)
    assert fee_of(client, shop, order, {lines_of(order)[0]: 1}) == 1995
    (made,) = returns_of(session, shop)
    assert made.refund_total == 0


@pytest.mark.parametrize(("free_from", "fee"), [(11985, 0), (11986, 395), (None, 395)])
def test_museum_24_orders_above_a_value_return_for_free(
    client: IsolatedClient, session: Session, shop: Any, order: Order, free_from: Any, fee: int
) -> None:
    change_settings(session, shop, free_from_order_value=free_from)
    assert fee_of(client, shop, order, {lines_of(order)[0]: 1}) == fee


@pytest.mark.parametrize(
    ("mode", "reason", "country", "method", "fee"),
    [
        ("money", "too_small", "NL", "drop_off_point", 395),
        ("money", "too_small", "NL", "pickup", 795),
        ("money", "too_small", "BE", "drop_off_point", 595),
        ("money", "wrong_item", "NL", "pickup", 0),
        ("exchange", "too_small", "NL", "drop_off_point", 0),
        ("exchange", "too_small", "BE", "drop_off_point", 0),
        ("credit", "too_small", "NL", "pickup", 795),
        ("credit", "too_small", "BE", "drop_off_point", 595),
    ],
)
def test_museum_25_the_fee_depends_on_resolution_reason_country_and_method(
    client: IsolatedClient,
    session: Session,
    shop: Any,
    factories: ModuleType,
    mode: str,
    reason: str,
    country: str,
    method: str,
    fee: int,
) -> None:
    session.add(FeeRule(shop_id=shop.id, method="pickup", amount=795))
    session.add(FeeRule(shop_id=shop.id, country="BE", amount=595))
    change_settings(session, shop, free_for_exchange=True, free_for_credit=False)
    order = factories.make_order(session, shop, country=country)
    session.commit()
    line = lines_of(order)[0]
    how = {"lines": {line: {"wish": "L"}}} if mode == "exchange" else {}
    shipment = POINT if method == "drop_off_point" else None
    found = fee_of(
        client, shop, order, {line: 1}, mode=mode, reason=reason, shipment=shipment, **how
    )
    assert found == fee


def outbound(made: Return) -> int:
    return sum(entry.amount for entry in made.entries if entry.type == "outbound_shipping")


def test_museum_26_the_last_unit_brings_the_outbound_shipping_back_once(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    shirt, shoe = lines_of(order)
    confirm(client, shop, order, {shirt: 2})
    walk = start(client, shop, order, answers_for({shoe: 1}))
    assert 495 in amounts_in(walk.get("review").text)
    walk.confirm()
    assert [outbound(made) for made in returns_of(session, shop)] == [0, 495]
    total = sum(made.refund_total + made.fee for made in returns_of(session, shop))
    assert total == order.paid_total


def test_museum_26_all_at_once_brings_it_back_too(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    shirt, shoe = lines_of(order)
    confirm(client, shop, order, {shirt: 2, shoe: 1})
    (made,) = returns_of(session, shop)
    assert (outbound(made), made.refund_total + made.fee) == (495, order.paid_total)


def test_museum_26_what_does_not_come_keeps_the_outbound_shipping_for_the_return_that_brings_it(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    shirt, shoe = lines_of(order)
    confirm(client, shop, order, {shirt: 2, shoe: 1})
    (made,) = returns_of(session, shop)
    settings = find_shop(slug=shop.slug)
    assert settings
    counts = [count(line, 1) for line in made.lines]
    receive_lines(shop=settings, return_id=made.id, actor=SANNE, counts=counts)
    close_short(shop=settings, return_id=made.id, actor=SANNE)
    session.expire_all()
    (made,) = returns_of(session, shop)
    assert made.outbound_shipping == 0
    assert made.refund_total + made.fee == order.paid_total - 495 - 1995

    confirm(client, shop, order, {shirt: 1})
    assert [made.outbound_shipping for made in returns_of(session, shop)] == [0, 495]
    total = sum(made.refund_total + made.fee for made in returns_of(session, shop))
    assert total == order.paid_total


def test_museum_28_returns_after_the_shipping_went_back_work_and_never_give_it_again(
    client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    shirt, shoe = lines_of(order)
    first = confirm(client, shop, order, {shirt: 1})
    confirm(client, shop, order, {shirt: 1, shoe: 1})
    cancel(client, first)
    third = confirm(client, shop, order, {shirt: 1})
    assert [outbound(made) for made in returns_of(session, shop)] == [0, 495, 0]
    cancel(client, third)
    confirm(client, shop, order, {shirt: 1})
    live = [made for made in returns_of(session, shop) if made.status == "approved"]
    assert sum(outbound(made) for made in live) == 495
    assert sum(made.refund_total + made.fee for made in live) == order.paid_total


def test_museum_29_acting_on_one_of_two_live_returns_leaves_the_other_alone(
    app: Flask, client: IsolatedClient, session: Session, shop: Any, order: Order
) -> None:
    shirt, shoe = lines_of(order)
    first = confirm(client, shop, order, {shirt: 1})
    second = confirm(client, shop, order, {shoe: 1})
    drain(app)

    def facts(made: Return) -> Any:
        entries = [(entry.type, entry.amount) for entry in made.entries]
        shipments = [(s.state, s.code, s.document) for s in made.shipments]
        return made.status, made.refund_total, made.number, entries, shipments

    before = facts(returns_of(session, shop)[0])
    page = client.get(first).text
    assert cancel(client, second).status_code == 303
    drain(app)
    assert facts(returns_of(session, shop)[0]) == before
    assert returns_of(session, shop)[1].status == "cancelled"
    assert re.sub(r"\?v=\w+", "", client.get(first).text) == re.sub(r"\?v=\w+", "", page)


def test_museum_30_three_units_refund_three_not_nine(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType
) -> None:
    line = {"sku": "A", "title": "Mug", "quantity": 3, "line_paid": 2997, "list_price": 999}
    order = factories.make_order(session, shop, lines=[line], shipping_paid=0)
    session.commit()
    (mug,) = lines_of(order)
    walk = start(client, shop, order, answers_for({mug: 3}))
    assert 2997 - 395 in amounts_in(walk.get("review").text)
    walk.confirm()
    assert returns_of(session, shop)[0].refund_total == 2997 - 395


def test_museum_32_yen_dinar_and_euro_keep_their_size_in_both_languages(
    client: IsolatedClient, session: Session, factories: ModuleType
) -> None:
    for currency, paid, shown in (
        ("JPY", 5800, {"nl": "5.800", "en": "5,800"}),
        ("KWD", 5800, {"nl": "5,800", "en": "5.800"}),
        ("EUR", 123456, {"nl": "1.234,56", "en": "1,234.56"}),
    ):
        shop = factories.make_shop(session, currency=currency)
        line = {"sku": "A", "title": "Vase", "quantity": 1, "line_paid": paid}
        order = factories.make_order(session, shop, lines=[line])
        session.commit()
        walk = start(client, shop, order)
        for language, text_ in shown.items():
            page = walk.get("items", query=f"?lang={language}").text
            assert re.search(rf"[¥€KWDJPY]\W*{re.escape(text_)}(?![\d,.])", page), (
                currency,
                language,
            )


def test_museum_38_lines_and_total_add_up_wherever_they_are_shown(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType
) -> None:
    """Odd shares: what the pages show line by line sums to the total they show."""
    make_point(session, code="P1")
    lines = [
        {"sku": f"S{n}", "title": f"Part {n}", "quantity": 3, "line_paid": paid}
        for n, paid in enumerate((3067, 1000, 9199))
    ]
    order = factories.make_order(session, shop, lines=lines, shipping_paid=0)
    session.commit()
    walk = start(client, shop, order, answers_for(dict.fromkeys(lines_of(order), 2)))
    rows = statement_of(walk.get("review").text)
    assert sum(amount for kind, amount, _ in rows if kind != "total") == rows[-1][1]
    panel = amounts_in(walk.get("shipment").text)
    status = walk.confirm().headers["Location"].removesuffix("/done")
    (made,) = returns_of(session, shop)
    assert made.refund_total == rows[-1][1]
    assert made.refund_total in panel & amounts_in(client.get(status).text)
    assert sum(line.refund_amount for line in made.lines) - made.fee == made.refund_total
