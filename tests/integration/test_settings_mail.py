"""The shop's own mail server: its password kept encrypted, and mails leaving through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, text

from returnsite.jobs.worker import drain
from returnsite.mailing.transport import mail_folder
from returnsite.models import AuditEntry, Outbox
from tests.merchant import Merchant, stored
from tests.smtp import Peer, mail_server

SECRET = "correct horse battery"


@pytest.fixture
def peer(app: Flask) -> Iterator[Peer]:
    """A server on this machine, which the operator allows."""
    with mail_server() as server:
        app.config["SHOP_MAIL_PRIVATE"] = True
        yield server
    app.config["SHOP_MAIL_PRIVATE"] = False


def save(merchant: Merchant, **changes: str | None) -> None:
    """Fill in the form and save it."""
    fields = {
        "sender": "retour@noorderlicht.example",
        "host": "smtp.noorderlicht.example",
        "port": "587",
        "security": "none",
        **changes,
    }
    page = merchant.get("/settings/mail/server")
    merchant.submit(page, fields, action="/mail/server")


def test_the_password_is_encrypted_and_never_shown_again(merchant: Merchant) -> None:
    save(merchant, username="noorderlicht", password=SECRET)
    kept = stored(merchant).mail["password"]
    assert kept
    assert SECRET not in kept
    for path in ("/settings", "/settings/mail/server", "/settings/mail/history"):
        page = merchant.get(path)
        assert SECRET not in page.html
        assert kept not in page.html
    entry = merchant.session.scalars(select(AuditEntry)).one()
    (change,) = [one for one in entry.changes if one["field"] == "mail_password"]
    assert (change["old"], change["new"]) == ("•••", "•••")
    dump = merchant.session.execute(text("SELECT mail FROM shop")).all()
    assert SECRET not in str(dump)


def test_a_blank_password_keeps_the_one_there_is_and_a_typed_one_is_not_echoed(
    merchant: Merchant,
) -> None:
    save(merchant, username="noorderlicht", password=SECRET)
    before = stored(merchant).mail["password"]
    save(merchant, username="noorderlicht", port="465", security="tls")
    assert stored(merchant).mail["password"] == before
    page = merchant.get("/settings/mail/server")
    refused = merchant.submit(
        page, {"password": SECRET, "host": "no host!"}, action="/mail/server", status=422
    )
    assert SECRET not in refused.html
    assert refused.find("input", name="host").get("value") == "no host!"


def test_mails_leave_through_the_shops_own_server_from_its_own_address(
    app: Flask, merchant: Merchant, peer: Peer
) -> None:
    save(merchant, host="localhost", port=str(peer.port))
    page = merchant.get("/settings")
    merchant.submit(page, action="/mail/test", status=200, fragment=True)
    drain(app)
    (message,) = peer.messages
    assert message["From"].addresses[0].addr_spec == "retour@noorderlicht.example"
    assert message["To"].addresses[0].addr_spec == merchant.user.email
    assert "was sent" in merchant.get("/settings").text


def test_a_server_inside_the_operators_network_is_not_reached(
    app: Flask, merchant: Merchant
) -> None:
    with mail_server() as server:
        save(merchant, host="localhost", port=str(server.port))
        merchant.submit(merchant.get("/settings"), action="/mail/test")
        drain(app)
        assert not server.envelopes
    assert (
        "could not be sent: the server is not on the public internet"
        in merchant.get("/settings").text
    )


def test_undo_brings_the_old_server_back_with_its_password(merchant: Merchant) -> None:
    save(merchant, username="noorderlicht", password=SECRET)
    before = stored(merchant).mail
    page = merchant.get("/settings/mail/server")
    saved = merchant.submit(page, {"own": None}, action="/mail/server", status=200, fragment=True)
    assert stored(merchant).mail == {}
    merchant.submit(saved, action="/mail/undo", status=200, fragment=True)
    assert stored(merchant).mail == before


@pytest.mark.parametrize(
    ("field", "typed"),
    [("port", "0"), ("port", "smtp"), ("host", "https://x"), ("sender", "nobody"), ("host", "")],
)
def test_what_is_wrong_is_said_beside_the_field(merchant: Merchant, field: str, typed: str) -> None:
    page = merchant.get("/settings/mail/server")
    fields = {"sender": "a@shop.example", "host": "smtp.shop.example", field: typed}
    refused = merchant.submit(page, fields, action="/mail/server", status=422)
    assert refused.find_all(id=f"{field}-error")
    assert stored(merchant).mail == {}


def test_without_a_mail_server_a_test_mail_says_that_it_is_a_file(
    app: Flask, merchant: Merchant
) -> None:
    page = merchant.get("/settings")
    before = set(mail_folder().glob("*.eml"))  # of other tests
    merchant.submit(page, action="/mail/test")
    drain(app)
    told = merchant.get("/settings").text
    assert "There is no mail server: the test mail" in told
    assert "was sent" not in told
    (written,) = set(mail_folder().glob("*.eml")) - before
    text = written.read_text()
    assert "Nobody gets this mail" in text or "Niemand krijgt deze mail" in text


def test_the_settings_warn_that_customers_get_no_mail_until_there_is_a_server(
    merchant: Merchant,
) -> None:
    warning = "Customers get no mail: no mail server is set."
    page = merchant.get("/settings")
    assert warning in page.text
    assert "Portal is open" in page.text
    fields = {"sender": "a@shop.example", "host": "smtp.shop.example", "security": "none"}
    form = merchant.get("/settings/mail/server")
    saved = merchant.submit(form, fields, action="/mail/server", status=200, fragment=True)
    assert saved.find_all(id="checklist")
    assert warning not in saved.text
    assert warning not in merchant.get("/settings").text


def test_a_test_mail_goes_to_oneself_only(merchant: Merchant) -> None:
    merchant.post("/settings/mail/test", {"recipient": "victim@example.org"})
    merchant.session.expire_all()
    (row,) = merchant.session.scalars(select(Outbox).where(Outbox.kind == "test_mail"))
    assert row.recipient == merchant.user.email
