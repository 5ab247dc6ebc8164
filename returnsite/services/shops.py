"""A shop's settings as one immutable value, kept in memory per settings version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from types import MappingProxyType
from typing import Any

from sqlalchemy import bindparam, select

from ..database import run
from ..domain.policy import (
    Condition,
    ContractSpec,
    Effect,
    Fault,
    FeeEntry,
    FeeSchedule,
    Method,
    Policy,
    ReasonSpec,
    Resolution,
    Rule,
    UnknownDelivery,
)
from ..extensions import db
from ..models import Address, CarrierContract, FeeRule, Reason, ReturnRule, Shop


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the shop, as a plain value."""

    id: int
    name: str
    company: str
    street: str
    house_number: str
    postcode: str
    city: str
    country: str
    opening_hours: str
    latitude: float | None
    longitude: float | None

    def snapshot(self) -> dict[str, Any]:
        """What a return keeps of it, so that later edits do not change the return."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """What pages and decisions need of a shop. `policy` is the part decisions work on."""

    id: int
    version: int
    slug: str
    name: str
    active: bool
    is_demo: bool
    locales: tuple[str, ...]
    default_locale: str
    time_zone: str
    currency: str
    policy_url: str | None
    support_url: str | None
    support_email: str | None
    notification_email: str | None
    privacy_url: str | None
    frame_origins: tuple[str, ...]
    look: Mapping[str, Any]
    return_address: Place | None
    stores: tuple[Place, ...]
    policy: Policy


_cache: dict[int, ShopSettings] = {}
_lock = Lock()


def load_settings(shop_id: int, version: int) -> ShopSettings:
    """The settings of this version; read from the database when not in memory.

    A version that another process has raised meanwhile is picked up by the next request,
    because every request reads the shop's version with its first query.
    """
    cached = _cache.get(shop_id)
    if cached is not None and cached.version == version:
        return cached
    settings = read_settings(shop_id)
    remember_settings(settings)
    return settings


def remember_settings(settings: ShopSettings) -> None:
    """Keep settings in memory; only what is committed, as another may get the same version."""
    with _lock:
        _cache[settings.id] = settings


def forget_settings() -> None:
    """Empty the memory: for tests that replace the database underneath."""
    with _lock:
        _cache.clear()


def find_shop(*, slug: str) -> ShopSettings | None:
    """The shop with this slug, active or not; None when there is none. One query when warm."""
    row = run(_VERSION, {"slug": slug}).one_or_none()
    return load_settings(row.id, row.settings_version) if row else None


_VERSION = select(Shop.id, Shop.settings_version).where(Shop.slug == bindparam("slug"))


def demo_shop() -> ShopSettings | None:
    """The demo shop, if it has been loaded."""
    row = db.session.execute(
        select(Shop.id, Shop.settings_version).where(Shop.is_demo).order_by(Shop.id).limit(1)
    ).one_or_none()
    return load_settings(row.id, row.settings_version) if row else None


def read_settings(shop_id: int) -> ShopSettings:
    """The settings as the session's transaction sees them."""
    shop = db.session.get_one(Shop, shop_id)
    addresses = _live(Address, shop_id)
    stores = tuple(place_of(address) for address in addresses if address.is_store)
    return ShopSettings(
        id=shop.id,
        version=shop.settings_version,
        slug=shop.slug,
        name=shop.name,
        active=shop.active,
        is_demo=shop.is_demo,
        locales=tuple(shop.locales) or (shop.default_locale,),
        default_locale=shop.default_locale,
        time_zone=shop.time_zone,
        currency=shop.currency,
        policy_url=shop.policy_url,
        support_url=shop.support_url,
        support_email=shop.support_email,
        notification_email=shop.notification_email,
        privacy_url=shop.privacy_url,
        frame_origins=tuple(shop.frame_origins),
        look=MappingProxyType(dict(shop.look)),
        return_address=next(
            (place_of(one) for one in addresses if one.id == shop.return_address_id), None
        ),
        stores=stores,
        policy=_policy(shop, has_stores=bool(stores)),
    )


def _live(model: Any, shop_id: int) -> list[Any]:
    query = select(model).where(model.shop_id == shop_id, model.deleted_at.is_(None))
    if hasattr(model, "position"):
        query = query.order_by(model.position)
    return list(db.session.scalars(query.order_by(model.id)))


def place_of(address: Address) -> Place:
    """A stored address as a plain value."""
    return Place(
        id=address.id,
        name=address.name,
        company=address.company,
        street=address.street,
        house_number=address.house_number,
        postcode=address.postcode,
        city=address.city,
        country=address.country,
        opening_hours=address.opening_hours,
        latitude=address.latitude,
        longitude=address.longitude,
    )


def _policy(shop: Shop, *, has_stores: bool) -> Policy:
    return Policy(
        shop_id=shop.id,
        currency=shop.currency,
        time_zone=shop.time_zone,
        home_country=shop.country,
        window_days=shop.window_days,
        unknown_delivery=UnknownDelivery(shop.unknown_delivery),
        unknown_delivery_days=shop.unknown_delivery_days,
        reasons=tuple(_reason(row) for row in _live(Reason, shop.id) if row.enabled),
        rules=tuple(_rule(row) for row in _live(ReturnRule, shop.id) if row.enabled),
        fees=_fees(shop),
        resolutions=tuple(Resolution(code) for code in shop.resolutions),
        credit_bonus_bp=shop.credit_bonus_bp,
        refund_outbound_shipping=shop.refund_outbound_shipping,
        methods=tuple(Method(code) for code in shop.methods),
        contracts=tuple(
            ContractSpec(row.id, row.carrier, row.own, row.includes_returns)
            for row in _live(CarrierContract, shop.id)
            if row.enabled
        ),
        has_stores=has_stores,
        manual_approval=shop.manual_approval,
        hand_in_days=shop.hand_in_days,
        refund_days=shop.refund_days,
    )


def _reason(row: Reason) -> ReasonSpec:
    return ReasonSpec(
        id=row.id,
        code=row.code,
        labels=dict(row.labels),
        fault=Fault(row.fault),
        comment_required=row.comment_required,
        photo_required=row.photo_required,
    )


def _rule(row: ReturnRule) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        conditions=tuple(Condition(c["field"], c["op"], c["value"]) for c in row.conditions),
        effects=tuple(Effect(e["kind"], e["value"]) for e in row.effects),
    )


def _fees(shop: Shop) -> FeeSchedule:
    return FeeSchedule(
        entries=tuple(
            FeeEntry(row.amount, Method(row.method) if row.method else None, row.country)
            for row in _live(FeeRule, shop.id)
        ),
        free_from_order_value=shop.free_from_order_value,
        free_for_shop_fault=shop.free_for_shop_fault,
        free_for_exchange=shop.free_for_exchange,
        free_for_credit=shop.free_for_credit,
    )
