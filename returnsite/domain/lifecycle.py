"""The one status of a return, what can happen to it, and what that does to its claims."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .errors import WrongState


class Status(StrEnum):
    """Where a return stands. Money, goods and labels have their own facts."""

    REQUESTED = "requested"
    APPROVED = "approved"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LOST = "lost"


RELEASED = frozenset({Status.DECLINED, Status.CANCELLED, Status.EXPIRED})
"""Statuses in which a return holds no units any more."""


class Event(StrEnum):
    """What happens to a return after it was confirmed."""

    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    EXPIRE = "expire"
    REOPEN = "reopen"
    SCAN = "scan"
    RECEIVE = "receive"
    SHORT = "short"
    """The units that have not arrived will not come."""
    LOSE = "lose"
    CLOSE = "close"


class Effect(StrEnum):
    """What a transition does besides changing the status."""

    KEEP = "keep"
    """Claims stay as they are."""
    CLAIM = "claim"
    """The units are claimed again, which may fail."""
    RELEASE = "release"
    """Every claim is given back."""
    RELEASE_SHORT = "release_short"
    """Claims on units that never arrived are given back; received units stay claimed for ever."""
    VOID_LABEL = "void_label"
    """The label or code must not be used any more."""


@dataclass(frozen=True, slots=True)
class Transition:
    """The status after an event, and its effects."""

    to: Status
    effects: frozenset[Effect] = frozenset({Effect.KEEP})
    changes: bool = True
    """False when the event says nothing new, such as a second carrier scan."""


def _to(status: Status, *effects: Effect) -> Transition:
    return Transition(status, frozenset(effects or (Effect.KEEP,)))


def _nothing_new(status: Status) -> Transition:
    return Transition(status, changes=False)


_TABLE: dict[tuple[Status, Event], Transition] = {
    (Status.REQUESTED, Event.APPROVE): _to(Status.APPROVED),
    (Status.REQUESTED, Event.DECLINE): _to(Status.DECLINED, Effect.RELEASE),
    (Status.REQUESTED, Event.CANCEL): _to(Status.CANCELLED, Effect.RELEASE, Effect.VOID_LABEL),
    (Status.APPROVED, Event.CANCEL): _to(Status.CANCELLED, Effect.RELEASE, Effect.VOID_LABEL),
    (Status.APPROVED, Event.EXPIRE): _to(Status.EXPIRED, Effect.RELEASE),
    (Status.APPROVED, Event.SCAN): _to(Status.IN_TRANSIT),
    (Status.APPROVED, Event.RECEIVE): _to(Status.RECEIVED),
    # Only where the customer may keep the goods: nothing will arrive that could be counted.
    (Status.APPROVED, Event.CLOSE): _to(Status.CLOSED),
    (Status.EXPIRED, Event.REOPEN): _to(Status.APPROVED, Effect.CLAIM),
    (Status.IN_TRANSIT, Event.SCAN): _nothing_new(Status.IN_TRANSIT),
    (Status.IN_TRANSIT, Event.RECEIVE): _to(Status.RECEIVED),
    (Status.IN_TRANSIT, Event.LOSE): _to(Status.LOST),
    # Counting is repeatable: units of one return may arrive in several boxes.
    (Status.RECEIVED, Event.RECEIVE): _to(Status.RECEIVED),
    (Status.RECEIVED, Event.SCAN): _nothing_new(Status.RECEIVED),
    (Status.RECEIVED, Event.SHORT): _to(Status.RECEIVED, Effect.RELEASE_SHORT),
    (Status.RECEIVED, Event.CLOSE): _to(Status.CLOSED, Effect.RELEASE_SHORT),
    (Status.CLOSED, Event.SCAN): _nothing_new(Status.CLOSED),
    (Status.LOST, Event.SCAN): _nothing_new(Status.LOST),
    # It turned up after all.
    (Status.LOST, Event.RECEIVE): _to(Status.RECEIVED),
    # A lost parcel is settled as if it had arrived, so its units stay claimed.
    (Status.LOST, Event.CLOSE): _to(Status.CLOSED),
}


def transition(status: str, event: str) -> Transition:
    """What `event` does to a return in `status`. Raises WrongState when it cannot happen."""
    try:
        return _TABLE[Status(status), Event(event)]
    except (KeyError, ValueError):
        raise WrongState(status=str(status), event=str(event)) from None


def allowed_events(status: str) -> tuple[Event, ...]:
    """Events that change something in this status, for choosing the buttons to show."""
    return tuple(event for (at, event), then in _TABLE.items() if at == status and then.changes)


def customer_can_cancel(status: str, handed_over: bool) -> bool:
    """Whether the customer may still cancel: before the carrier has the parcel."""
    return not handed_over and Event.CANCEL in allowed_events(status)
