"""Load the demo shop: once, and never over anything that is there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, select

from ... import clock
from ...database import writing
from ...extensions import db
from ...models import Postcode, Shop
from ..accounts.joining import add_demo_owner
from ..import_points import Options, import_points
from ..import_postcodes import import_postcodes
from ..shops import load_settings
from .files import FOLDER, read_demo_file
from .hints import DEMO_SLUG
from .history import add_history
from .orders import add_orders
from .returns import make_returns
from .settings import add_catalogue, add_shop


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was (or, in a dry run, would be) added; all zero when everything was there."""

    orders: int = 0
    returns: int = 0
    points: int = 0


class SlugTaken(Exception):
    """A shop that is no demo has the demo's slug."""


def load_demo(
    *, if_empty: bool = False, dry_run: bool = False, history: bool = False
) -> DemoSummary:
    """Add the demo shop with its orders, earlier returns and service points. Commits.

    Loading again changes nothing; a load that was interrupted is finished. With `if_empty`
    nothing happens when there is any shop. With `history` the shop gets fourteen months of made-up
    orders and returns besides. Raises SlugTaken.
    """
    shop = db.session.scalars(select(Shop).where(Shop.slug == DEMO_SLUG)).one_or_none()
    if if_empty and db.session.scalar(select(exists().where(Shop.id.is_not(None)))):
        return DemoSummary()
    if shop is not None and not shop.is_demo:
        raise SlugTaken(DEMO_SLUG)
    if dry_run:
        return _plan() if shop is None else DemoSummary()
    points = orders = 0
    if shop is None:
        points = _add_places()
        orders = _add_shop_with_orders()
        shop = db.session.scalars(select(Shop).where(Shop.slug == DEMO_SLUG)).one()
    settings = load_settings(shop.id, shop.settings_version)
    returns = make_returns(settings)
    if history:
        orders += add_history(settings)
    return DemoSummary(orders, returns, points)


def _plan() -> DemoSummary:
    orders = read_demo_file("orders")["orders"]
    points = import_points(paths=[FOLDER / "points.csv"], options=Options(demo=True, dry_run=True))
    return DemoSummary(len(orders), sum(len(o.get("returns", ())) for o in orders), points.added)


def _add_places() -> int:
    """Service points and postcodes; made-up positions never stand in for real ones."""
    if not db.session.scalar(select(exists().where(Postcode.id.is_not(None)))):
        import_postcodes(paths=[FOLDER / "postcodes.csv"])
    return import_points(paths=[FOLDER / "points.csv"], options=Options(demo=True)).added


def _add_shop_with_orders() -> int:
    """The shop and all its orders in one transaction: there is never half of it."""
    with writing():
        now = clock.now()
        shop = add_shop(now)
        add_demo_owner(shop)
        add_catalogue(shop.id)
        return add_orders(shop, now)
