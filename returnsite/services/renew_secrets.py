"""Encrypting every stored secret anew, so that an old key can go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from ..database import begin_write
from ..extensions import db
from ..models import CarrierContract, Shop, User
from .secrets import SecretUnreadable, renew_secret


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many secrets are under the first key now, and how many no key opens."""

    renewed: int
    unreadable: int


def renew_secrets() -> Renewed:
    """Encrypt all secrets with the first key; those no key opens are left. Commits.

    Raises EncryptionKeyMissing.
    """
    begin_write()
    outcomes = [*_renew_users(), *_renew_contracts(), *_renew_mail_servers()]
    db.session.commit()
    return Renewed(outcomes.count(True), outcomes.count(False))


def _renew_users() -> Iterator[bool]:
    for user in db.session.scalars(select(User).where(User.totp_secret.is_not(None))):
        if (token := _renewed(user.totp_secret or "")) is not None:
            user.totp_secret = token
        yield token is not None


def _renew_contracts() -> Iterator[bool]:
    query = select(CarrierContract).where(CarrierContract.credentials != "")
    for contract in db.session.scalars(query):
        if (token := _renewed(contract.credentials)) is not None:
            contract.credentials = token
        yield token is not None


def _renew_mail_servers() -> Iterator[bool]:
    for shop in db.session.scalars(select(Shop)):
        if shop.mail and shop.mail["password"]:
            if (token := _renewed(shop.mail["password"])) is not None:
                shop.mail = {**shop.mail, "password": token}
            yield token is not None


def _renewed(token: str) -> str | None:
    try:
        return renew_secret(token)
    except SecretUnreadable:
        return None
