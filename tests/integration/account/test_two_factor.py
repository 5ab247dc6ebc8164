"""Signing in with a code as well: switched on, renewed, switched off."""

from __future__ import annotations

import re

import pytest
import zxingcpp
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.models import RecoveryCode, User
from returnsite.services.secrets import decrypt_secret
from tests.harness import CheckedClient
from tests.people import (
    mails,
    other_browser,
    setup_key,
    sign_in,
    switch_on,
    totp_now,
)


def test_two_factor_sign_in_is_switched_on_with_a_code_of_the_app(
    app: Flask, me: CheckedClient, person: User, session: Session
) -> None:
    elsewhere = other_browser(app)
    sign_in(elsewhere, person.email)
    form = me.get("/account/two-factor")
    secret = setup_key(form)
    refused = me.submit(form, {"code": "000000"}, action="/account/two-factor", status=422)
    assert setup_key(refused) == secret
    _, codes = switch_on(me)
    assert len(set(codes)) == 10
    session.refresh(person)
    assert person.totp_secret is not None
    assert secret not in person.totp_secret
    assert decrypt_secret(person.totp_secret) == secret
    hashes = set(session.scalars(select(RecoveryCode.code_hash)))
    assert len(hashes) == 10
    assert not hashes & set(codes)
    assert elsewhere.client.get("/account/").status_code == 303
    assert "10 recovery codes left" in me.get("/account/").text
    assert "Two-factor sign-in is on" in mails(app)[-1]


def test_the_picture_holds_what_an_authenticator_app_reads(me: CheckedClient) -> None:
    import base64

    from returnsite.documents.qr import qr_png

    secret = setup_key(me.get("/account/two-factor"))
    answer = me.client.get("/account/two-factor/code.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    address = f"otpauth://totp/Returnsite:sanne%40shop.example?secret={secret}&issuer=Returnsite"
    from returnsite.documents.qr import qr_svg

    assert answer.text == qr_svg(address)
    from io import BytesIO

    from PIL import Image

    (read,) = zxingcpp.read_barcodes(Image.open(BytesIO(qr_png(address))).convert("L"))
    assert read.text == address
    assert base64.b32decode(secret)


def test_the_cookie_keeps_the_new_secret_encrypted(me: CheckedClient) -> None:
    secret = setup_key(me.get("/account/two-factor"))
    with me.client.session_transaction() as cookie:
        assert secret not in repr(dict(cookie))


def test_the_code_that_switched_it_on_does_not_sign_in_as_well(
    app: Flask, me: CheckedClient, person: User
) -> None:
    secret, _codes = switch_on(me)
    browser = other_browser(app)
    asked = browser.follow(sign_in(browser, person.email))
    browser.submit(asked, {"code": totp_now(secret)}, status=422)


def test_new_recovery_codes_replace_the_old_ones(
    app: Flask, me: CheckedClient, person: User
) -> None:
    _secret, old = switch_on(me)
    page = me.submit(me.get("/account/two-factor"), action="/account/two-factor/codes", status=200)
    new = re.findall(r"<li><code>([a-z2-9-]+)</code>", page.html)
    assert not set(new) & set(old)
    browser = other_browser(app)
    sign_in(browser, person.email)
    browser.submit(browser.get("/sign-in/recovery"), {"code": old[0]}, status=422)
    browser.submit(browser.get("/sign-in/recovery"), {"code": new[0]})


def test_two_factor_sign_in_is_switched_off_again(
    app: Flask, me: CheckedClient, person: User
) -> None:
    switch_on(me)
    me.submit(me.get("/account/two-factor"), action="/account/two-factor/off")
    browser = other_browser(app)
    assert sign_in(browser, person.email).location.startswith("/shops/")


def test_without_an_encryption_key_the_page_says_what_to_set(
    app: Flask, me: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", ())
    assert "RETURNSITE_ENCRYPTION_KEYS" in me.get("/account/two-factor").text


def test_a_secret_no_key_fits_leaves_the_recovery_codes(
    app: Flask, me: CheckedClient, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, codes = switch_on(me)
    monkeypatch.setitem(app.config, "ENCRYPTION_KEYS", ("a" * 43 + "=",))
    browser = other_browser(app)
    asked = browser.follow(sign_in(browser, person.email))
    browser.submit(asked, {"code": totp_now(secret, 1)}, status=422)
    browser.submit(browser.get("/sign-in/recovery"), {"code": codes[0]})
