"""The card of carriers and contracts, and what it changes for customers at once."""

from __future__ import annotations

import json

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select

from returnsite.models import AuditEntry, CarrierContract, SectionState
from returnsite.services.secrets import decrypt_secret
from tests import factories, walk
from tests.harness import Page
from tests.merchant import Merchant

SECRET = "s3cr3t-Kéy"


@pytest.fixture(autouse=True)
def key(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key to keep secrets with."""
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", (Fernet.generate_key().decode(),))


def live(merchant: Merchant) -> dict[str, CarrierContract]:
    """The contracts as stored, by carrier and in order of preference."""
    merchant.session.expire_all()
    query = select(CarrierContract).where(
        CarrierContract.shop_id == merchant.shop.id, CarrierContract.deleted_at.is_(None)
    )
    rows = merchant.session.scalars(query.order_by(CarrierContract.position, CarrierContract.id))
    return {row.carrier: row for row in rows}


def save(merchant: Merchant, carrier: str, status: int = 200, **changes: str) -> Page:
    """Fill in the form of a carrier and save it."""
    page = merchant.get(f"/settings/carriers/edit-{carrier}")
    return merchant.submit(page, changes, action=f"/edit-{carrier}", status=status, fragment=True)


def press(merchant: Merchant, button: str, carrier: str) -> Page:
    """Press a button of the list."""
    return merchant.submit(
        merchant.get("/settings"),
        {button: carrier},
        action="/carriers/order",
        status=200,
        fragment=True,
    )


def method_row(page: Page, name: str) -> str:
    """A line of the matrix that came along."""
    from tests.harness import text_of

    rows = [text_of(row) for row in page.find_all("tr")]
    return next(row for row in rows if row.startswith(name))


def test_a_carrier_is_switched_on_and_the_matrix_follows_at_once(merchant: Merchant) -> None:
    answer = press(merchant, "switch", "bpost")
    assert live(merchant)["bpost"].enabled
    assert "bpost" in method_row(merchant.also_asked(answer), "Drop off with a label")
    assert len(answer.queries) <= 12, "\n".join(answer.queries)
    answer = press(merchant, "switch", "bpost")
    assert not live(merchant)["bpost"].enabled
    assert "bpost" not in method_row(merchant.also_asked(answer), "Drop off with a label")


def test_pick_up_appears_with_an_own_contract_that_includes_returns(merchant: Merchant) -> None:
    save(merchant, "gls", use="shared")
    assert "Needs your own contract" in merchant.get("/settings").text
    answer = save(merchant, "gls", use="own", reference="2200-118", includes_returns="no")
    assert "Can’t be chosen" in answer.text
    assert "Returns are not in your contract with GLS. Ask GLS to add them." in answer.text
    assert "Your contract does not include returns" in method_row(
        merchant.also_asked(answer), "Collected at home"
    )
    answer = save(merchant, "gls", includes_returns="yes")
    assert method_row(merchant.also_asked(answer), "Collected at home").startswith(
        "Collected at home GLS GLS"
    )


def test_a_contract_without_returns_is_not_shown_as_switched_on(merchant: Merchant) -> None:
    answer = save(merchant, "gls", use="own", reference="2200-118", includes_returns="no")
    assert not answer.find_all(id="switch-carriers-gls")
    assert "Change GLS" in answer.text
    answer = save(merchant, "gls", includes_returns="yes")
    assert answer.find(id="switch-carriers-gls").get("aria-pressed") == "true"


def test_an_own_contract_needs_its_number_and_an_answer_about_returns(merchant: Merchant) -> None:
    for field, changes in (
        ("reference", {"reference": "  ", "includes_returns": "yes"}),
        ("includes_returns", {"reference": "77-1"}),
    ):
        refused = save(merchant, "dhl", status=422, use="own", **changes)
        assert refused.find(id=f"{field}-error")
        assert "checked" in refused.find("input", name="use", value="own").attrib
        assert refused.find("input", name="reference").get("value") == changes["reference"].strip()
    assert not live(merchant)["dhl"].own


def test_access_data_is_encrypted_and_never_shown_again(merchant: Merchant) -> None:
    terms = {"use": "own", "reference": "77-1", "includes_returns": "yes"}
    saved = save(merchant, "dhl", **terms, user="shop", secret=SECRET)
    token = live(merchant)["dhl"].credentials
    assert json.loads(decrypt_secret(token)) == {"user": "shop", "secret": SECRET}
    page = merchant.get("/settings/carriers/edit-dhl")
    pages = (saved, page, merchant.get("/settings/carriers/history"))
    assert all(SECRET not in each.html and token not in each.html for each in pages)
    assert "Access data: ••• → •••" in pages[2].text
    entries = merchant.session.scalars(select(AuditEntry)).all()
    assert all(token not in json.dumps(entry.changes) for entry in entries)
    save(merchant, "dhl", reference="77-2")
    assert live(merchant)["dhl"].credentials == token
    save(merchant, "dhl", forget="1")
    assert live(merchant)["dhl"].credentials == ""


def test_a_secret_is_not_sent_back_when_the_form_is_refused(merchant: Merchant) -> None:
    refused = save(merchant, "dhl", status=422, use="own", reference="", secret=SECRET)
    assert SECRET not in refused.html


def test_a_user_name_alone_is_refused(merchant: Merchant) -> None:
    terms = {"use": "own", "reference": "77-1", "includes_returns": "yes", "user": "shop"}
    assert save(merchant, "dhl", status=422, **terms).find(id="secret-error")


def test_without_a_key_the_page_says_so_and_keeps_nothing(
    merchant: Merchant, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", ())
    assert "RETURNSITE_ENCRYPTION_KEYS" in merchant.get("/settings/carriers/edit-dhl").text
    terms = {"use": "own", "reference": "77-1", "includes_returns": "yes"}
    save(merchant, "dhl", status=422, **terms, secret=SECRET)
    save(merchant, "dhl", **terms)
    assert live(merchant)["dhl"].own


def test_removing_a_contract_keeps_old_returns_readable_and_comes_back_by_undo(
    merchant: Merchant,
) -> None:
    terms = {"use": "own", "reference": "77-1", "includes_returns": "yes"}
    save(merchant, "postnl", **terms, secret=SECRET)
    row = live(merchant)["postnl"]
    token, row_id = row.credentials, row.id
    order = factories.make_order(merchant.session, merchant.shop)
    made = factories.make_return(merchant.session, order)
    made.shipments[0].contract_id = row_id
    path = f"/p/{merchant.shop.slug}/s/{made.status_token}"
    page = merchant.get("/settings/carriers/delete-postnl")
    gone = merchant.submit(page, action="/delete-postnl", status=200, fragment=True)
    assert "postnl" not in live(merchant)
    merchant.session.expire_all()
    assert merchant.session.get_one(CarrierContract, row_id).credentials == ""
    assert merchant.checked.get(path)
    merchant.submit(gone, action="/carriers/undo", status=200, fragment=True)
    assert live(merchant)["postnl"].credentials == token
    state = merchant.session.scalars(select(SectionState)).one()
    assert state.before == {}


def test_the_upper_carrier_is_preferred(merchant: Merchant) -> None:
    assert list(live(merchant)) == ["postnl", "dhl", "gls"]
    answer = press(merchant, "up", "dhl")
    assert list(live(merchant)) == ["dhl", "postnl", "gls"]
    assert "DHL, PostNL" in method_row(merchant.also_asked(answer), "Drop off with a label")


def test_labelless_drop_off_is_there_in_germany_alone(merchant: Merchant) -> None:
    page = merchant.get("/settings")
    cells = page.find_all("th", scope="col")
    names = ["".join(cell.itertext()) for cell in cells]
    row = method_row(page, "Drop off without a printer")
    assert "Germany" in names
    assert row.count("Does not exist here") == len(names) - 2


def test_carriers_in_test_mode_say_so(merchant: Merchant) -> None:
    assert "Test mode" in merchant.get("/settings").text
    form = merchant.get("/settings/carriers/edit-dhl").text
    assert "labels and codes are made up" in form


@pytest.mark.parametrize("part", ["edit-nobody", "edit-", "delete-postnl", "new", "delete-own"])
def test_what_is_no_carrier_or_no_contract_is_not_found(merchant: Merchant, part: str) -> None:
    merchant.get(f"/settings/carriers/{part}", status=404)


def test_an_unknown_carrier_is_not_switched_on(merchant: Merchant) -> None:
    press(merchant, "switch", "nobody")
    assert "nobody" not in live(merchant)


def test_a_change_meanwhile_is_told(merchant: Merchant) -> None:
    page = merchant.get("/settings/carriers/edit-dhl")
    press(merchant, "switch", "bpost")
    told = merchant.submit(page, {"use": "off"}, action="/edit-dhl", status=409, fragment=True)
    assert "changed this while you were typing" in told.text
    assert live(merchant)["dhl"].enabled


def test_only_owners_change_carriers(merchant: Merchant) -> None:
    merchant.as_role("read_only")
    merchant.get("/settings/carriers/edit-dhl", status=403)
    merchant.post("/settings/carriers/order", {"switch": "dhl", "version": "0"}, status=403)
    assert live(merchant)["dhl"].enabled


@pytest.mark.parametrize("locale", ["en", "nl"])
def test_answers_of_the_card_are_small_with_every_carrier_in_use(
    merchant: Merchant, locale: str
) -> None:
    merchant.user.locale = locale
    merchant.session.commit()
    page = merchant.get("/settings")
    for button in page.find_all("button", name="switch", aria_pressed="false"):
        if (code := button.get("value", "")).isalpha():
            press(merchant, "switch", code)
    saved = save(merchant, "gls", use="own", reference="2200-118", includes_returns="no")
    answers = [saved, press(merchant, "up", "gls"), merchant.get_fragment("/settings/carriers")]
    answers.append(save(merchant, "dhl", status=422, use="own"))
    assert max(len(one.body) for one in answers) <= 10_000


def test_the_card_says_whose_points_are_not_here_yet(merchant: Merchant) -> None:
    text = merchant.get("/settings").text
    assert "No service points of PostNL" in text
    assert "docs/service-points.md" in text
    for carrier in ("postnl", "dhl"):
        walk.make_point(merchant.session, carrier=carrier)
    assert "No service points of GLS are here yet." in merchant.get("/settings").text
    merchant.submit(
        merchant.get("/settings/methods/methods"), {"methods": ["pickup"]}, action="/methods"
    )
    assert "are here yet" not in merchant.get("/settings").text


def test_the_own_label_says_when_it_is_used_and_who_pays(merchant: Merchant) -> None:
    assert "customers pay the postage" in merchant.get("/settings").text
