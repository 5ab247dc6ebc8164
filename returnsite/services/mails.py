"""Sending the mails of the outbox. Everything here may run twice and sends the same mail then."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from email.utils import parseaddr
from typing import cast

from flask import current_app
from sqlalchemy import select, update

from .. import clock
from ..database import writing
from ..domain.lifecycle import RELEASED
from ..extensions import db
from ..mailing import compose, transport
from ..mailing.compose import HandoffPart
from ..mailing.facts import ReturnFacts
from ..mailing.message import Envelope, Letter, UnsendableMail, build_message
from ..mailing.shop_server import MailServer, ShopConnection
from ..mailing.trial import trial_letter
from ..models import Outbox, Return, ReturnShipment, Shop
from .outbox import GiveUp, Job, NotYet
from .queries.return_facts import load_return_facts
from .secrets import SecretUnreadable
from .settings.mail import TEST, mail_server_of

WAIT_FOR_HANDOFF = timedelta(minutes=10)
"""How long a confirmation waits for label or code before it goes without."""

LOOK_AGAIN = timedelta(seconds=5)


def send_confirmation(job: Job) -> None:
    """The customer's confirmation, with label or code when they come in time. Raises NotYet."""
    part = handoff_part(job)
    if facts := facts_of(job):
        send_letter(job, compose.customer_confirmation(facts, part))


def send_handoff(job: Job) -> None:
    """Label or code that came after the confirmation; not any more for a return that has ended."""
    if (facts := facts_of(job)) and facts.status not in RELEASED:
        send_letter(job, compose.customer_handoff(facts))


def send_cancelled(job: Job) -> None:
    """The customer's note that the return is cancelled."""
    if facts := facts_of(job):
        send_letter(job, compose.customer_cancelled(facts))


def send_notification(job: Job) -> None:
    """The merchant's note of a new return."""
    if facts := facts_of(job):
        send_letter(job, compose.merchant_notification(facts))


def send_trial(job: Job) -> None:
    """A mail to whoever tries the shop's mail server."""
    query = select(Shop.name, Shop.default_locale).where(Shop.id == job.shop_id)
    shop = db.session.execute(query).one()
    letter = trial_letter(
        shop_name=shop.name,
        language=shop.default_locale,
        is_file=bool(job.payload.get("folder")),
    )
    send_letter(job, letter)


SENDERS: dict[str, Callable[[Job], None]] = {
    "customer_confirmation": send_confirmation,
    "customer_handoff": send_handoff,
    "customer_cancelled": send_cancelled,
    "merchant_notification": send_notification,
    TEST: send_trial,
}


def facts_of(job: Job) -> ReturnFacts | None:
    """The return the job is about, None when it is gone."""
    return load_return_facts(job.payload["return_id"])


def send_letter(job: Job, letter: Letter) -> None:
    """Send a mail of the outbox. Raises GiveUp when it can never be sent."""
    try:
        server = mail_server_of(job.shop_id)
        built = build_message(letter, _envelope(job, server))
        if server is None:
            transport.send(built)
        else:
            with ShopConnection(server) as connection:
                connection.deliver(built)
    except (UnsendableMail, transport.NoSuchAddress, SecretUnreadable) as error:
        raise GiveUp(type(error).__name__) from None


def _envelope(job: Job, server: MailServer | None) -> Envelope:
    """Identity and date come from the outbox row, so that a mail sent again is no new one."""
    sender = server.sender if server else parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])[1]
    key = str(current_app.secret_key).encode()
    proof = hmac.new(key, f"{job.id}:{job.event}:{job.recipient}".encode(), hashlib.sha256)
    return Envelope(
        sender=sender,
        recipient=job.recipient,
        message_id=f"{job.id}.{proof.hexdigest()[:16]}@{sender.rpartition('@')[2]}",
        date=job.created_at,
    )


def handoff_part(job: Job) -> HandoffPart:
    """What the confirmation says of the way back: decided once and kept with the row.

    The shipment is locked meanwhile: either it becomes ready before and is in this mail, or
    after and gets a mail of its own. Raises NotYet while it can still come in time.
    """
    with writing():
        payload = db.session.execute(select(Outbox.payload).where(Outbox.id == job.id)).scalar_one()
        if "handoff" in payload:
            return cast(HandoffPart, payload["handoff"])
        part = _part_now(payload["return_id"])
        now = clock.now()
        if part == "later" and now < job.created_at + WAIT_FOR_HANDOFF:
            raise NotYet(min(now + LOOK_AGAIN, job.created_at + WAIT_FOR_HANDOFF))
        db.session.execute(
            update(Outbox).where(Outbox.id == job.id).values(payload={**payload, "handoff": part})
        )
    return part


def _part_now(return_id: int) -> HandoffPart:
    states = db.session.scalars(
        select(ReturnShipment.state)
        .where(ReturnShipment.return_id == return_id)
        .order_by(ReturnShipment.id)
        .with_for_update()
    ).all()
    status = db.session.execute(select(Return.status).where(Return.id == return_id)).scalar_one()
    if status == "requested":
        return "review"
    if not states or status in RELEASED or states[-1] == "void":
        return "none"
    if states[-1] == "pending":
        return "later"
    return "failed" if states[-1] == "failed" else "included"
