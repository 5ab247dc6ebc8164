"""The demo shop itself: its addresses, reasons, fees, carriers, rules and catalogue."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from ...extensions import db
from ...models import (
    Address,
    CarrierContract,
    FeeRule,
    ProductVariant,
    Reason,
    ReturnRule,
    Shop,
)
from .files import read_demo_file


def add_shop(now: datetime) -> Shop:
    """Write the shop with all its settings in the caller's transaction."""
    data = read_demo_file("shop")
    shop = Shop(
        **data["shop"], is_demo=True, frame_origins=[], created_at=now - timedelta(days=400)
    )
    db.session.add(shop)
    db.session.flush()
    shop.return_address_id = _add_addresses(shop.id, data["addresses"])
    shop.active = True
    for model, name in (
        (Reason, "reasons"),
        (FeeRule, "fees"),
        (CarrierContract, "contracts"),
        (ReturnRule, "rules"),
    ):
        ordered = model in {Reason, ReturnRule}
        rows = [
            {"shop_id": shop.id, **row, **({"position": position} if ordered else {})}
            for position, row in enumerate(data[name])
        ]
        db.session.add_all(model(**row) for row in rows)
    db.session.flush()
    return shop


def _add_addresses(shop_id: int, rows: list[dict[str, Any]]) -> int:
    """Write the addresses; the id of the one returns go to."""
    return_address_id = 0
    for row in rows:
        values = dict(row)
        role = values.pop("role")
        address = Address(shop_id=shop_id, is_store=role == "store", **values)
        db.session.add(address)
        db.session.flush()
        if role == "return":
            return_address_id = address.id
    return return_address_id


def add_catalogue(shop_id: int) -> None:
    """Write what an exchange can offer."""
    rows = [
        {
            "shop_id": shop_id,
            "product_key": product["key"],
            "sku": variant["sku"],
            "title": variant_title(product, variant),
            "options": _options(variant),
            "price": variant.get("price", product["price"]),
            "stock": variant["stock"],
        }
        for product in read_demo_file("products")["products"]
        for variant in product["variants"]
    ]
    db.session.execute(insert(ProductVariant), rows)


def variant_title(product: dict[str, Any], variant: dict[str, Any]) -> str:
    """Product and variant as one name."""
    return f"{product['title']}, {variant_text(variant)}"


def variant_text(variant: dict[str, Any]) -> str:
    """`Dennengroen · maat M`, or the colour alone."""
    size = variant.get("size")
    return f"{variant['colour']} · maat {size}" if size else str(variant["colour"])


def _options(variant: dict[str, Any]) -> dict[str, str]:
    size = {"Maat": variant["size"]} if variant.get("size") else {}
    return {"Kleur": variant["colour"], **size}
