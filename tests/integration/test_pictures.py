"""Pictures of items: none is fetched from anybody else's server."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from returnsite.models import OrderLine
from returnsite.web.portal.pictures import own_picture
from tests import walk
from tests.factories import PLACED
from tests.harness import IsolatedClient


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


def test_a_picture_on_another_server_gives_way_to_a_drawing(
    client: IsolatedClient, session: Session, shop: Any, factories: ModuleType
) -> None:
    order = factories.make_order(session, shop)
    session.execute(update(OrderLine).values(image_url="https://cdn.example/shirt.jpg"))
    session.commit()
    draft = walk.start(client, shop, order, walk.answers_for({walk.lines_of(order)[0]: 1}))
    session.rollback()
    pages = [draft.get(step).text for step in walk.STEPS]
    done = client.get(draft.confirm().location.removesuffix("/done"))
    for page in [*pages, done.text]:
        assert "cdn.example" not in page
    assert all("img/art.svg" in page for page in (*pages[:3], done.text))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/static/shirt.jpg", "/static/shirt.jpg"),
        ("//cdn.example/shirt.jpg", ""),
        ("https://cdn.example/shirt.jpg", ""),
        ("data:image/svg+xml,x", ""),
        ("", ""),
    ],
)
def test_only_addresses_of_this_site_are_shown(address: str, shown: str) -> None:
    assert own_picture(address) == shown
