"""A shop with everything switched on, its orders and the service points around its customers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from returnsite import clock
from returnsite.jobs.worker import drain
from returnsite.models import (
    Draft,
    FeeRule,
    Order,
    Postcode,
    ProductVariant,
    Return,
    ReturnRule,
    ServicePoint,
    Shop,
)
from returnsite.services.drafts import ABSOLUTE, IDLE, hash_token
from tests import factories
from tests.factories import PLACED

NOW = PLACED + timedelta(days=10)
"""A Thursday, 11:00 where the shop is; default orders were delivered eight days ago."""

OPEN_DAILY = {day: [["08:00", "21:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
OPEN_EVENINGS = {day: [["17:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}

Line = dict[str, Any]


def line(title: str, paid: int, **columns: Any) -> Line:
    """An order line; `paid` is for all units."""
    return {"title": title, "line_paid": paid, "quantity": 1, "sku": title.upper(), **columns}


SHIRT = line(
    "Linen shirt",
    3990,
    sku="SHIRT-M",
    variant="Blue / M",
    product_key="shirt",
    category="Clothing",
    quantity=2,
    list_price=2495,
)
SHOE = line("Running shoe", 7995, sku="SHOE-42", variant="42", product_key="shoe", category="Shoes")
SALE_HAT = line("Woolly hat", 1250, sku="HAT-1", category="Hats", final_sale=True, tags=["sale"])
BOTTLE = line("Thermos bottle", 2450, sku="BOTTLE-1", category="Kitchen")
LONG = line(
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze mit handgefertigtem Lederbandeinsatz und "
    "Schlechtwetterohrenklappenverlängerung",
    12345678,
    sku="LONG-1",
    variant="Mitternachtsblaugraugrün / Übergrößenanfertigung XXXXXL",
    category="Hats",
    list_price=15000000,
)


@dataclass
class World:
    """What a test sets up and looks at; the shop's pages start at `path`."""

    app: Flask
    session: Session
    shop: Shop

    @property
    def path(self) -> str:
        """The portal's first page."""
        return f"/p/{self.shop.slug}/"

    def order(self, *lines: Line, **columns: Any) -> Order:
        """A saved order; without lines two shirts and a shoe."""
        self.session.rollback()  # what was read before the server wrote is old
        order = factories.make_order(
            self.session, self.shop, lines=[dict(each) for each in lines], **columns
        )
        self.session.commit()
        return order

    def draft(self, order: Order, **answers: Any) -> str:
        """A saved draft with these answers; the path its steps are under, e.g. `…/items`."""
        postcode = order.delivery_address["postcode"]
        self.session.rollback()
        token = secrets.token_urlsafe(24)
        now = clock.now()
        self.session.add(
            Draft(
                shop_id=self.shop.id,
                order_id=order.id,
                token_hash=hash_token(token),
                locale="en",
                postcode=postcode,
                answers=answers,
                created_at=now,
                expires_at=now + IDLE,
                ends_at=now + ABSOLUTE,
            )
        )
        self.session.commit()
        return f"/p/{self.shop.slug}/r/{token}"

    def answered(self, order: Order) -> str:
        """A draft that is ready for its review: one of the first line, collected at home."""
        first = str(line_ids(order)[0])
        return self.draft(
            order,
            items={first: 1},
            reasons={first: {"reason": "too_small", "comment": ""}},
            refund={"mode": "money", "lines": {}},
            shipment={"method": "in_store", "store": self.store_id},
        )

    @property
    def store_id(self) -> int:
        """The first of the shop's stores."""
        from returnsite.models import Address

        stores = select(Address.id).where(Address.shop_id == self.shop.id, Address.is_store)
        return int(self.session.scalars(stores.order_by(Address.id)).all()[0])

    def made(self, order: Order, **columns: Any) -> Return:
        """A saved return of the first line of an order; all of it was counted if received."""
        self.session.rollback()
        made = factories.make_return(self.session, order, **{"locale": "en", **columns})
        if made.received_at is not None:
            for line in made.lines:
                line.received = line.accepted = line.quantity
        self.session.commit()
        return made

    def returns(self) -> list[Return]:
        """All returns of the shop, as the database has them now."""
        self.session.rollback()
        query = select(Return).where(Return.shop_id == self.shop.id).order_by(Return.id)
        return list(self.session.scalars(query))

    def count(self, model: type[Any]) -> int:
        """Rows of a table now."""
        self.session.rollback()
        return int(self.session.scalar(select(func.count()).select_from(model)) or 0)

    def work(self) -> int:
        """Let the worker do what is due."""
        self.session.rollback()
        return drain(self.app)


def line_ids(order: Order) -> list[int]:
    """Ids of the order's parcel lines, as forms and drafts name them."""
    return [each.id for parcel in order.parcels for each in parcel.lines]


def make_world(session: Session) -> Shop:
    """The shop and its surroundings."""
    shop = factories.make_shop(
        session,
        slug="noorderlicht",
        name="Noorderlicht",
        credit_bonus_bp=1000,
        look={"hue": 172, "chroma": 0.07},
    )
    _add_settings(session, shop)
    _add_catalogue(session, shop)
    _add_places(session)
    return shop


def _add_settings(session: Session, shop: Shop) -> None:
    for city, number in (("Delft", "5"), ("Utrecht", "18")):
        factories.make_address(
            session,
            shop,
            name=f"Noorderlicht {city}",
            street="Markt",
            house_number=number,
            city=city,
            is_store=True,
            opening_hours="Mo-Sa 10:00-18:00",
        )
    for method, amount in (("pickup", 595), ("in_store", 0)):
        session.add(FeeRule(shop_id=shop.id, method=method, amount=amount))
    damaged = {"field": "reason", "op": "is", "value": "damaged"}
    session.add(
        ReturnRule(
            shop_id=shop.id,
            name="Damaged goods always come back",
            conditions=[damaged],
            effects=[{"kind": "returnable", "value": True}],
        )
    )


def _add_catalogue(session: Session, shop: Shop) -> None:
    for sku, size, price, stock in (
        ("SHIRT-M", "M", 1995, 3),
        ("SHIRT-L", "L", 1995, 8),
        ("SHIRT-XL", "XL", 1995, 0),
        ("SHIRT-XXL", "XXL", 2495, 5),
    ):
        session.add(
            ProductVariant(
                shop_id=shop.id,
                product_key="shirt",
                sku=sku,
                title=f"Linen shirt {size}",
                options={"colour": "Blue", "size": size},
                price=price,
                stock=stock,
            )
        )


def _add_places(session: Session) -> None:
    for country, code, place, latitude, longitude in (
        ("NL", "1012", "Amsterdam", 52.3740, 4.8970),
        ("NL", "2611", "Delft", 52.0116, 4.3571),
        ("DE", "10115", "Berlin", 52.5323, 13.3846),
    ):
        session.add(
            Postcode(
                country=country,
                code_norm=code,
                place=place,
                place_key=f"/{place.lower()}/",
                latitude=latitude,
                longitude=longitude,
            )
        )
    points = (
        ("postnl", "Tabakshop De Dam", "Damrak", "NL", "Amsterdam", 52.3751, 4.8985, OPEN_DAILY),
        ("dhl", "Bruna Nieuwendijk", "Nieuwendijk", "NL", "Amsterdam", 52.3772, 4.8958, OPEN_DAILY),
        ("postnl", "Avondwinkel Zeedijk", "Zeedijk", "NL", "Amsterdam", 52.37, 4.9, OPEN_EVENINGS),
        ("postnl", "Boekhandel Prins", "Markt", "NL", "Delft", 52.0115, 4.3580, OPEN_DAILY),
        ("dhl", "Fietsenmaker Oude Delft", "Oude Delft", "NL", "Delft", 52.0140, 4.3550, {}),
        ("dhl", "Späti Torstraße", "Torstraße", "DE", "Berlin", 52.5300, 13.3900, OPEN_DAILY),
        ("dhl", "Kiosk Mauerpark", "Schwedter Straße", "DE", "Berlin", 52.534, 13.381, OPEN_DAILY),
    )  # fmt: skip
    for number, (carrier, name, street, country, city, latitude, longitude, hours) in enumerate(
        points, start=1
    ):
        session.add(
            ServicePoint(
                carrier=carrier,
                code=f"P{number}",
                name=name,
                type="shop",
                street=street,
                house_number=str(number),
                postcode="",
                city=city,
                country=country,
                latitude=latitude,
                longitude=longitude,
                hours=hours,
                services=[],
                accepts_labelless=True,
                closures=[],
                source="test",
                fetched_at=PLACED,
            )
        )


def at(moment: datetime) -> str:
    """A moment as the pages write a day: `Thursday 12 November`."""
    return f"{moment:%A} {moment.day} {moment:%B}"
