"""Sending what a customer is told of a return; each mail is about one event of its timeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from ..database import writing
from ..extensions import db
from ..mailing import news
from ..mailing.facts import NewsFacts, ReturnFacts
from ..mailing.message import Letter
from ..models import Outbox, Return, ReturnEvent, Shop, StoreCredit
from .credit_codes import code_from, hash_code
from .mails import facts_of, handoff_part, send_letter
from .outbox import GiveUp, Job
from .queries.return_facts import item_facts, last_day
from .returns.extras import Extra, sort_extras
from .returns.money import load_ledger


def send_approved(job: Job) -> None:
    """Approved by staff, with label or code when they come in time. Raises NotYet."""
    part = handoff_part(job)
    if facts := facts_of(job):
        send_letter(job, news.customer_approved(facts, part))


def send_plain(compose: Callable[[ReturnFacts], Letter]) -> Callable[[Job], None]:
    """The handler of a mail that needs the return alone."""

    def send(job: Job) -> None:
        if facts := facts_of(job):
            send_letter(job, compose(facts))

    return send


def send_reminder(job: Job) -> None:
    """The last day is near; not for a return that went on meanwhile."""
    if (facts := facts_of(job)) and facts.status == "approved":
        send_letter(job, news.customer_reminder(facts))


def send_news(compose: Callable[[ReturnFacts, NewsFacts], Letter]) -> Callable[[Job], None]:
    """The handler of a mail about one event."""

    def send(job: Job) -> None:
        if facts := facts_of(job):
            send_letter(job, compose(facts, _news(job)))

    return send


def send_credit(job: Job) -> None:
    """The code, made again from what is kept of it."""
    facts = facts_of(job)
    if facts is None:
        return
    found = _news(job)
    if not found.code:
        raise GiveUp("the code cannot be made again: the secret key was changed")
    send_letter(job, news.customer_credit(facts, found))


NEWS_SENDERS: dict[str, Callable[[Job], None]] = {
    "customer_approved": send_approved,
    "customer_declined": send_news(news.customer_declined),
    "customer_on_the_way": send_plain(news.customer_on_the_way),
    "customer_lost": send_news(news.customer_lost),
    "customer_received": send_news(news.customer_received),
    "customer_short": send_news(news.customer_short),
    "customer_waived": send_news(news.customer_waived),
    "customer_refunded": send_news(news.customer_refunded),
    "customer_exchange_sent": send_news(news.customer_exchange_sent),
    "customer_credit": send_credit,
    "customer_corrected": send_news(news.customer_corrected),
    "customer_note": send_news(news.customer_note),
    "customer_expired": send_plain(news.customer_expired),
    "customer_reopened": send_plain(news.customer_reopened),
    "customer_reminder": send_reminder,
}


def _news(job: Job) -> NewsFacts:
    """What the event says, and how money and counts stood at the first attempt: a mail that is
    sent again must not say something else."""
    return_id = job.payload["return_id"]
    data = db.session.execute(
        select(ReturnEvent.data).where(ReturnEvent.id == job.payload["event_id"])
    ).scalar_one()
    stood = job.payload.get("stood") or _remember(job)
    lines = {line.id: line for line in load_ledger(return_id).lines}
    shop_id = db.session.execute(select(Return.shop_id).where(Return.id == return_id)).scalar_one()
    zone = ZoneInfo(_time_zone(shop_id))
    code, until = _code(data, zone)
    settle_by = stood["settle_by"]
    found = NewsFacts(
        text=str(data.get("reason") or data.get("text") or ""),
        amount=int(data.get("amount", 0)),
        reference=" ".join(str(data.get("reference", "")).split()),
        due_total=stood["due"],
        open_total=stood["open"],
        rest_total=stood.get("rest", 0),
        settle_day=last_day(datetime.fromisoformat(settle_by), zone) if settle_by else None,
        counted=tuple(
            (item_facts(lines[line_id]), received, accepted)
            for line_id, received, accepted in stood["counted"]
            if line_id in lines
        ),
        **_extras(data),
        code=code,
        code_until=until,
    )
    db.session.rollback()
    return found


def _extras(data: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What else was in the box, by whether it goes back."""
    back, others = sort_extras(Extra(**each) for each in data.get("extras", ()))
    return {"back": tuple(back), "others": tuple(others)}


def _remember(job: Job) -> dict[str, Any]:
    """How the return stands now, kept with the row. Commits."""
    with writing():
        ledger = load_ledger(job.payload["return_id"])
        now = db.session.execute(
            select(Return.settle_by, Return.status).where(Return.id == job.payload["return_id"])
        ).one()
        payable = ledger.payable(now.status).open_total
        stood = {
            "due": ledger.balance.due.total,
            "open": payable,
            "rest": ledger.balance.open_total - payable,
            "settle_by": now.settle_by.isoformat() if now.settle_by else None,
            "counted": [[line.id, line.received, line.accepted] for line in ledger.lines],
        }
        db.session.execute(
            update(Outbox)
            .where(Outbox.id == job.id)
            .values(payload={**job.payload, "stood": stood})
        )
    return stood


def _time_zone(shop_id: int) -> str:
    return db.session.execute(select(Shop.time_zone).where(Shop.id == shop_id)).scalar_one()


def _code(data: dict[str, Any], zone: ZoneInfo) -> tuple[str, date | None]:
    """The code of the credit the event gave, empty when it cannot be made again."""
    if "credit" not in data:
        return "", None
    credit = db.session.get_one(StoreCredit, data["credit"], populate_existing=True)
    code = code_from(credit.nonce)
    fits = hash_code(code) == credit.code_hash
    return code if fits else "", last_day(credit.expires_at, zone)
