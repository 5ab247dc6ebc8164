"""Mails about an account: written to the outbox here, and sent by the worker.

Their payload holds no link that works: the token follows from the row's event (see `tokens`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from ... import clock
from ...database import writing
from ...extensions import db
from ...mailing import account_letters as letters
from ...models import Shop, User, UserToken
from ..mails import send_letter
from ..outbox import Job, enqueue, outbox_row
from ..public_urls import public_url
from .tokens import LIFETIMES, add_token, drop_tokens, hash_token, token_for

KINDS = ("account_reset", "account_invite", "account_email", "account_notice")

_LATEST_RESET = timedelta(hours=2)
"""A request whose mail could not leave for longer is nobody's wish any more."""


def enqueue_reset(*, email: str, seed: str) -> None:
    """Ask the worker for a link to a new password, within the caller's transaction.

    Whether the address belongs to anybody is looked up by the worker: the request takes the same
    time for every address.
    """
    _enqueue(kind="account_reset", event=seed, recipient=email)


def enqueue_link(*, kind: str, seed: str, row: UserToken) -> None:
    """Mail the link of a token to its address, within the caller's transaction."""
    payload = {"token_id": row.id}
    _enqueue(kind=kind, event=seed, recipient=row.email, payload=payload, shop_id=row.shop_id)


def enqueue_notice(*, user_id: int, what: str, recipient: str = "") -> None:
    """Tell a user of a change they may not have made, within the caller's transaction."""
    event = f"user.notice:{secrets.token_urlsafe(12)}"
    address = recipient or db.session.scalar(select(User.email).where(User.id == user_id)) or ""
    payload = {"user_id": user_id, "what": what}
    _enqueue(kind="account_notice", event=event, recipient=address, payload=payload)


def send_reset(job: Job) -> None:
    """The link to a new password; nothing for an address that is nobody's."""
    user = _live_user(User.email == job.recipient)
    if user is None or clock.now() > job.created_at + _LATEST_RESET:
        return
    language, name = _language(user), user.name
    _issue_reset(user, seed=job.event)
    minutes = int(LIFETIMES["reset"].total_seconds() // 60)
    url = public_url(f"/reset/{token_for(job.event)}")
    send_letter(job, letters.reset_letter(name=name, url=url, minutes=minutes, language=language))


def send_invite(job: Job) -> None:
    """The invitation to a shop; nothing when it was revoked or used meanwhile."""
    row = _live_token(job)
    if row is None or row.shop_id is None:
        return
    shop = db.session.get_one(Shop, row.shop_id)
    sender = db.session.get(User, row.created_by) if row.created_by else None
    language = (_language(sender) if sender else "") or shop.default_locale
    letter = letters.invite_letter(
        shop=shop.name,
        inviter=sender.name if sender else "",
        url=public_url(f"/invite/{token_for(job.event)}"),
        language=language,
    )
    send_letter(job, letter)


def send_email_link(job: Job) -> None:
    """The link that proves a new address."""
    row = _live_token(job)
    user = _live_user(User.id == row.user_id) if row else None
    if row is None or user is None:
        return
    taken = _live_user(User.email == row.email)
    if taken is not None:
        return  # the owner of that address learns nothing of who wants it
    url = public_url(f"/account/email/{token_for(job.event)}")
    letter = letters.email_letter(name=user.name, url=url, language=_language(user))
    send_letter(job, letter)


def send_notice(job: Job) -> None:
    """Word of a change to the account."""
    user = _live_user(User.id == job.payload["user_id"])
    if user is None:
        return
    letter = letters.notice_letter(
        name=user.name,
        what=job.payload["what"],
        url=public_url("/forgot-password"),
        language=_language(user),
    )
    send_letter(job, letter)


SENDERS: dict[str, Callable[[Job], None]] = {
    "account_reset": send_reset,
    "account_invite": send_invite,
    "account_email": send_email_link,
    "account_notice": send_notice,
}


def _enqueue(
    *,
    kind: str,
    event: str,
    recipient: str,
    payload: dict[str, Any] | None = None,
    shop_id: int | None = None,
) -> None:
    row = outbox_row(
        shop_id=shop_id,
        event=event,
        channel="mail",
        kind=kind,
        recipient=recipient,
        payload=payload or {},
        now=clock.now(),
    )
    enqueue([row])


def _issue_reset(user: User, *, seed: str) -> None:
    """Add the token; a mail sent again carries the same link, and its time begins anew. Commits."""
    user_id, digest = user.id, hash_token(token_for(seed))
    with writing():
        known = db.session.scalars(select(UserToken).where(UserToken.token_hash == digest)).first()
        if known is None:
            drop_tokens("reset", user_id=user_id)
            add_token("reset", seed, user_id=user_id)
        else:
            known.expires_at = clock.now() + LIFETIMES["reset"]


def _live_token(job: Job) -> UserToken | None:
    row = db.session.get(UserToken, job.payload["token_id"])
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        return None
    return row


def _live_user(condition: object) -> User | None:
    return db.session.scalars(
        select(User).where(condition, User.deleted_at.is_(None))  # type: ignore[arg-type]
    ).one_or_none()


def _language(user: User) -> str:
    languages = current_app.config["LANGUAGES"]
    return user.locale if user.locale in languages else str(languages[-1])
