"""The return address from the command line: saved as the settings page saves it."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from ... import clock
from ...extensions import db
from ...models import Address, Shop
from ..activate_shop import ReturnAddress, ShopRefused, add_return_address, refuse_incomplete
from ..audit import COMMAND_LINE
from .addresses import ADDRESSES
from .store import SectionChanged, State, load_states, save_section


def set_return_address(*, slug: str, address: ReturnAddress) -> None:
    """Replace the shop's return address; old returns keep the old one. Commits.

    Audit, undo and who has the page open go with it. Raises ShopRefused.
    """
    shop_id = db.session.scalar(select(Shop.id).where(Shop.slug == slug))
    if shop_id is None:
        raise ShopRefused("shop", f"there is no “{slug}”")
    state = load_states(shop_id=shop_id).get(ADDRESSES.name, State())
    try:
        save_section(
            shop_id=shop_id,
            store=ADDRESSES,
            actor=COMMAND_LINE,
            seen=state.version,
            change=lambda shop: _replace(shop, address),
            subject=address.name or address.company,
        )
    except SectionChanged:
        raise ShopRefused("addresses", "somebody changed them meanwhile; try again") from None


def _replace(shop: Shop, given: ReturnAddress) -> None:
    old = shop.return_address
    new = add_return_address(shop, given)
    refuse_incomplete(new)
    if old is None or old.deleted_at is not None:
        return
    if _same(old, new):
        shop.return_address_id = old.id
        db.session.flush()
        db.session.delete(new)
    elif not old.is_store:
        old.deleted_at = clock.now()


def _same(old: Address, new: Address) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in asdict(ReturnAddress()))
