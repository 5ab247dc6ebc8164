"""Carriers as a shop uses them: under which contract, in which order, and what that brings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ... import clock
from ...carriers.registry import all_carriers
from ...domain.carriers import OWN
from ...domain.methods import CAPABILITIES
from ...domain.policy import Method
from ...extensions import db
from ...models import CarrierContract, Shop
from ..secrets import encrypt_secret
from ..setting_items import ContractItem
from ..shops import ShopSettings
from .store import Snapshot, Store

_FIELDS = ("carrier", "own", "includes_returns", "enabled", "reference")


@dataclass(frozen=True, slots=True)
class Offer:
    """A method a carrier can do, where (None: everywhere) and under which condition."""

    method: Method
    countries: tuple[str, ...] | None
    needs_own_contract: bool
    domestic_only: bool
    own_postage: bool
    """Whether customers pay the postage; only where no carrier of the shop does it."""


@dataclass(frozen=True, slots=True)
class CarrierChoice:
    """A carrier there is, with the shop's contract if it has one."""

    code: str
    is_test: bool
    offers: tuple[Offer, ...]
    contract: ContractItem | None

    @property
    def can_be_contracted(self) -> bool:
        """Whether a shop can have an agreement of its own; not with its own address label."""
        return self.code != OWN


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """What a form says of a contract; `credentials` None keeps what is stored, {} forgets it."""

    own: bool
    reference: str = ""
    includes_returns: bool = True
    credentials: Mapping[str, str] | None = None


def list_carriers(*, settings: ShopSettings) -> list[CarrierChoice]:
    """Every carrier: those with a contract in order of preference, then the others."""
    carriers = {one.code: one for one in all_carriers()}
    contracts: dict[str, ContractItem] = {}
    for item in settings.contracts:
        contracts.setdefault(item.carrier, item)
    codes = dict.fromkeys((*contracts, *carriers))
    return [
        CarrierChoice(
            code,
            is_test=code not in carriers or carriers[code].is_test,
            offers=_offers(code),
            contract=contracts.get(code),
        )
        for code in codes
    ]


def set_contract(shop: Shop, choice: CarrierChoice, terms: ContractTerms | None) -> None:
    """Use the carrier on these terms, or None: no longer. In the caller's transaction."""
    row = _row(shop, choice)
    if terms is None:
        if row is not None:
            row.enabled = False
        return
    row = row or _new_row(shop, choice.code)
    row.enabled = True
    row.own = terms.own
    if terms.own:
        row.reference = terms.reference
        row.includes_returns = terms.includes_returns
    if terms.credentials is not None:
        plain = json.dumps(dict(terms.credentials)) if terms.credentials else ""
        row.credentials = encrypt_secret(plain) if plain else ""


def switch_carrier(shop: Shop, choice: CarrierChoice) -> None:
    """Off becomes on, under the contract there is or else without one; on becomes off."""
    row = _row(shop, choice)
    if row is None:
        _new_row(shop, choice.code)
    else:
        row.enabled = not row.enabled


def remove_contract(shop: Shop, choice: CarrierChoice) -> None:
    """Forget the shop's contract with its credentials; shipments keep what it was called."""
    row = _row(shop, choice)
    if row is not None:
        row.deleted_at = clock.now()
        row.credentials = ""


def order_carriers(shop: Shop, carriers: Iterable[str]) -> None:
    """Prefer carriers in this order; those not named stay behind them."""
    rows = _live(shop.id)
    wanted = {code: place for place, code in enumerate(carriers)}
    ranked = sorted(rows, key=lambda row: wanted.get(row.carrier, len(wanted)))
    for position, row in enumerate(ranked):
        row.position = position


def _offers(carrier: str) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            one.method,
            None if one.countries is None else tuple(sorted(one.countries)),
            one.needs_own_contract,
            one.domestic_only,
            one.own_postage,
        )
        for one in CAPABILITIES
        if one.carrier == carrier
    )


def _live(shop_id: int) -> list[CarrierContract]:
    query = select(CarrierContract).where(
        CarrierContract.shop_id == shop_id, CarrierContract.deleted_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(CarrierContract.position, CarrierContract.id)))


def _row(shop: Shop, choice: CarrierChoice) -> CarrierContract | None:
    """The contract behind a choice; no query within `save_section`, whose snapshot read it."""
    row = db.session.get(CarrierContract, choice.contract.id) if choice.contract else None
    return row if row is not None and row.shop_id == shop.id and not row.deleted_at else None


def _new_row(shop: Shop, carrier: str) -> CarrierContract:
    last = select(func.coalesce(func.max(CarrierContract.position), -1)).where(
        CarrierContract.shop_id == shop.id
    )
    place: Any = last.scalar_subquery() + 1
    row = CarrierContract(shop_id=shop.id, carrier=carrier, position=place)
    db.session.add(row)
    return row


def _snapshot(shop: Shop) -> Snapshot:
    rows = _live(shop.id)
    return {
        "contracts.order": [row.carrier for row in rows],
        **{f"contract.{row.id}": {name: getattr(row, name) for name in _FIELDS} for row in rows},
        **{f"credentials.{row.id}": row.credentials for row in rows if row.credentials},
    }


def _restore(shop: Shop, snapshot: Snapshot) -> None:
    rows = db.session.scalars(select(CarrierContract).where(CarrierContract.shop_id == shop.id))
    for row in rows:
        values = snapshot.get(f"contract.{row.id}")
        if values is None:
            row.deleted_at = row.deleted_at or clock.now()
            continue
        for name, value in values.items():
            setattr(row, name, value)
        row.position = snapshot["contracts.order"].index(row.carrier)
        row.credentials = snapshot.get(f"credentials.{row.id}", "")
        row.deleted_at = None


CARRIERS = Store(
    "carriers", _snapshot, _restore, redact=("credentials",), tables=(CarrierContract,)
)
