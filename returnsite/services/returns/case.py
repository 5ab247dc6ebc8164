"""A return taken in hand: locked, changed together with its event, or not changed at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update

from ... import clock
from ...database import insert_returning, writing
from ...domain.lifecycle import Event, Transition, transition
from ...extensions import db
from ...models import Payout, Return, ReturnEvent, ReturnLine
from ..audit import Actor
from ..outbox import enqueue, outbox_row
from ..shops import ShopSettings

UNDO_FOR = timedelta(seconds=30)
"""How long mails and labels wait after staff pressed a button, so that it can be taken back."""

REPEAT_WITHIN = timedelta(minutes=2)
"""The same press again by the same person in this time is a double click, not a surprise."""


class ReturnUnknown(LookupError):
    """This shop has no such return."""


@dataclass(frozen=True, slots=True)
class Happened:
    """The last thing that happened to a return, and who did it."""

    event_id: int
    event: str
    status: str
    """The status it led to."""
    actor: str
    by: str
    """A name; empty for the customer and the system."""
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


class ReturnChanged(Exception):
    """Somebody was first. `by_self` tells a double click from a colleague."""

    def __init__(self, happened: Happened, *, by_self: bool) -> None:
        super().__init__(f"{happened.event} by {happened.actor}")
        self.happened = happened
        self.by_self = by_self


@dataclass(frozen=True, slots=True)
class Done:
    """What was written. `event_id` is what undo is asked with, until `undo_until`."""

    return_id: int
    number: str
    status: str
    event_id: int
    undo_until: datetime | None = None


@dataclass(slots=True)
class Case:
    """A locked return within its transaction."""

    shop: ShopSettings
    actor: Actor
    row: Row[Any]
    last: Happened | None
    now: datetime
    status: str

    @property
    def id(self) -> int:
        """Of the return."""
        return int(self.row.id)

    def expect(self, event: str, seen_status: str | None, seen_event: int | None) -> None:
        """Raise ReturnChanged when the return is not as the person saw it."""
        differs = seen_status is not None and self.status != seen_status
        if differs or _passed(self.last, seen_event):
            raise _changed(self, event)

    def move(self, event: Event, *, data: dict[str, Any] | None = None, **values: Any) -> int:
        """Change the status as `event` says, and write it down. Raises WrongState."""
        then = transition(self.status, event)
        return self.write(event, then.to, data=data, **values)

    def write(
        self, event: str, to: str, *, data: dict[str, Any] | None = None, **values: Any
    ) -> int:
        """Compare and swap the status, with the event row; returns the event's id."""
        moved = db.session.execute(
            update(Return)
            .where(Return.id == self.id, Return.status == self.status)
            .values(status=to, **values)
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined]
            raise _changed(self, event)
        (written,) = insert_returning(ReturnEvent, [self._event(event, to, data)], "id")
        self.status = to
        return int(written.id)

    def note(self, event: str, data: dict[str, Any], **values: Any) -> int:
        """Write down something that leaves the status as it is."""
        return self.write(event, self.status, data=data, **values)

    def allowed(self, event: Event) -> Transition:
        """What `event` would do now. Raises WrongState."""
        return transition(self.status, event)

    def tell(self, what: str, event_id: int, *, undoable: bool = False) -> None:
        """Mail the customer that this happened; later, where it can be taken back until then."""
        if self.row.email:
            name = f"return.{what}:{self.id}:{event_id}"
            self.enqueue(name, "mail", f"customer_{what}", event_id, undoable=undoable)

    def enqueue(
        self, name: str, channel: str, kind: str, event_id: int, *, undoable: bool = False
    ) -> None:
        """Put a side effect in the outbox, naming the return and the event only."""
        row = outbox_row(
            shop_id=self.shop.id,
            event=name,
            channel=channel,
            kind=kind,
            recipient=self.row.email if channel == "mail" else "",
            return_id=self.id,
            now=self.now,
        )
        row["payload"]["event_id"] = event_id
        if undoable:
            row["next_try_at"] = self.now + UNDO_FOR
        enqueue([row])

    def done(self, event_id: int, *, undoable: bool = False) -> Done:
        """What the verb returns."""
        until = self.now + UNDO_FOR if undoable else None
        return Done(self.id, self.row.number, self.status, event_id, until)

    def _event(self, event: str, to: str, data: dict[str, Any] | None) -> dict[str, Any]:
        return {
            "return_id": self.id,
            "event": event,
            "from_status": self.status,
            "to_status": to,
            "actor": self.actor.code,
            "at": self.now,
            "data": {**(data or {}), "by": self.actor.name} if self.actor.name else data or {},
        }


@contextmanager
def changing(
    *,
    shop: ShopSettings,
    return_id: int,
    actor: Actor,
    event: str,
    seen_status: str | None = None,
    seen_event: int | None = None,
) -> Iterator[Case]:
    """Lock a return for one change and commit it at the end; whatever is raised undoes all of it.

    Raises ReturnUnknown, and ReturnChanged when it is not as the person saw it.
    """
    with writing():
        case = _load(shop, return_id, actor)
        case.expect(event, seen_status, seen_event)
        yield case


def _load(shop: ShopSettings, return_id: int, actor: Actor) -> Case:
    row = db.session.execute(
        select(*Return.__table__.columns)
        .where(Return.id == return_id, Return.shop_id == shop.id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise ReturnUnknown()
    return Case(shop, actor, row, last_event(return_id), clock.now(), row.status)


def last_event(return_id: int) -> Happened | None:
    """The newest row of the timeline."""
    row = db.session.execute(
        select(ReturnEvent.__table__)
        .where(ReturnEvent.return_id == return_id)
        .order_by(ReturnEvent.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    by = str(row.data.get("by", ""))
    return Happened(row.id, row.event, row.to_status, row.actor, by, row.at, dict(row.data))


def _passed(last: Happened | None, seen_event: int | None) -> bool:
    """Notes and mails change nothing that a form was about."""
    if seen_event is None or last is None:
        return False
    aside = is_remark(last.event, last.data) or last.event == "handoff_retry"
    return last.event_id > seen_event and not aside


def is_remark(event: str, data: Mapping[str, Any]) -> bool:
    """Whether this only says something: a note, or one taken back."""
    return event == "note" or (event == "undo" and data.get("undone") == "note")


def _changed(case: Case, event: str) -> ReturnChanged:
    last = case.last or Happened(0, "", case.status, "", "", case.now)
    same = last.actor == case.actor.code and last.event == event
    return ReturnChanged(last, by_self=same and case.now - last.at <= REPEAT_WITHIN)


def has_payouts(return_id: int) -> bool:
    """Whether anything was given for this return."""
    query = select(func.count()).where(Payout.return_id == return_id, Payout.state != "failed")
    return bool(db.session.scalar(query))


def lines_of(return_id: int) -> list[ReturnLine]:
    """The lines, fresh from the database, in the order they lock in."""
    query = select(ReturnLine).where(ReturnLine.return_id == return_id).order_by(ReturnLine.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))
