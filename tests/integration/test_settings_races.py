"""Several people change one shop at the same moment: nobody's change is lost unnoticed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from returnsite.services.activate_shop import ReturnAddress, ShopRefused
from returnsite.services.audit import Actor
from returnsite.services.embed_shop import OriginsChanged, change_frame_origins
from returnsite.services.settings.return_address import set_return_address

EIGHT = range(8)


def at_once(app: Flask, acts: Sequence[Callable[[], object]]) -> None:
    """Let each act in a thread of its own, all at the same moment."""
    barrier = Barrier(len(acts))

    def one(act: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait(30)
            act()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(one, acts))


def test_of_eight_lists_of_sites_saved_at_once_one_stays_and_seven_are_told(
    app: Flask, session: Session, shop: Any
) -> None:
    shop_id, saved, told = shop.id, [], []
    session.rollback()

    def save(number: int) -> None:
        lines = [f"https://shop{number}.example"]
        try:
            change_frame_origins(shop_id=shop_id, lines=lines, seen=[], actor=Actor(None, "Anna"))
            saved.append(lines)
        except OriginsChanged as changed:
            told.append(list(changed.current))

    at_once(app, [lambda number=number: save(number) for number in EIGHT])
    session.rollback()
    assert saved == [shop.frame_origins]
    assert told == saved * 7


def test_of_eight_return_addresses_set_at_once_each_is_a_version_of_the_settings_or_refused(
    app: Flask, session: Session, shop: Any
) -> None:
    slug, before = shop.slug, shop.settings_version
    done, refused = [], []
    session.rollback()

    def move(number: int) -> None:
        address = ReturnAddress(
            name="Shop", street="Damrak", house_number=f"{number}", postcode="1012 JS",
            city="Amsterdam",
        )  # fmt: skip
        try:
            set_return_address(slug=slug, address=address)
            done.append(address)
        except ShopRefused:
            refused.append(address)

    at_once(app, [lambda number=number: move(number) for number in range(1, 9)])
    session.rollback()
    assert len(done) + len(refused) == 8
    assert shop.settings_version == before + len(done)
    assert shop.return_address.house_number in {address.house_number for address in done}
