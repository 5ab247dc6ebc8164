"""One action on many returns: each for itself, so that one that cannot be changed stops none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import select, update

from ... import clock
from ...database import insert_returning, run, writing
from ...domain.errors import DomainError
from ...domain.inbox import Filters
from ...domain.ledger import Channel
from ...domain.lifecycle import Event, Status, allowed_events
from ...models import BulkAction, Return
from ..audit import Actor
from ..returns.add_note import add_note
from ..returns.approve_return import approve_return
from ..returns.case import Done, ReturnChanged, ReturnUnknown
from ..returns.close_return import close_return
from ..returns.decline_return import decline_return
from ..returns.money import load_ledger
from ..returns.record_payout import PAYABLE, record_payout
from ..returns.undo import undo
from ..shops import ShopSettings
from .listing import select_returns

MOST = 200
"""Returns changed by one press: a request that takes seconds, not minutes."""


class Action(StrEnum):
    """What can be done to many at once."""

    APPROVE = "approve"
    DECLINE = "decline"
    REFUND = "refund"
    CLOSE = "close"
    NOTE = "note"


_MOVES = {Action.APPROVE: Event.APPROVE, Action.DECLINE: Event.DECLINE, Action.CLOSE: Event.CLOSE}


def possible_actions(statuses: Iterable[str]) -> tuple[Action, ...]:
    """What can be done to returns in any of these statuses. A note can be added to every one."""
    at = {Status(status) for status in statuses}
    moves = {event for status in at for event in allowed_events(status)}
    return tuple(
        action
        for action in Action
        if action is Action.NOTE
        or (bool(at & PAYABLE) if action is Action.REFUND else _MOVES[action] in moves)
    )


@dataclass(frozen=True, slots=True)
class Order:
    """An action with what was filled in for it. `amounts` are the sums the person saw, by id."""

    action: Action
    text: str = ""
    channel: str = Channel.ORIGINAL
    key: str = ""
    amounts: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A return somebody chose, as it stands."""

    id: int
    number: str
    status: str
    currency: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a bulk action, see `models.BulkAction`."""

    id: int
    action: str
    done: tuple[dict[str, Any], ...]
    failed: tuple[dict[str, Any], ...]
    remaining: int
    undo_until: datetime | None
    undone: bool

    @property
    def can_undo(self) -> bool:
        """Whether there is still time."""
        return not self.undone and self.undo_until is not None and clock.now() < self.undo_until


def chosen_returns(*, shop: ShopSettings, ids: Iterable[int]) -> list[Chosen]:
    """The chosen returns of this shop, newest first; ids of other shops are nothing. One query."""
    wanted = sorted(set(ids))[: 2 * MOST]
    rows = run(_CHOSEN.where(Return.shop_id == shop.id, Return.id.in_(wanted)))
    return [Chosen(**row._mapping) for row in rows]


def matching_returns(*, shop: ShopSettings, filters: Filters) -> list[Chosen]:
    """All returns that the filters show, newest first, up to MOST and one more."""
    selection = select_returns(shop=shop, filters=filters)
    query = selection.of(Return.id).order_by(Return.created_at.desc(), Return.id.desc())
    return chosen_returns(shop=shop, ids=run(query.limit(MOST + 1)).scalars().all())


_CHOSEN = select(Return.id, Return.number, Return.status, Return.currency).order_by(
    Return.created_at.desc(), Return.id.desc()
)


def open_amounts(chosen: Sequence[Chosen]) -> dict[int, int]:
    """Money to be paid now, of those where anything is: not for what has not come yet."""
    found = {each.id: load_ledger(each.id).payable(each.status).open_money
             for each in chosen[:MOST]}  # fmt: skip
    return {return_id: amount for return_id, amount in found.items() if amount}


def act_on_many(*, shop: ShopSettings, actor: Actor, chosen: Sequence[Chosen], order: Order) -> int:
    """Do it to each, each in its own transaction; returns the id of the outcome. Commits.

    Raises DomainError when what was filled in fits none of them (no reason, no text).
    """
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    until: datetime | None = None
    for each in chosen[:MOST]:
        result = _try(each, partial(_VERBS[order.action], shop, actor, each, order))
        if isinstance(result, Done):
            done.append({"id": each.id, "number": each.number, "event": result.event_id})
            until = result.undo_until or until
        else:
            failed.append(result)
    rest = max(0, len(chosen) - MOST)
    written = {"action": order.action, "done": done, "failed": failed, "remaining": rest}
    return _keep(shop, actor, **written, undo_until=until if done else None)


_AS_A_WHOLE = frozenset({"reason_required", "note_required", "text_too_long", "channel_unknown"})
"""Refusals of what was filled in: no return would take it."""


def _try(each: Chosen, act: Callable[[], Done]) -> Done | dict[str, Any]:
    failure: dict[str, Any] = {"id": each.id, "number": each.number}
    try:
        return act()
    except ReturnChanged as changed:
        last = changed.happened
        params = {"by": last.by, "actor": last.actor, "event": last.event, "status": last.status}
        return {**failure, "code": "changed", "params": params}
    except ReturnUnknown:
        return {**failure, "code": "unknown", "params": {}}
    except DomainError as error:
        if error.code in _AS_A_WHOLE:
            raise
        return {**failure, "code": error.code, "params": error.params}


def _approve(shop: ShopSettings, actor: Actor, each: Chosen, order: Order) -> Done:
    return approve_return(shop=shop, return_id=each.id, actor=actor)


def _decline(shop: ShopSettings, actor: Actor, each: Chosen, order: Order) -> Done:
    return decline_return(shop=shop, return_id=each.id, actor=actor, reason=order.text)


def _refund(shop: ShopSettings, actor: Actor, each: Chosen, order: Order) -> Done:
    if each.id not in order.amounts:
        raise DomainError("nothing_open")
    return record_payout(
        shop=shop,
        return_id=each.id,
        actor=actor,
        amount=order.amounts[each.id],
        channel=order.channel,
        idempotency_key=order.key,
        reference=order.text,
    )


def _close(shop: ShopSettings, actor: Actor, each: Chosen, order: Order) -> Done:
    return close_return(shop=shop, return_id=each.id, actor=actor)


def _note(shop: ShopSettings, actor: Actor, each: Chosen, order: Order) -> Done:
    return add_note(shop=shop, return_id=each.id, actor=actor, text=order.text)


_VERBS: Mapping[Action, Callable[[ShopSettings, Actor, Chosen, Order], Done]] = {
    Action.APPROVE: _approve,
    Action.DECLINE: _decline,
    Action.REFUND: _refund,
    Action.CLOSE: _close,
    Action.NOTE: _note,
}


def undo_many(*, shop: ShopSettings, actor: Actor, outcome_id: int) -> int | None:
    """Take a bulk action of one's own back, each return for itself; returns the id of what became
    of that, None when there is no such action or it was taken back before. Commits."""
    with writing():
        row = run(
            update(BulkAction)
            .where(*_own(shop.id, actor.user_id), BulkAction.id == outcome_id)
            .where(BulkAction.undone_at.is_(None), BulkAction.undo_until.is_not(None))
            .values(undone_at=clock.now())
            .returning(BulkAction.action, BulkAction.done)
        ).one_or_none()
    if row is None:
        return None
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for each in row.done:
        result = _try(Chosen(each["id"], each["number"], "", ""), _undoing(shop, actor, each))
        if isinstance(result, Done):
            done.append({**each, "event": result.event_id})
        else:
            failed.append(result)
    return _keep(shop, actor, action=f"undo_{row.action}", done=done, failed=failed)


def _undoing(shop: ShopSettings, actor: Actor, each: dict[str, Any]) -> Callable[[], Done]:
    return lambda: undo(shop=shop, return_id=each["id"], actor=actor, event_id=each["event"])


def _keep(shop: ShopSettings, actor: Actor, **values: Any) -> int:
    row = {
        "shop_id": shop.id,
        "user_id": actor.user_id,
        "remaining": 0,
        "created_at": clock.now(),
        "undo_until": None,
        "undone_at": None,
        **values,
    }
    with writing():
        (written,) = insert_returning(BulkAction, [row], "id")
    return int(written.id)


def load_outcome(*, shop_id: int, user_id: int, text: str) -> Outcome | None:
    """The outcome an address names, if it is one's own. One query where it names one."""
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        return None
    row = run(
        select(BulkAction.__table__).where(*_own(shop_id, user_id), BulkAction.id == int(text))
    ).one_or_none()
    if row is None:
        return None
    return Outcome(
        row.id,
        row.action,
        tuple(row.done),
        tuple(row.failed),
        row.remaining,
        row.undo_until,
        row.undone_at is not None,
    )


def _own(shop_id: int, user_id: int | None) -> tuple[Any, ...]:
    return BulkAction.shop_id == shop_id, BulkAction.user_id == user_id
