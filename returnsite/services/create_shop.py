"""Create a shop with sensible settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from sqlalchemy import select

from .. import clock
from ..carriers.registry import all_carriers
from ..database import writing
from ..domain.carriers import OWN
from ..domain.policy import Method, Resolution
from ..extensions import db
from ..models import Shop
from .activate_shop import ReturnAddress, ShopRefused, add_return_address, missing_parts
from .shop_defaults import add_default_settings

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class NewShop:
    """What a shop is created from. `fee` in minor units of `currency`."""

    slug: str
    name: str
    country: str = "NL"
    currency: str = "EUR"
    time_zone: str = "Europe/Amsterdam"
    locales: Sequence[str] = ("nl", "en")
    return_address: ReturnAddress | None = None
    notification_email: str | None = None
    support_email: str | None = None
    window_days: int = 30
    resolutions: Sequence[str] = (Resolution.MONEY, Resolution.EXCHANGE)
    carriers: Sequence[str] = (OWN,)
    own_contracts: Sequence[str] = ()
    fee: int = 0


@dataclass(frozen=True, slots=True)
class CreatedShop:
    """`created` False: the shop was there before, and was left as it is."""

    id: int
    created: bool
    active: bool


def create_shop(new: NewShop) -> CreatedShop:
    """Create a shop; active at once when its return address is complete.

    A slug that is taken changes nothing. Raises ShopRefused.
    """
    check_new_shop(new)
    with writing():
        known = db.session.scalar(select(Shop).where(Shop.slug == new.slug))
        if known is not None:
            return CreatedShop(known.id, created=False, active=known.active)
        shop = add_shop(new)
        return CreatedShop(shop.id, created=True, active=shop.active)


def add_shop(new: NewShop) -> Shop:
    """Add a shop whose slug is free, within the caller's transaction. Raises ShopRefused."""
    check_new_shop(new)
    shop = _shop(new)
    db.session.add(shop)
    db.session.flush()
    add_default_settings(shop, fee=new.fee, carriers=new.carriers, own_contracts=new.own_contracts)
    if new.return_address is not None:
        shop.active = not missing_parts(add_return_address(shop, new.return_address))
    return shop


def check_new_shop(new: NewShop) -> None:
    """Raise ShopRefused for what a shop cannot be made of."""
    if not _SLUG.fullmatch(new.slug) or len(new.slug) > 64:
        raise ShopRefused("slug", "only small letters, digits and single dashes, at most 64")
    if not new.name.strip():
        raise ShopRefused("name", "is missing")
    for field, code, size in (("country", new.country, 2), ("currency", new.currency, 3)):
        if not re.fullmatch(rf"[A-Z]{{{size}}}", code):
            raise ShopRefused(field, f"“{code}” is not a code of {size} letters")
    if new.time_zone not in available_timezones():
        raise ShopRefused("time zone", f"“{new.time_zone}” is not known")
    if not 0 <= new.window_days <= 3650:
        raise ShopRefused("window", "must be 0 to 3650 days")
    if new.fee < 0:
        raise ShopRefused("fee", "must not be below zero")
    unknown = {*new.carriers, *new.own_contracts} - {carrier.code for carrier in all_carriers()}
    if unknown:
        raise ShopRefused("carrier", f"“{min(unknown)}” is not known")


def _shop(new: NewShop) -> Shop:
    return Shop(
        slug=new.slug,
        name=new.name.strip()[:200],
        country=new.country,
        currency=new.currency,
        time_zone=new.time_zone,
        locales=list(new.locales),
        default_locale=new.locales[0],
        notification_email=new.notification_email,
        support_email=new.support_email,
        window_days=new.window_days,
        resolutions=[str(code) for code in new.resolutions],
        methods=[method.value for method in Method],
        frame_origins=[],
        look={},
        created_at=clock.now(),
    )
