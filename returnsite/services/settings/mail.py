"""A shop's own mail server: kept with its password encrypted, tried with a mail to oneself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import current_app
from sqlalchemy import select

from ... import clock
from ...database import writing
from ...extensions import db
from ...mailing.shop_server import MailServer
from ...mailing.transport import mail_folder
from ...models import Outbox, Shop
from ..audit import Actor
from ..outbox import enqueue, outbox_row
from ..secrets import decrypt_secret
from .store import Snapshot, Store

FIELDS = ("host", "port", "security", "username", "password", "sender")
TEST = "test_mail"


def _snapshot(shop: Shop) -> Snapshot:
    return {f"mail_{name}": shop.mail.get(name) for name in FIELDS}


def _restore(shop: Shop, snapshot: Snapshot) -> None:
    values = {name: snapshot[f"mail_{name}"] for name in FIELDS}
    shop.mail = values if values["host"] else {}


MAIL = Store("mail", _snapshot, _restore, redact=("mail_password",))


@dataclass(frozen=True, slots=True)
class MailView:
    """What the page may show: everything but the password."""

    host: str
    port: int
    security: str
    username: str
    has_password: bool
    sender: str


@dataclass(frozen=True, slots=True)
class LastTest:
    """What became of the last test mail: `state` is pending, sent or failed.

    `folder` is where it was written, as there was no mail server to send it.
    """

    state: str
    recipient: str
    error: str
    tries: int
    folder: str


def load_mail_view(*, shop_id: int) -> MailView | None:
    """The shop's own server, None where mails leave by the installation's."""
    values = db.session.scalars(select(Shop.mail).where(Shop.id == shop_id)).one()
    if not values:
        return None
    return MailView(
        host=values["host"],
        port=values["port"],
        security=values["security"],
        username=values["username"],
        has_password=bool(values["password"]),
        sender=values["sender"],
    )


def mail_server_of(shop_id: int | None) -> MailServer | None:
    """Where a mail of this shop leaves, None for the installation's own server.

    Raises SecretUnreadable when the password was encrypted with a key that is gone.
    """
    values: dict[str, Any] | None = None
    if shop_id is not None:
        values = db.session.scalar(select(Shop.mail).where(Shop.id == shop_id))
    if not values:
        return None
    password = decrypt_secret(values["password"]) if values["password"] else ""
    return MailServer(**{**values, "password": password})


def has_mail_server(shop_id: int) -> bool:
    """Whether mails of this shop leave the machine; without any server they become files."""
    if current_app.config["MAIL_SERVER"]:
        return True
    return bool(db.session.scalar(select(Shop.mail).where(Shop.id == shop_id)))


def send_test_mail(*, shop_id: int, actor: Actor, recipient: str) -> None:
    """Have the worker send a mail to oneself. Commits."""
    folder = "" if has_mail_server(shop_id) else str(mail_folder())
    with writing():
        row = outbox_row(
            shop_id=shop_id,
            event=f"test:{uuid4().hex}",
            channel="mail",
            kind=TEST,
            recipient=recipient,
            payload={"name": actor.name, "folder": folder},
            now=clock.now(),
        )
        enqueue([row])


def last_test(*, shop_id: int) -> LastTest | None:
    """What became of the newest test mail, if there is any."""
    query = (
        select(Outbox.state, Outbox.recipient, Outbox.last_error, Outbox.attempts, Outbox.payload)
        .where(Outbox.shop_id == shop_id, Outbox.kind == TEST)
        .order_by(Outbox.id.desc())
        .limit(1)
    )
    row = db.session.execute(query).one_or_none()
    if row is None:
        return None
    folder = str(row.payload.get("folder", ""))
    return LastTest(row.state, row.recipient, row.last_error, row.attempts, folder)
