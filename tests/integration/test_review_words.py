"""What the last step promises is what happens next."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests import walk
from tests.conftest import Kept
from tests.factories import PLACED, make_order, make_rule
from tests.harness import CheckedClient, IsolatedClient


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    """An order of `shop`, saved."""
    return kept(lambda: make_order(session, shop))


def review_of(client: IsolatedClient, checked: CheckedClient, shop: Any, order: Any) -> str:
    answers = walk.answers_for(
        {walk.lines_of(order)[0]: 1}, shipment={"method": "drop_off_point", "carrier": "postnl"}
    )
    return checked.get(walk.start(client, shop, order, answers).url("review") + "?lang=en").text


def test_the_label_is_promised_at_once_where_nobody_looks_first(
    client: IsolatedClient, checked: CheckedClient, shop: Any, order: Any
) -> None:
    page = review_of(client, checked, shop, order)
    assert "Right after that you get your label." in page
    assert "Hand in your parcel by" in page


@pytest.mark.parametrize("who", ["setting", "rule"])
def test_nothing_is_promised_before_the_shop_has_looked(
    client: IsolatedClient,
    checked: CheckedClient,
    session: Session,
    shop: Any,
    order: Any,
    who: str,
) -> None:
    if who == "rule":
        make_rule(session, shop, ("country", "is", "NL"), manual_approval=True)
    walk.change_settings(session, shop, manual_approval=who == "setting")
    page = review_of(client, checked, shop, order)
    assert "The shop looks at it first. Then you get your label by e-mail." in page
    assert "Keep your parcel until the shop has approved your return." in page
    assert "Right after that" not in page
    assert "Hand in your parcel by" not in page


def test_an_item_of_a_return_that_is_only_registered_is_not_called_sent_back(
    client: IsolatedClient, checked: CheckedClient, shop: Any, order: Any
) -> None:
    line = walk.lines_of(order)[0]
    walk.confirm(client, shop, order, {line: 2})
    page = checked.get(walk.start(client, shop, order).url("items") + "?lang=en").text
    assert "Already in a return. Since 12 November." in page
    assert "sent back" not in page
