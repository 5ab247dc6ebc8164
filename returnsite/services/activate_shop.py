"""Open and close a shop's portal; what it needs for that is a complete return address."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

from sqlalchemy import select

from ..database import writing
from ..extensions import db
from ..models import Address, Shop
from .address_rules import AddressRules, rules_of
from .audit import COMMAND_LINE, change, note_change

_NEEDED = ("name", "street", "house_number", "postcode", "city", "country")


class ShopRefused(ValueError):
    """A shop cannot be as asked: `field` names the setting, `why` says it in a few words."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where returns go; complete with a name or company, street, postcode, city and country."""

    name: str = ""
    company: str = ""
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    phone: str = ""


class AnyAddress(Protocol):
    """An address as stored, or as a plain value."""

    @property
    def street(self) -> Any:
        """Its street, which may hold the house number."""


def missing_parts(address: AnyAddress) -> list[str]:
    """What a return address lacks to be complete, by name.

    A street with a digit in it carries its house number; not every country has postcodes.
    """
    missing = [name for name in _NEEDED if not str(getattr(address, name)).strip()]
    found = set(missing)
    if any(each.isdigit() for each in address.street):
        found.discard("house_number")
    rules = rules_of(str(getattr(address, "country", "")))
    found -= {name for name, needed in _by_country(rules).items() if not needed}
    return [name for name in missing if name in found]


def _by_country(rules: AddressRules) -> dict[str, bool]:
    return {"postcode": rules.needs_postcode, "city": rules.needs_city}


def add_return_address(shop: Shop, given: ReturnAddress) -> Address:
    """Give the shop a new return address, complete or not, within the caller's transaction."""
    values = asdict(given)
    values["name"] = given.name or given.company
    values["country"] = given.country or shop.country
    address = Address(shop_id=shop.id, **values)
    db.session.add(address)
    db.session.flush()
    shop.return_address_id = address.id
    return address


def activate_shop(*, slug: str) -> None:
    """Open the portal to customers, for the command line. Commits.

    Raises ShopRefused, naming what the return address lacks.
    """
    with writing():
        shop = _stored(slug)
        address = shop.return_address
        if address is None or address.deleted_at is not None:
            raise ShopRefused("return address", "there is none: parcels would have nowhere to go")
        refuse_incomplete(address)
        _set_active(shop, active=True)


def deactivate_shop(*, slug: str) -> None:
    """Close the portal to new returns, for the command line. Commits.

    Raises ShopRefused for an unknown shop.
    """
    with writing():
        _set_active(_stored(slug), active=False)


def refuse_incomplete(address: Address) -> None:
    """Raise ShopRefused, naming what it lacks to be a return address."""
    missing = missing_parts(address)
    if missing:
        raise ShopRefused("return address", f"it has no {', no '.join(missing)}".replace("_", " "))


def _stored(slug: str) -> Shop:
    locked = select(Shop).where(Shop.slug == slug).with_for_update(of=Shop)
    shop = db.session.scalar(locked)
    if shop is None:
        raise ShopRefused("shop", f"there is no “{slug}”")
    return shop


def _set_active(shop: Shop, *, active: bool) -> None:
    if shop.active != active:
        note_change(
            shop_id=shop.id,
            actor=COMMAND_LINE,
            section="activation",
            event="activate" if active else "deactivate",
            changes=[change("active", shop.active, active)],
        )
        shop.active = active
        shop.settings_version += 1
