"""Taking a return back on its own page, and beginning anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests import walk
from tests.conftest import Kept
from tests.factories import PLACED, make_order
from tests.harness import CheckedClient, IsolatedClient


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def order(session: Session, shop: Any, kept: Kept) -> Any:
    """An order of `shop`, saved."""
    return kept(lambda: make_order(session, shop))


def test_cancelling_is_asked_first_and_leads_to_a_new_return_of_the_same_order(
    client: IsolatedClient, checked: CheckedClient, shop: Any, order: Any
) -> None:
    line, number = walk.lines_of(order)[0], order.number
    status = walk.confirm(client, shop, order, {line: 2})
    page = checked.get(f"{status}?lang=en")
    assert "Are you sure?" in page.text
    assert "Yes, cancel this return" in page.text
    assert "change or cancel" not in page.text.lower()
    assert not page.find_all("a", id="again")
    walk.cancel(client, status)
    page = checked.get(f"{status}?lang=en")
    assert "Are you sure?" not in page.text
    start = checked.get(page.find("a", id="again").attrib["href"])
    assert number in start.text
    form = checked.submit(start, {}, status=303)
    assert form.location.endswith("/items")
    assert "Already in a return" not in checked.get(form.location).text


def test_what_is_promised_before_and_after_confirming_is_what_can_be_done(
    client: IsolatedClient, checked: CheckedClient, shop: Any, order: Any
) -> None:
    draft = walk.start(client, shop, order, walk.answers_for({walk.lines_of(order)[0]: 1}))
    review = checked.get(draft.url("review") + "?lang=en")
    done = checked.get(draft.confirm().location + "?lang=en")
    for page in (review, done):
        assert "cancel and register it anew" in page.text
        assert "change or cancel" not in page.text
