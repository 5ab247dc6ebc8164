"""The service points on the shipment page: whose data they are."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests import walk
from tests.factories import PLACED
from tests.harness import CheckedClient, IsolatedClient, Page, text_of


@pytest.fixture(autouse=True)
def _ten_days_later(clock: Any) -> None:
    clock.set(PLACED + timedelta(days=10))


@pytest.fixture
def draft(client: IsolatedClient, session: Session, shop: Any, factories: ModuleType) -> walk.Walk:
    order = factories.make_order(session, shop)
    session.commit()
    answers = walk.answers_for({walk.lines_of(order)[0]: 1})
    del answers["shipment"]
    begun = walk.start(client, shop, order, answers)
    session.rollback()  # it was written in another transaction
    return begun


def is_finder_open(page: Page) -> bool:
    """Whether the list of points stands open under the one that is suggested."""
    (finder,) = [
        each
        for each in page.find_all("details")
        if each.find("./summary[@id='finder-toggle']") is not None
    ]
    return finder.get("open") is not None


def test_points_and_places_name_whose_data_they_are(
    draft: walk.Walk, checked: CheckedClient, session: Session
) -> None:
    walk.make_point(session, code="1", source="csv")
    url = draft.url("shipment") + "?method=drop_off_point&near=Amsterdam"
    page = checked.get(url)
    assert "GeoNames, CC BY 4.0" in page.text
    assert "OpenStreetMap" not in page.text
    walk.make_point(session, code="2", source="openstreetmap")
    page = checked.get(url)
    assert "© OpenStreetMap contributors" in page.text
    credits = [a for a in page.find_all("a") if a.get("target") == "_blank"]
    assert [a.get("href") for a in credits] == [
        "https://www.openstreetmap.org/copyright",
        "https://www.geonames.org/",
    ]
    assert {a.get("rel") for a in credits} == {"noopener"}


def test_without_javascript_the_page_says_why_it_came_again_with_points(
    draft: walk.Walk, checked: CheckedClient, session: Session
) -> None:
    walk.make_point(session, code="1")
    page = checked.get(draft.url("shipment"))
    assert not page.find_all(id="points-hint")
    shown = checked.follow(checked.submit(page, {"method": "drop_off_point"}))
    hint = shown.find(id="points-hint")
    assert "‘Ga verder’" in text_of(hint)
    assert hint.get("autofocus") is not None
    assert "/review" in checked.submit(shown).location
    assert not checked.get(draft.url("shipment")).find_all(id="points-hint")


def test_the_list_of_other_points_opens_for_who_chose_another_one(
    draft: walk.Walk, checked: CheckedClient, session: Session
) -> None:
    walk.make_point(session, code="1")
    other = walk.make_point(session, code="2", latitude=52.387).id
    page = checked.get(draft.url("shipment"))
    shown = checked.follow(checked.submit(page, {"method": "drop_off_point"}))
    assert not is_finder_open(shown)
    searched = checked.get(draft.url("shipment") + "?method=drop_off_point&near=")
    checked.submit(searched, {"method": "drop_off_point", "point": str(other)})
    assert is_finder_open(checked.get(draft.url("shipment")))


def test_a_method_without_points_has_nothing_to_say(
    draft: walk.Walk, checked: CheckedClient
) -> None:
    page = checked.get(draft.url("shipment") + "?points=1&method=pickup")
    assert not page.find_all(id="points-hint")
