"""Secrets at rest: encrypted, readable after the keys were changed, refused without keys."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from returnsite.models import CarrierContract, SectionState
from returnsite.services.secrets import (
    EncryptionKeyMissing,
    SecretUnreadable,
    can_keep_secrets,
    decrypt_secret,
    encrypt_secret,
    renew_secret,
)
from tests import factories
from tests.conftest import on_one_database

pytestmark = on_one_database


def _use(app: Flask, patch: pytest.MonkeyPatch, *keys: str) -> None:
    patch.setitem(app.config, "ENCRYPTION_KEYS", keys)


def test_a_secret_comes_back_as_it_was_and_does_not_show(built_app: Flask) -> None:
    with built_app.app_context():
        token = encrypt_secret("pässword")
        assert decrypt_secret(token) == "pässword"
        assert "word" not in token
        assert encrypt_secret("pässword") != token


def test_a_new_key_in_front_of_the_old_one_reads_both(
    built_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with built_app.app_context():
        _use(built_app, monkeypatch, old)
        token = encrypt_secret("secret")
        _use(built_app, monkeypatch, new, old)
        renewed = renew_secret(token)
        assert decrypt_secret(token) == decrypt_secret(renewed) == "secret"
        _use(built_app, monkeypatch, new)
        assert decrypt_secret(renewed) == "secret"
        with pytest.raises(SecretUnreadable):
            decrypt_secret(token)
        with pytest.raises(SecretUnreadable):
            renew_secret(token)


@pytest.mark.parametrize("token", ["", "plain", "gAAAAA", "ü"])
def test_what_was_never_encrypted_is_unreadable(built_app: Flask, token: str) -> None:
    with built_app.app_context(), pytest.raises(SecretUnreadable):
        decrypt_secret(token)


def test_without_a_key_nothing_is_kept_and_the_message_says_what_to_set(
    built_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use(built_app, monkeypatch)
    with built_app.app_context():
        assert not can_keep_secrets()
        with pytest.raises(EncryptionKeyMissing, match="RETURNSITE_ENCRYPTION_KEYS"):
            encrypt_secret("secret")


def test_all_stored_secrets_move_to_the_new_key(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    _use(app, monkeypatch, old)
    shop = factories.make_shop(session, mail={"password": encrypt_secret("smtp")})
    user = factories.make_user(session, shop, totp_secret=encrypt_secret("totp"))
    contract = session.scalars(select(CarrierContract).limit(1)).one()
    contract.credentials = encrypt_secret("carrier")
    mail_before = SectionState(
        shop_id=shop.id,
        section="mail",
        before={"mail_host": "smtp.example", "mail_password": encrypt_secret("smtp before")},
        changed_at=factories.PLACED,
    )
    carriers_before = SectionState(
        shop_id=shop.id,
        section="carriers",
        before={"contracts.order": ["postnl"], "credentials.1": encrypt_secret("carrier before")},
        changed_at=factories.PLACED,
    )
    session.add_all([mail_before, carriers_before])
    lost = factories.make_user(session, totp_secret="of another key")
    session.commit()
    _use(app, monkeypatch, new, old)
    done = app.test_cli_runner().invoke(args=["secrets", "renew"])
    assert "5 encrypted anew" in done.output
    assert "1 cannot be read" in done.output
    session.expire_all()
    _use(app, monkeypatch, new)
    assert decrypt_secret(user.totp_secret or "") == "totp"
    assert decrypt_secret(contract.credentials) == "carrier"
    assert decrypt_secret(shop.mail["password"]) == "smtp"
    assert decrypt_secret(mail_before.before["mail_password"]) == "smtp before"
    assert mail_before.before["mail_host"] == "smtp.example"
    assert decrypt_secret(carriers_before.before["credentials.1"]) == "carrier before"
    assert carriers_before.before["contracts.order"] == ["postnl"]
    assert lost.totp_secret == "of another key"
