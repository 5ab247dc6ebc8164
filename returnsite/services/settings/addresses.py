"""The address book: where returns go, and the stores that take them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from ... import clock
from ...extensions import db
from ...models import Address, Shop
from ..queries.locate_place import locate_place
from .store import Snapshot, Store

MOST_ADDRESSES = 1000
_FIELDS = (
    *("name", "company", "street", "house_number", "postcode", "city", "province", "country"),
    *("phone", "is_store", "opening_hours", "latitude", "longitude"),
)


class UnknownAddress(ValueError):
    """Not an address of this shop."""


class TooManyAddresses(ValueError):
    """The book is full."""


def own_address(shop: Shop, address_id: int) -> Address:
    """An address of the shop that is not deleted. Raises UnknownAddress."""
    address = db.session.get(Address, address_id)
    if address is None or address.shop_id != shop.id or address.deleted_at is not None:
        raise UnknownAddress(address_id)
    return address


def add_address(shop: Shop, values: Mapping[str, Any]) -> None:
    """Add an address, in the caller's transaction; the first one is where returns go.

    Raises TooManyAddresses.
    """
    known = select(func.count()).where(Address.shop_id == shop.id, Address.deleted_at.is_(None))
    if (db.session.scalar(known) or 0) >= MOST_ADDRESSES:
        raise TooManyAddresses
    address = Address(shop_id=shop.id, **values)
    _locate(address, moved=True)
    db.session.add(address)
    db.session.flush()
    if shop.return_address_id is None:
        shop.return_address_id = address.id


def change_address(shop: Shop, address_id: int, values: Mapping[str, Any]) -> None:
    """Write these fields. Returns keep the address as it was. Raises UnknownAddress."""
    address = own_address(shop, address_id)
    before = (address.postcode, address.country)
    for name, value in values.items():
        setattr(address, name, value)
    _locate(address, moved=before != (address.postcode, address.country))


def remove_address(shop: Shop, address_id: int) -> None:
    """Take an address out of the book; returns that name it keep it. Raises UnknownAddress."""
    own_address(shop, address_id).deleted_at = clock.now()


def use_for_returns(shop: Shop, address_id: int) -> None:
    """Make it the address returns go to. Raises UnknownAddress."""
    shop.return_address_id = own_address(shop, address_id).id


def _locate(address: Address, *, moved: bool) -> None:
    """A store lies where its postcode does; a position given otherwise stays while it fits."""
    if not moved and (address.latitude is not None or not address.is_store):
        return
    address.latitude = address.longitude = None
    if not address.is_store or not address.postcode:
        return
    found = locate_place(text=address.postcode, country=address.country)
    if found.precision == "postcode":
        address.latitude, address.longitude = found.latitude, found.longitude


def _snapshot(shop: Shop) -> Snapshot:
    query = select(Address).where(Address.shop_id == shop.id, Address.deleted_at.is_(None))
    return {
        "return_address_id": shop.return_address_id,
        **{
            f"address.{row.id}": {name: getattr(row, name) for name in _FIELDS}
            for row in db.session.scalars(query.order_by(Address.id))
        },
    }


def _restore(shop: Shop, snapshot: Snapshot) -> None:
    for row in db.session.scalars(select(Address).where(Address.shop_id == shop.id)):
        values = snapshot.get(f"address.{row.id}")
        if values is None:
            row.deleted_at = row.deleted_at or clock.now()
            continue
        for name in _FIELDS:
            setattr(row, name, values[name])
        row.deleted_at = None
    shop.return_address_id = snapshot["return_address_id"] or shop.return_address_id


ADDRESSES = Store("addresses", _snapshot, _restore, tables=(Address,))
