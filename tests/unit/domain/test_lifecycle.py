"""The status of a return: every pair of status and event has one answer."""

from __future__ import annotations

import pytest

from returnsite.domain.errors import WrongState
from returnsite.domain.lifecycle import (
    RELEASED,
    Effect,
    Event,
    Status,
    allowed_events,
    customer_can_cancel,
    transition,
)

S, E = Status, Event
TABLE = {
    (S.REQUESTED, E.APPROVE): (S.APPROVED, {Effect.KEEP}),
    (S.REQUESTED, E.DECLINE): (S.DECLINED, {Effect.RELEASE}),
    (S.REQUESTED, E.CANCEL): (S.CANCELLED, {Effect.RELEASE, Effect.VOID_LABEL}),
    (S.APPROVED, E.CANCEL): (S.CANCELLED, {Effect.RELEASE, Effect.VOID_LABEL}),
    (S.APPROVED, E.EXPIRE): (S.EXPIRED, {Effect.RELEASE}),
    (S.APPROVED, E.SCAN): (S.IN_TRANSIT, {Effect.KEEP}),
    (S.APPROVED, E.RECEIVE): (S.RECEIVED, {Effect.KEEP}),
    (S.EXPIRED, E.REOPEN): (S.APPROVED, {Effect.CLAIM}),
    (S.IN_TRANSIT, E.SCAN): (S.IN_TRANSIT, {Effect.KEEP}),
    (S.IN_TRANSIT, E.RECEIVE): (S.RECEIVED, {Effect.KEEP}),
    (S.IN_TRANSIT, E.LOSE): (S.LOST, {Effect.KEEP}),
    (S.APPROVED, E.CLOSE): (S.CLOSED, {Effect.KEEP}),
    (S.RECEIVED, E.SHORT): (S.RECEIVED, {Effect.RELEASE_SHORT}),
    (S.LOST, E.RECEIVE): (S.RECEIVED, {Effect.KEEP}),
    (S.RECEIVED, E.RECEIVE): (S.RECEIVED, {Effect.KEEP}),
    (S.RECEIVED, E.SCAN): (S.RECEIVED, {Effect.KEEP}),
    (S.RECEIVED, E.CLOSE): (S.CLOSED, {Effect.RELEASE_SHORT}),
    (S.CLOSED, E.SCAN): (S.CLOSED, {Effect.KEEP}),
    (S.LOST, E.SCAN): (S.LOST, {Effect.KEEP}),
    (S.LOST, E.CLOSE): (S.CLOSED, {Effect.KEEP}),
}
PAIRS = [(status, event) for status in Status for event in Event]


@pytest.mark.parametrize(("status", "event"), PAIRS)
def test_museum_36_every_status_and_event_has_one_answer(status: Status, event: Event) -> None:
    if (status, event) not in TABLE:
        with pytest.raises(WrongState) as refusal:
            transition(status, event)
        assert refusal.value.params == {"status": status.value, "event": event.value}
        return
    then = transition(status, event)
    assert (then.to, set(then.effects)) == TABLE[status, event]


@pytest.mark.parametrize(("status", "event"), [("paid", "scan"), ("approved", "pay"), ("", "")])
def test_unknown_words_are_refused_like_impossible_events(status: str, event: str) -> None:
    with pytest.raises(WrongState):
        transition(status, event)


def test_stored_texts_work_as_well_as_the_names() -> None:
    assert transition("approved", "scan") == transition(S.APPROVED, E.SCAN)


@pytest.mark.parametrize("status", [S.IN_TRANSIT, S.RECEIVED, S.CLOSED, S.LOST])
def test_a_repeated_scan_changes_nothing(status: Status) -> None:
    then = transition(status, E.SCAN)

    assert (then.to, then.changes) == (status, False)


def test_received_and_lost_units_stay_claimed_for_ever() -> None:
    for status in (S.RECEIVED, S.LOST, S.CLOSED):
        effects = [transition(status, event).effects for event in allowed_events(status)]
        assert not any(Effect.RELEASE in each for each in effects)


def test_the_statuses_without_claims_are_those_whose_events_release_them() -> None:
    released = {then for then, effects in TABLE.values() if Effect.RELEASE in effects}

    assert released == RELEASED


@pytest.mark.parametrize(
    ("status", "events"),
    [
        ("requested", {"approve", "decline", "cancel"}),
        ("approved", {"cancel", "expire", "scan", "receive", "close"}),
        ("in_transit", {"receive", "lose"}),
        ("received", {"receive", "short", "close"}),
        ("expired", {"reopen"}),
        ("lost", {"receive", "close"}),
        ("closed", set()),
        ("declined", set()),
        ("cancelled", set()),
        ("nonsense", set()),
    ],
)
def test_buttons_are_offered_for_events_that_change_something(
    status: str, events: set[str]
) -> None:
    assert {event.value for event in allowed_events(status)} == events


def test_the_customer_can_cancel_until_the_parcel_is_handed_over() -> None:
    assert [s.value for s in Status if customer_can_cancel(s, handed_over=False)] == [
        "requested",
        "approved",
    ]
    assert not any(customer_can_cancel(s, handed_over=True) for s in Status)
