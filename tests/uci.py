"""A year of real baskets with their real cancellations (UCI Online Retail), as orders and returns.

The file says what was bought and what was cancelled, by whom and when; not which invoice a
cancellation is about, nor why. Each cancelled line goes to the customer's latest earlier purchase
of that article with units left. Reasons, refunds and methods are made up, by the line's numbers.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.domain.lookup import normalise_number
from returnsite.models import Order, OrderLine, ParcelLine, Return, ReturnLine
from returnsite.orders.base import SourceAddress, SourceLine, SourceOrder, SourceParcel
from returnsite.services.imports.insert import insert_orders

FILE = "orders/uci_online_retail_nl_de_be_more.csv"
NOT_GOODS = {"POST", "M", "C2", "D", "DOT", "BANK CHARGES", "PADS", "CRUK"}
REASONS = ("damaged", "wrong_item", "changed_mind", "other")


@dataclass
class Composed:
    """What was made of the file, and what of it fits nowhere."""

    orders: int = 0
    units_sold: int = 0
    units_back: int = 0
    lines_back: int = 0
    unmatched_lines: int = 0
    unmatched_units: int = 0
    by_sku: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))


def read(folder: Path) -> list[dict[str, Any]]:
    """The rows, with numbers and moments."""
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        return [
            {
                **row,
                "quantity": int(row["quantity"]),
                "at": datetime.fromisoformat(row["invoiced_at"]).replace(tzinfo=UTC),
                "price": int(Decimal(row["unit_price_gbp"]) * 100),
            }
            for row in csv.DictReader(file)
        ]


def compose(session: Session, shop: Any, rows: list[dict[str, Any]]) -> Composed:
    """Write the year; what the numbers should add up to comes back."""
    found = Composed()
    invoices: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["quantity"] > 0 and row["sku"] not in NOT_GOODS:
            invoices[row["invoice"]].append(row)
    insert_orders(shop.id, [_order(invoice, lines) for invoice, lines in invoices.items()])
    found.orders = len(invoices)
    for lines in invoices.values():
        for line in lines:
            found.units_sold += line["quantity"]
            found.by_sku[line["sku"]][0] += line["quantity"]
    _returns(session, shop, rows, found)
    session.commit()
    return found


def _order(invoice: str, rows: list[dict[str, Any]]) -> SourceOrder:
    first = rows[0]
    lines = tuple(
        SourceLine(
            external_id=str(place),
            title=row["description"] or row["sku"],
            quantity=row["quantity"],
            line_paid=row["price"] * row["quantity"],
            sku=row["sku"],
            product_key=row["sku"],
            category="",
        )
        for place, row in enumerate(rows)
    )
    contents = {line.external_id: line.quantity for line in lines}
    return SourceOrder(
        row=1,
        source="uci",
        external_id=invoice,
        number=invoice,
        currency="GBP",
        placed_at=first["at"],
        lines=lines,
        parcels=(SourceParcel("1", contents, (f"3SUCI{invoice}",), "postnl"),),
        email=f"customer-{first['customer'] or 'unknown'}@example.com",
        customer_name=first["customer"],
        delivery=SourceAddress(country=first["country"]),
    )


def _returns(session: Session, shop: Any, rows: list[dict[str, Any]], found: Composed) -> None:
    sold: dict[tuple[str, str], list[Any]] = defaultdict(list)
    query = (
        select(Order.id, Order.placed_at, Order.customer_name, OrderLine.id, OrderLine.sku,
               OrderLine.quantity, OrderLine.line_paid, ParcelLine.id, Order.country)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(ParcelLine, ParcelLine.order_line_id == OrderLine.id)
        .where(Order.shop_id == shop.id)
        .order_by(Order.placed_at.desc())
    )  # fmt: skip
    for line in session.execute(query).all():
        sold[line[2], line[4]].append([line, line[5]])
    made: dict[tuple[str, int], Return] = {}
    for row in rows:
        if row["quantity"] < 0 and row["sku"] not in NOT_GOODS:
            _place(session, shop, row, sold[row["customer"], row["sku"]], made, found)


def _place(
    session: Session, shop: Any, row: dict[str, Any], bought: list[Any], made: Any, found: Composed
) -> None:
    units = -row["quantity"]
    for candidate in bought:
        line, left = candidate
        if line[1] <= row["at"] and left >= units and (row["invoice"], line[7]) not in made:
            candidate[1] -= units
            _add(session, shop, row, line, units, made)
            found.units_back += units
            found.lines_back += 1
            found.by_sku[row["sku"]][1] += units
            return
    found.unmatched_lines += 1
    found.unmatched_units += units


def _add(
    session: Session, shop: Any, row: dict[str, Any], line: Any, units: int, made: Any
) -> None:
    key = (row["invoice"], line[0])
    if key not in made:
        number = f"{row['invoice']}-{line[0]}"
        made[key] = Return(
            shop_id=shop.id, order_id=line[0], number=number, number_norm=normalise_number(number),
            status_token=f"uci-token-{number}", idempotency_key=number, status="closed",
            email="a@example.com", locale="en", country=line[8], method="drop_off_point",
            carrier="postnl", service_point={}, currency="GBP", decisions=[],
            created_at=row["at"], approved_at=row["at"],
            received_at=row["at"] + timedelta(days=3), closed_at=row["at"] + timedelta(days=4),
        )  # fmt: skip
        session.add(made[key])
        session.flush()
    made[row["invoice"], line[7]] = made[key]
    share = line[6] * units // line[5]
    session.add(
        ReturnLine(
            return_id=made[key].id, parcel_line_id=line[7], order_line_id=line[3], quantity=units,
            received=units, accepted=units, reason_code=REASONS[line[3] % 4], reason_text="",
            fault="customer", resolution=("money", "credit")[line[3] % 2], share=share,
            refund_amount=share,
        )
    )  # fmt: skip
