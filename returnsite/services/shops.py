"""A shop's settings as one immutable value, kept in memory per settings version."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
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
from .setting_items import ContractItem, Place, ReasonItem


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
    credit_valid_days: int | None
    frame_origins: tuple[str, ...]
    has_own_mail_server: bool
    look: Mapping[str, Any]
    texts: Mapping[str, Mapping[str, str]]
    """The shop's own words: locale → place → text."""
    addresses: tuple[Place, ...]
    """The address book, by id."""
    return_address: Place | None
    reasons: tuple[ReasonItem, ...]
    """All reasons in their order, also those switched off."""
    former_reasons: tuple[ReasonItem, ...]
    """Reasons no longer in the list that returns of before may name, the latest first."""
    contracts: tuple[ContractItem, ...]
    """All contracts in order of preference, also those switched off."""
    policy: Policy

    @property
    def stores(self) -> tuple[Place, ...]:
        """The addresses that take in returns over the counter."""
        return tuple(place for place in self.addresses if place.is_store)

    def reason_label(self, code: str, locale: str) -> str | None:
        """The shop's words for a reason, also for one it offers no more; None for an unknown."""
        every = (*self.reasons, *self.former_reasons)
        found = next((reason for reason in every if reason.code == code), None)
        return _reason(found).label(locale) if found else None


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


def find_settings(*, shop_id: int) -> ShopSettings | None:
    """The shop with this id, active or not; None when there is none."""
    version = db.session.scalar(select(Shop.settings_version).where(Shop.id == shop_id))
    return None if version is None else load_settings(shop_id, version)


_VERSION = select(Shop.id, Shop.settings_version).where(Shop.slug == bindparam("slug"))


def demo_shop() -> ShopSettings | None:
    """The demo shop, if it has been loaded."""
    row = db.session.execute(
        select(Shop.id, Shop.settings_version).where(Shop.is_demo).order_by(Shop.id).limit(1)
    ).one_or_none()
    return load_settings(row.id, row.settings_version) if row else None


def known_settings(shop_id: int, version: int) -> ShopSettings | None:
    """The settings of this version, when they are in memory."""
    cached = _cache.get(shop_id)
    return cached if cached is not None and cached.version == version else None


def read_settings(
    shop_id: int, *, known: ShopSettings | None = None, changed: Collection[type[Any]] = ()
) -> ShopSettings:
    """The settings as the session's transaction sees them.

    With the settings of before as `known`, only the tables in `changed` are read again.
    """
    shop = db.session.get_one(Shop, shop_id)

    def rows(model: type[Any]) -> list[Any] | None:
        return _rows(model, shop_id) if known is None or model in changed else None

    parts = _parts(rows, known)
    return ShopSettings(
        **{name: getattr(shop, name) for name in _COLUMNS},
        version=shop.settings_version,
        locales=tuple(shop.locales) or (shop.default_locale,),
        frame_origins=tuple(shop.frame_origins),
        has_own_mail_server=bool(shop.mail),
        look=MappingProxyType(dict(shop.look)),
        texts=MappingProxyType(dict(shop.texts)),
        addresses=parts.addresses,
        return_address=next(
            (one for one in parts.addresses if one.id == shop.return_address_id), None
        ),
        reasons=parts.reasons,
        former_reasons=parts.former_reasons,
        contracts=parts.contracts,
        policy=_policy(shop, parts),
    )


_COLUMNS = (
    *("id", "slug", "name", "active", "is_demo", "default_locale", "time_zone", "currency"),
    *("policy_url", "support_url", "support_email", "notification_email", "privacy_url"),
    "credit_valid_days",
)


@dataclass(frozen=True, slots=True)
class _Parts:
    addresses: tuple[Place, ...]
    reasons: tuple[ReasonItem, ...]
    former_reasons: tuple[ReasonItem, ...]
    contracts: tuple[ContractItem, ...]
    rules: tuple[Rule, ...]
    fees: tuple[FeeEntry, ...]


def _parts(rows: Callable[[Any], list[Any] | None], known: ShopSettings | None) -> _Parts:
    """What has tables of its own: from these rows, or as known where there are none."""

    def part(model: Any, make: Callable[[Any], Any], before: Callable[[ShopSettings], Any]) -> Any:
        found = rows(model)
        if found is not None:
            return tuple(map(make, found))
        return before(known) if known else ()

    reasons = part(Reason, reason_of, lambda s: (*s.reasons, *reversed(s.former_reasons)))
    return _Parts(
        addresses=part(Address, place_of, lambda s: s.addresses),
        reasons=tuple(one for one in reasons if not one.is_retired),
        former_reasons=tuple(one for one in reversed(reasons) if one.is_retired),
        contracts=part(CarrierContract, contract_of, lambda s: s.contracts),
        rules=part(ReturnRule, _rule, lambda s: s.policy.rules),
        fees=part(FeeRule, _fee, lambda s: s.policy.fees.entries),
    )


def _rows(model: Any, shop_id: int) -> list[Any]:
    query = select(model).where(model.shop_id == shop_id)
    if model is not Reason:
        query = query.where(model.deleted_at.is_(None))
    if hasattr(model, "position"):
        query = query.order_by(model.position)
    if model is ReturnRule:
        query = query.where(model.enabled)
    return list(db.session.scalars(query.order_by(model.id)))


def place_of(address: Address) -> Place:
    """A stored address as a plain value."""
    return Place(**{name: getattr(address, name) for name in Place.__slots__})


def reason_of(row: Reason) -> ReasonItem:
    """A stored reason as a plain value."""
    return ReasonItem(**{name: getattr(row, name) for name in ReasonItem.__slots__})


def contract_of(row: CarrierContract) -> ContractItem:
    """A stored contract as a plain value, without its credentials."""
    names = [name for name in ContractItem.__slots__ if name != "has_credentials"]
    values = {name: getattr(row, name) for name in names}
    return ContractItem(**values, has_credentials=bool(row.credentials))


def _policy(shop: Shop, parts: _Parts) -> Policy:
    return Policy(
        shop_id=shop.id,
        currency=shop.currency,
        time_zone=shop.time_zone,
        home_country=shop.country,
        window_days=shop.window_days,
        unknown_delivery=UnknownDelivery(shop.unknown_delivery),
        unknown_delivery_days=shop.unknown_delivery_days,
        reasons=tuple(_reason(item) for item in parts.reasons if item.enabled),
        rules=parts.rules,
        fees=_fees(shop, parts.fees),
        resolutions=tuple(Resolution(code) for code in shop.resolutions),
        credit_bonus_bp=shop.credit_bonus_bp,
        refund_outbound_shipping=shop.refund_outbound_shipping,
        methods=tuple(Method(code) for code in shop.methods),
        contracts=tuple(
            ContractSpec(item.id, item.carrier, item.own, item.includes_returns)
            for item in parts.contracts
            if item.enabled
        ),
        has_stores=any(place.is_store for place in parts.addresses),
        manual_approval=shop.manual_approval,
        hand_in_days=shop.hand_in_days,
        refund_days=shop.refund_days,
    )


def _reason(item: ReasonItem) -> ReasonSpec:
    return ReasonSpec(
        id=item.id,
        code=item.code,
        labels=dict(item.labels),
        fault=Fault(item.fault),
        comment_required=item.comment_required,
        photo_required=item.photo_required,
    )


def _rule(row: ReturnRule) -> Rule:
    return Rule(
        id=row.id,
        name=row.name,
        conditions=tuple(Condition(c["field"], c["op"], c["value"]) for c in row.conditions),
        effects=tuple(Effect(e["kind"], e["value"]) for e in row.effects),
    )


def _fee(row: FeeRule) -> FeeEntry:
    return FeeEntry(row.amount, Method(row.method) if row.method else None, row.country)


def _fees(shop: Shop, entries: tuple[FeeEntry, ...]) -> FeeSchedule:
    return FeeSchedule(
        entries=entries,
        free_from_order_value=shop.free_from_order_value,
        free_for_shop_fault=shop.free_for_shop_fault,
        free_for_exchange=shop.free_for_exchange,
        free_for_credit=shop.free_for_credit,
    )
