"""The daily mail to a shop: what is to be paid today, and what is late. Once a day at most."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import select

from .. import clock
from ..database import writing
from ..extensions import db
from ..mailing.digest import DigestFacts, DigestLine, refund_digest
from ..models import Outbox, Shop
from .mails import send_letter
from .outbox import Job, enqueue, outbox_row
from .public_urls import public_url
from .queries.due_returns import DueReturn, count_due, end_of_today, list_due
from .queries.return_facts import last_day
from .returns.money import load_ledger

FROM_HOUR, TO_HOUR = 7, 12
"""The morning where the shop is; a worker that was down all morning leaves the day out."""

_LINES = 30


def announce_digests() -> int:
    """Put today's digest in the outbox of each shop that has one coming; returns how many.
    Commits. The event's name makes it one a day, however often and by whoever this is called."""
    now = clock.now()
    shops = db.session.execute(
        select(Shop.id, Shop.time_zone, Shop.notification_email).where(
            Shop.notification_email.is_not(None), Shop.notification_email != ""
        )
    ).all()
    rows = [row for shop in shops if (row := _row(shop, now))]
    db.session.rollback()
    if rows:
        with writing():
            enqueue(rows)
    return len(rows)


def send_digest(job: Job) -> None:
    """The mail itself; nothing when all was paid meanwhile."""
    day = date.fromisoformat(job.payload["day"])
    facts = _facts(job.shop_id, day) if job.shop_id else None
    if facts is None:
        return
    with force_locale(facts.language):
        send_letter(job, refund_digest(facts))


def _row(shop: Any, now: datetime) -> dict[str, Any] | None:
    local = now.astimezone(ZoneInfo(shop.time_zone))
    if not FROM_HOUR <= local.hour < TO_HOUR:
        return None
    event = f"shop.digest:{shop.id}:{local.date().isoformat()}"
    if db.session.execute(select(Outbox.id).where(Outbox.event == event)).first():
        return None
    due = count_due(shop_id=shop.id, now=now, time_zone=shop.time_zone)
    if not due.overdue and not due.today:
        return None
    return outbox_row(
        shop_id=shop.id,
        event=event,
        channel="mail",
        kind="refund_digest",
        recipient=shop.notification_email,
        payload={"day": local.date().isoformat()},
        now=now,
    )


def _facts(shop_id: int, day: date) -> DigestFacts | None:
    shop = db.session.get_one(Shop, shop_id, populate_existing=True)
    zone = ZoneInfo(shop.time_zone)
    morning = datetime.combine(day, time(FROM_HOUR), zone).astimezone(UTC)
    due = count_due(shop_id=shop_id, now=morning, time_zone=shop.time_zone)
    until = end_of_today(morning, shop.time_zone)
    listed = list_due(shop_id=shop_id, until=until, limit=_LINES)
    if not listed:
        db.session.rollback()
        return None
    facts = DigestFacts(
        shop_name=shop.name,
        language=shop.default_locale[:2],
        overdue=due.overdue,
        today=due.today,
        url=public_url(f"/shops/{shop.slug}/returns"),
        lines=tuple(_line(each, last_day(each.settle_by, zone) or day, morning) for each in listed),
    )
    db.session.rollback()
    return facts


def _line(due: DueReturn, day: date, morning: datetime) -> DigestLine:
    return DigestLine(
        number=due.number,
        customer=" ".join(due.customer.split()),
        amount=load_ledger(due.id).balance.open_total,
        currency=due.currency,
        day=day,
        is_late=due.settle_by <= morning,
    )
