"""The address book: rules by country, stores, and what closing the portal asks first."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from returnsite.models import Address, AuditEntry, Postcode, Shop
from returnsite.services.accounts.passwords import hash_password
from returnsite.services.shops import place_of
from tests import factories
from tests.harness import Page
from tests.merchant import Merchant

NEW = {
    "company": "Noorderlicht",
    "name": "Retouren",
    "country": "NL",
    "street": "Schieweg",
    "house_number": "15",
    "postcode": "2627an",
    "city": "Delft",
}


def live(merchant: Merchant) -> list[Address]:
    """The book as stored, the oldest first."""
    merchant.session.expire_all()
    query = select(Address).where(Address.shop_id == merchant.shop.id, Address.deleted_at.is_(None))
    return list(merchant.session.scalars(query.order_by(Address.id)))


def shop(merchant: Merchant) -> Shop:
    """The shop as stored."""
    merchant.session.expire_all()
    return merchant.session.get_one(Shop, merchant.shop.id)


def add(merchant: Merchant, status: int = 200, **changes: str) -> Page:
    """Add an address."""
    page = merchant.get("/settings/addresses/new")
    return merchant.submit(
        page, {**NEW, **changes}, action="/addresses/new", status=status, fragment=True
    )


def save(
    merchant: Merchant, address_id: int, status: int = 200, *, verb: str = "edit", **changes: str
) -> Page:
    """Change or remove an address."""
    page = merchant.get(f"/settings/addresses/{verb}-{address_id}")
    return merchant.submit(
        page, changes, action=f"/{verb}-{address_id}", status=status, fragment=True
    )


def test_an_address_is_added_as_its_country_writes_it(merchant: Merchant) -> None:
    saved = add(merchant)
    address = live(merchant)[-1]
    assert (address.postcode, address.house_number, address.name) == ("2627 AN", "15", "Retouren")
    assert "Schieweg 15, 2627 AN Delft" in saved.text
    assert len(saved.queries) <= 12, "\n".join(saved.queries)
    assert len(saved.body) <= 10_240
    entry = merchant.session.scalars(select(AuditEntry)).one()
    assert (entry.section, entry.event, entry.subject) == ("addresses", "add", "Noorderlicht")
    undone = merchant.submit(saved, action="/addresses/undo", status=200, fragment=True)
    assert "Put back" in undone.text
    assert len(live(merchant)) == 1


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("postcode", {"postcode": "2627"}),
        ("postcode", {"postcode": ""}),
        ("street", {"street": "  "}),
        ("city", {"city": ""}),
        ("company", {"company": "", "name": ""}),
        ("province", {"country": "ES", "postcode": "28013", "city": "Madrid"}),
        ("street", {"street": "x" * 201}),
        ("country", {"country": "XX"}),
        ("tue", {"is_store": "1", "mon": "9-18", "tue": "in the morning"}),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_kept(
    merchant: Merchant, field: str, changes: dict[str, str]
) -> None:
    refused = add(merchant, 422, **changes)
    assert refused.find(id=f"{field}-error")
    assert refused.find("input", name="house_number").get("value") == "15"
    assert len(live(merchant)) == 1
    page = merchant.get("/settings/addresses/new")
    whole = merchant.submit(page, {**NEW, **changes}, action="/addresses/new", status=422)
    assert whole.find(id=f"{field}-error")


def test_no_keystroke_in_an_address_has_its_fields_swapped_for_older_ones(
    merchant: Merchant,
) -> None:
    page = merchant.get("/settings/addresses/new")
    swapping = [
        each.get("data-hx-trigger")
        for each in page.find_all("div")
        if each.get("data-hx-trigger") and each.find(".//input[@name='postcode']") is not None
    ]
    assert swapping == ["change from:#country"]


def test_the_fields_follow_the_country_while_it_is_chosen(merchant: Merchant) -> None:
    spain = merchant.get_fragment("/settings/addresses/new/_preview?country=ES")
    assert spain.find("select", name="province")
    assert "Like 28039" in spain.text
    none = merchant.get_fragment("/settings/addresses/new/_preview?country=NL&city=Delft")
    assert not none.find_all("select", name="province")
    assert none.find("input", name="city").get("value") == "Delft"
    page = merchant.get("/settings/addresses/new")
    look = merchant.submit(
        page, {**NEW, "country": "IT", "look": "1"}, action="/addresses/new", status=200
    )
    assert look.find("select", name="province")
    assert look.find("input", name="street").get("value") == "Schieweg"


def test_a_province_is_kept_and_printed(merchant: Merchant) -> None:
    add(merchant, country="ES", postcode="28013", city="Madrid", province="M")
    assert live(merchant)[-1].province == "M"
    assert "28013 Madrid" in merchant.get("/settings").text


def test_a_store_has_hours_and_lies_where_its_postcode_does(merchant: Merchant) -> None:
    merchant.session.add(
        Postcode(
            country="NL",
            code_norm="2627",
            place="Delft",
            place_key="/delft/",
            latitude=51.98,
            longitude=4.38,
        )
    )
    saved = add(merchant, is_store="1", mon="9-18", tue="9-18", sat="10.00 – 17.00", ph="closed")
    store = live(merchant)[-1]
    assert store.opening_hours == "Mo-Tu 09:00-18:00; Sa 10:00-17:00; PH off"
    assert (store.latitude, store.longitude) == (51.98, 4.38)
    assert "Store" in saved.text
    assert "Ways to send it back" in merchant.also_asked(saved).text
    page = merchant.get(f"/settings/addresses/edit-{store.id}")
    assert page.find("input", name="sat").get("value") == "10:00–17:00"
    save(merchant, store.id, postcode="9999 ZZ")
    assert live(merchant)[-1].latitude is None


def test_hours_that_say_more_stay_until_days_are_filled_in(merchant: Merchant) -> None:
    store = factories.make_address(
        merchant.session, merchant.shop, is_store=True, opening_hours="Apr-Oct Mo-Fr 09:00-18:00"
    )
    merchant.shop.settings_version += 1
    store_id = store.id
    save(merchant, store_id, city="Rotterdam")
    assert live(merchant)[-1].opening_hours == "Apr-Oct Mo-Fr 09:00-18:00"
    save(merchant, store_id, mon="9-12")
    assert live(merchant)[-1].opening_hours == "Mo 09:00-12:00"


def test_another_address_becomes_the_return_address_with_one_press(merchant: Merchant) -> None:
    add(merchant)
    other = live(merchant)[-1].id
    saved = merchant.submit(
        merchant.get("/settings"),
        {"use": str(other)},
        action="/addresses/order",
        status=200,
        fragment=True,
    )
    assert shop(merchant).return_address_id == other
    assert merchant.also_asked(saved).find(id="portal-return_address")
    assert len(saved.queries) <= 12, "\n".join(saved.queries)
    history = merchant.get("/settings/addresses/history").text
    assert "Return address" in history


def test_an_incomplete_address_cannot_be_pressed_into_service(merchant: Merchant) -> None:
    bare = factories.make_address(merchant.session, merchant.shop, house_number="", street="Weg")
    merchant.shop.settings_version += 1
    before, bare_id = merchant.shop.return_address_id, bare.id
    page = merchant.get("/settings")
    assert not [one for one in page.find_all("button", name="use") if one.get("value") == bare_id]
    merchant.submit(
        page, {"use": str(bare_id)}, action="/addresses/order", status=200, fragment=True
    )
    assert shop(merchant).return_address_id == before


def test_making_the_return_address_incomplete_asks_first_and_then_closes_the_portal(
    merchant: Merchant,
) -> None:
    home = merchant.shop.return_address_id
    assert home
    changes = {"street": "Pakhuisweg", "house_number": ""}
    asked = save(merchant, home, 422, **changes)
    assert "House number missing" in asked.text
    assert "the portal closes" in asked.text
    assert shop(merchant).active
    saved = merchant.submit(
        asked, {"close_portal": "1"}, action=f"/edit-{home}", status=200, fragment=True
    )
    assert "The portal has been closed" in saved.text
    assert not shop(merchant).active
    sections = merchant.session.scalars(select(AuditEntry.section).order_by(AuditEntry.id)).all()
    assert set(sections) == {"addresses", "activation"}
    assert "the house number is missing" in merchant.get("/settings").text


def test_removing_the_return_address_says_what_happens_and_closes_the_portal(
    merchant: Merchant,
) -> None:
    home = merchant.shop.return_address_id
    assert home
    page = merchant.get(f"/settings/addresses/delete-{home}")
    assert "Without it the portal closes" in page.text
    refused = merchant.submit(
        page, {"close_portal": None}, action=f"/delete-{home}", status=422, fragment=True
    )
    assert "Tick the box if you want that" in refused.text
    assert shop(merchant).active
    gone = save(merchant, home, verb="delete")
    assert "The portal has been closed" in gone.text
    assert not shop(merchant).active
    assert live(merchant) == []
    merchant.submit(gone, action="/addresses/undo", status=200, fragment=True)
    assert [one.id for one in live(merchant)] == [home]
    assert shop(merchant).return_address_id == home


def test_a_removed_store_stays_readable_on_old_returns(merchant: Merchant) -> None:
    store = factories.make_address(
        merchant.session, merchant.shop, company="Winkel Delft", is_store=True
    )
    order = factories.make_order(merchant.session, merchant.shop)
    made = factories.make_return(merchant.session, order, method="in_store", kind="none")
    made.shipments[0].store_address = place_of(store).snapshot()
    merchant.shop.settings_version += 1
    path, store_id = f"/p/{merchant.shop.slug}/s/{made.status_token}", store.id
    before = merchant.checked.get(path).text
    assert "Pakhuisweg" in before
    save(merchant, store_id, verb="delete")
    assert merchant.checked.get(path).text == before


def test_a_long_book_is_paged_and_searched(merchant: Merchant) -> None:
    for number in range(300):
        factories.make_address(
            merchant.session,
            merchant.shop,
            company=f"Filiaal {number:03}",
            house_number=str(number + 1),
        )
    merchant.shop.settings_version += 1
    page = merchant.get("/settings")
    assert "301 of 301 addresses, page 1 of 31" in page.text
    assert len(page.find_all("div", class_="thing")) < 40
    searched = merchant.get("/settings?q=filiaal%20123")
    assert "1 of 301 addresses" in searched.text
    part = merchant.get_fragment("/settings/addresses?page=31")
    assert "page 31 of 31" in part.text
    assert len(part.body) <= 12_000
    assert "No address matches" in merchant.get("/settings?q=nowhere&page=99").text
    last = live(merchant)[-1].id
    saved = save(merchant, last, city="Rotterdam")
    assert "Rotterdam" in saved.text
    assert len(saved.queries) <= 12


def test_the_checklist_leads_to_what_is_missing(merchant: Merchant) -> None:
    stored = shop(merchant)
    stored.active = False
    home = merchant.session.get_one(Address, stored.return_address_id)
    home.street, home.house_number = "Weg", ""
    stored.settings_version += 1
    home_id = home.id
    page = merchant.get("/settings")
    wanted = f"/shops/{merchant.shop.slug}/settings/addresses/edit-{home_id}#card-addresses"
    assert page.find_all("a", href=wanted)
    saved = save(merchant, home_id, house_number="7")
    assert "Everything is ready" in saved.text


def test_addresses_of_another_shop_are_not_there(merchant: Merchant) -> None:
    foreign = factories.make_address(
        merchant.session, factories.make_shop(merchant.session, slug="rival")
    ).id
    for verb in ("edit", "delete"):
        merchant.get(f"/settings/addresses/{verb}-{foreign}", status=404)
        merchant.post(f"/settings/addresses/{verb}-{foreign}", {"version": "0"}, status=404)
    page = merchant.get("/settings")
    before = shop(merchant).return_address_id
    merchant.submit(
        page, {"use": str(foreign)}, action="/addresses/order", status=200, fragment=True
    )
    assert shop(merchant).return_address_id == before


def test_a_change_meanwhile_is_told(merchant: Merchant) -> None:
    home = merchant.shop.return_address_id
    page = merchant.get(f"/settings/addresses/edit-{home}")
    add(merchant)
    told = merchant.submit(
        page, {"city": "Rotterdam"}, action=f"/edit-{home}", status=409, fragment=True
    )
    assert "changed this while you were typing" in told.text
    assert told.find("input", name="city").get("value") == "Rotterdam"
    assert live(merchant)[0].city == "Delft"


def test_only_owners_change_addresses(merchant: Merchant) -> None:
    merchant.as_role("staff")
    merchant.get("/settings/addresses/new", status=403)
    merchant.post("/settings/addresses/new", {**NEW, "version": "0"}, status=403)
    assert len(live(merchant)) == 1


def test_who_signed_in_long_ago_confirms_where_parcels_go(merchant: Merchant, clock: Any) -> None:
    merchant.user.password_hash = hash_password("correct horse battery staple")
    home = merchant.shop.return_address_id
    page = merchant.get(f"/settings/addresses/edit-{home}")
    clock.advance(minutes=12)
    asked = merchant.submit(
        page, {"city": "Rotterdam"}, action=f"/edit-{home}", status=422, fragment=True
    )
    assert live(merchant)[0].city == "Delft"
    confirm = {"confirm_password": "correct horse battery staple"}
    merchant.submit(asked, confirm, action=f"/edit-{home}", status=200, fragment=True)
    assert live(merchant)[0].city == "Rotterdam"
    add(merchant)
    assert len(live(merchant)) == 2
