"""The rules page through the checked client: every button without scripts and as htmx asks."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from returnsite.services.rules.draft import RulesState, load_rules
from tests import factories
from tests.conftest import Kept
from tests.harness import Page
from tests.merchant import Merchant


@pytest.fixture
def two(session: Session, shop: Any, kept: Kept) -> list[int]:
    """Two live rules; their ids."""
    return kept(
        lambda: [
            factories.make_rule(
                session, shop, ("reason", "in", ["damaged", "wrong_item"]), fee=0
            ).id,
            factories.make_rule(session, shop, ("category", "is", "Shoes"), returnable=False).id,
        ]
    )


def state(shop: Any) -> RulesState:
    return load_rules(shop.id)


def order(shop: Any) -> list[int]:
    return [entry.id for entry in state(shop).entries]


def press(
    merchant: Merchant, page: Page, rule_id: int, do: str, *, fragment: bool = False, **more: Any
) -> Page:
    """Press one of the buttons beside a rule, with the version the page showed."""
    version = page.find("input", id="draft-version").get("value")
    data = {"do": do, "version": version, **more}
    status = 200 if fragment else 303
    return merchant.post(f"/rules/{rule_id}", data, fragment=fragment, status=status)


def test_a_shop_without_rules_is_told_what_they_are_for(merchant: Merchant) -> None:
    page = merchant.get("/rules")

    assert "Without rules your settings count for every return" in page.text
    assert page.find("a", id="rules-new")


def test_each_rule_is_a_sentence_in_the_language_of_the_reader(
    merchant: Merchant, two: list[int]
) -> None:
    english = merchant.get("/rules").text
    dutch = merchant.get("/rules?lang=nl").text

    assert "If the reason is Damaged or Wrong item , the return fee is €0.00" in english
    assert "If the category is Shoes , it can't be returned" in english
    assert (
        "Als de reden Beschadigd of Verkeerd artikel is, dan zijn de retourkosten € 0,00" in dutch
    )


def test_the_buttons_move_a_rule_and_switch_it(
    merchant: Merchant, shop: Any, two: list[int]
) -> None:
    page = merchant.get("/rules")
    page = merchant.follow(press(merchant, page, two[1], "up"))
    assert order(shop) == two[::-1]
    page = merchant.follow(press(merchant, page, two[1], "down"))
    page = merchant.follow(press(merchant, page, two[1], "place", place="1"))
    assert order(shop) == two[::-1]
    press(merchant, page, two[0], "off")

    page = merchant.get("/rules")
    assert "Draft with 2 changes." in page.text
    assert page.find("button", id=f"rule-{two[0]}-switch").get("aria-pressed") == "false"


def test_at_the_end_of_the_list_a_button_changes_nothing(
    merchant: Merchant, shop: Any, two: list[int]
) -> None:
    page = merchant.get("/rules")
    assert page.find("button", id=f"rule-{two[0]}-up").get("aria-disabled") == "true"

    press(merchant, page, two[0], "up")

    assert not state(shop).is_open


def test_htmx_gets_the_list_or_the_rule_and_what_stands_beside(
    merchant: Merchant, two: list[int]
) -> None:
    page = merchant.get("/rules")
    moved = press(merchant, page, two[1], "up", fragment=True)
    switched = press(merchant, moved, two[1], "off", fragment=True)

    assert moved.headers["HX-Retarget"] == "#rules-list"
    assert moved.find("ol", class_="rules") is not None
    assert not switched.find_all("ol", class_="rules")
    for answer in (moved, switched):
        assert answer.find("div", id="rules-state", data_hx_swap_oob="innerHTML") is not None
        assert answer.find("div", id="trial", data_hx_swap_oob="innerHTML") is not None
    assert len(switched.body) <= 10 * 1024


@pytest.mark.parametrize("data", [{"do": "explode"}, {"do": "place", "place": "x"}, {}])
def test_a_button_nobody_made_is_refused(
    merchant: Merchant, two: list[int], data: dict[str, str]
) -> None:
    merchant.post(f"/rules/{two[0]}", {**data, "version": "0"}, status=400)


def test_a_rule_that_is_not_there_is_not_found(merchant: Merchant, two: list[int]) -> None:
    merchant.get("/rules/999999/edit", status=404)
    merchant.get_fragment("/rules/999999/_show", status=404)
    merchant.post("/rules/999999", {"do": "up", "version": "0"}, status=404)
    merchant.post("/rules/-5/edit", {"version": "0"}, status=404)


def test_who_comes_second_is_told_who_was_first(
    merchant: Merchant, shop: Any, two: list[int], session: Session
) -> None:
    stale = merchant.get("/rules")
    first = merchant.user.name
    press(merchant, stale, two[0], "off")
    merchant.as_role("owner")

    for data in ({"do": "up"}, {"do": "off"}):
        told = merchant.post(f"/rules/{two[1]}", {**data, "version": "0"}, status=409)
        assert f"{first} changed the rules" in told.text
    again = merchant.post(
        f"/rules/{two[1]}", {"do": "up", "version": "0"}, status=409, fragment=True
    )
    assert again.headers["HX-Retarget"] == "#main"
    for path in ("/rules/publish", "/rules/undo", "/rules/discard"):
        merchant.post(path, {"version": "0"}, status=409)
    assert order(shop) == two
    assert state(shop).is_open


def test_htmx_sends_the_newer_of_two_versions(
    merchant: Merchant, shop: Any, two: list[int]
) -> None:
    page = merchant.get("/rules")
    press(merchant, page, two[0], "off")

    merchant.post(f"/rules/{two[1]}", {"do": "off", "version": ["0", "1"]})

    assert [entry.enabled for entry in state(shop).entries] == [False, False]


def test_undo_throwing_away_and_back(merchant: Merchant, shop: Any, two: list[int]) -> None:
    page = merchant.follow(press(merchant, merchant.get("/rules"), two[1], "up"))
    page = merchant.follow(merchant.submit(page, action="/rules/undo"))
    assert not state(shop).is_open
    press(merchant, page, two[1], "up")

    page = merchant.get("/rules/discard")
    assert "moved from place 2 to 1" in page.text
    page = merchant.follow(merchant.submit(page, action="/rules/discard"))
    assert "The draft is gone." in page.text
    merchant.submit(page, action="/rules/undo")

    assert order(shop) == two[::-1]
    assert state(shop).is_open


def test_publishing_says_so_and_leaves_no_draft(
    merchant: Merchant, shop: Any, two: list[int]
) -> None:
    page = merchant.follow(press(merchant, merchant.get("/rules"), two[1], "up"))
    page = merchant.follow(merchant.submit(page, action="/rules/publish"))

    assert "Your customers meet these rules from now on." in page.text
    assert not page.find_all("button", id="rules-publish")


def test_the_history_names_changes_and_puts_old_rules_back(
    merchant: Merchant, shop: Any, two: list[int]
) -> None:
    assert "Nothing published yet" in merchant.get("/rules/history").text
    page = merchant.follow(press(merchant, merchant.get("/rules"), two[1], "up"))
    merchant.submit(page, action="/rules/publish")

    history = merchant.get("/rules/history")
    assert merchant.user.name in history.text
    assert "Rule moved from place 2 to 1" in history.text
    merchant.submit(history, action="/history/1/restore")

    assert order(shop) == two
    merchant.post("/rules/history/99/restore", {"version": str(state(shop).version)}, status=404)


def test_findings_lead_to_their_rule_and_one_press_mends_it(
    merchant: Merchant, shop: Any, two: list[int]
) -> None:
    page = merchant.get("/rules")
    assert "also refuses what is not the customer's fault: ‘Damaged’ or ‘Wrong item’" in page.text
    assert page.find("button", id=f"faults-{two[1]}") is not None

    page = merchant.follow(press(merchant, page, two[1], "faults"))

    assert "also refuses" not in page.text
    assert "and the reason is not Damaged or Wrong item" in page.text


@pytest.mark.parametrize("role", ["staff", "read_only"])
def test_who_may_not_change_rules_sees_them_without_buttons(
    merchant: Merchant, two: list[int], role: str
) -> None:
    merchant.as_role(role)
    page = merchant.get("/rules")

    assert not page.find_all("button", class_="switch-button")
    assert "If the category is Shoes" in page.text
    merchant.post(f"/rules/{two[0]}", {"do": "up", "version": "0"}, status=403)
    merchant.get("/rules/new", status=403)
    merchant.get("/rules/history")


def test_the_page_asks_as_often_for_three_rules_as_for_one(
    merchant: Merchant, session: Session, shop: Any, two: list[int]
) -> None:
    def asked() -> int:
        factories.make_rule(session, shop, ("sku", "is", "A"), ("category", "is", "Hats"), fee=1)
        session.commit()
        merchant.get("/rules")  # the settings are read anew for a new rule
        return len(merchant.get("/rules", max_queries=12).queries)

    assert asked() == asked()
