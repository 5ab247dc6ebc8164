"""Encrypting every stored secret anew, so that an old key can go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from ..database import writing
from ..extensions import db
from ..models import CarrierContract, SectionState, Shop, User
from .secrets import SecretUnreadable, renew_secret
from .settings.carriers import CARRIERS
from .settings.mail import MAIL


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many secrets are under the first key now, and how many no key opens."""

    renewed: int
    unreadable: int


def renew_secrets() -> Renewed:
    """Encrypt all secrets with the first key; those no key opens are left. Commits.

    Raises EncryptionKeyMissing.
    """
    with writing():
        outcomes = [*_renew_users(), *_renew_contracts(), *_renew_mail_servers(), *_renew_undo()]
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


def _renew_undo() -> Iterator[bool]:
    """What settings held before they were last saved: undo puts it back as it is."""
    for store in (MAIL, CARRIERS):
        query = select(SectionState).where(SectionState.section == store.name)
        for row in db.session.scalars(query):
            held = {n: v for n, v in row.before.items() if v and n.startswith(store.redact)}
            tokens = {name: _renewed(token) for name, token in held.items()}
            row.before = {**row.before, **{n: token for n, token in tokens.items() if token}}
            yield from (token is not None for token in tokens.values())


def _renewed(token: str) -> str | None:
    try:
        return renew_secret(token)
    except SecretUnreadable:
        return None
