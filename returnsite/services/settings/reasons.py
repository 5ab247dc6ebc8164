"""Return reasons as stored: their order, words and what they ask for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select

from ... import clock
from ...domain.policy import Policy
from ...extensions import db
from ...models import Reason, Return, ReturnLine, Shop
from .store import Snapshot, Store

MOST_REASONS = 100
_OWN = "own_"
_FIELDS = ("code", "labels", "fault", "comment_required", "photo_required", "enabled")


class UnknownReason(ValueError):
    """Not a reason of this shop."""


class ReasonInUse(ValueError):
    """Returns name the reason, so it can only be switched off."""


class TooManyReasons(ValueError):
    """The list is as long as a customer can be asked to read."""


def is_own(code: str) -> bool:
    """Whether the shop made the reason; the others mean the same in every shop."""
    return code.startswith(_OWN)


def count_uses(*, shop_id: int, code: str) -> int:
    """How many lines of returns name the reason."""
    query = (
        select(func.count())
        .select_from(ReturnLine)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.shop_id == shop_id, ReturnLine.reason_code == code)
    )
    return db.session.scalar(query) or 0


def rules_naming(policy: Policy, code: str) -> list[str]:
    """The names of the return rules with a condition on this reason."""
    return [
        rule.name
        for rule in policy.rules
        if any(
            each.field == "reason" and (each.value == code or code in _several(each.value))
            for each in rule.conditions
        )
    ]


def add_reason(shop: Shop, values: Mapping[str, Any]) -> None:
    """Put a new reason at the end, in the caller's transaction. Raises TooManyReasons."""
    rows = _live(shop.id)
    if len(rows) >= MOST_REASONS:
        raise TooManyReasons
    first = next(iter(values["labels"].values()), "")
    position = max((row.position for row in rows), default=-1) + 1
    code = _new_code(shop.id, first)
    db.session.add(Reason(shop_id=shop.id, code=code, position=position, **values))


def change_reason(shop: Shop, reason_id: int, values: Mapping[str, Any]) -> None:
    """Write these fields; words in languages not given are kept. Raises UnknownReason."""
    row = _own(shop.id, reason_id)
    for name, value in values.items():
        setattr(row, name, {**row.labels, **value} if name == "labels" else value)


def switch_reason(shop: Shop, reason_id: int) -> None:
    """On becomes off, off becomes on. Raises UnknownReason."""
    row = _own(shop.id, reason_id)
    row.enabled = not row.enabled


def remove_reason(shop: Shop, reason_id: int) -> None:
    """Remove one of the shop's own that nobody ever chose. Raises UnknownReason, ReasonInUse."""
    row = _own(shop.id, reason_id)
    if not is_own(row.code) or count_uses(shop_id=shop.id, code=row.code):
        raise ReasonInUse
    row.deleted_at = clock.now()


def order_reasons(shop: Shop, ids: Iterable[int]) -> None:
    """Put the reasons in this order; those not named stay behind them."""
    rows = {row.id: row for row in _live(shop.id)}
    wanted = [id_ for id_ in ids if id_ in rows]
    for position, id_ in enumerate(dict.fromkeys((*wanted, *rows))):
        rows[id_].position = position


def _live(shop_id: int) -> list[Reason]:
    query = select(Reason).where(Reason.shop_id == shop_id, Reason.deleted_at.is_(None))
    return list(db.session.scalars(query.order_by(Reason.position, Reason.id)))


def _own(shop_id: int, reason_id: int) -> Reason:
    row = db.session.get(Reason, reason_id)
    if row is None or row.shop_id != shop_id or row.deleted_at is not None:
        raise UnknownReason(reason_id)
    return row


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else ()


def _new_code(shop_id: int, label: str) -> str:
    """A code from the words, which no reason of the shop has or ever had."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    stem = _OWN + ("_".join(re.findall(r"[a-z0-9]+", plain))[:40].strip("_") or "reason")
    taken = set(db.session.scalars(select(Reason.code).where(Reason.shop_id == shop_id)))
    number = 1
    while (code := stem if number == 1 else f"{stem}_{number}") in taken:
        number += 1
    return code


def _snapshot(shop: Shop) -> Snapshot:
    rows = _live(shop.id)
    return {
        "reasons.order": [row.code for row in rows],
        **{f"reason.{row.id}": {name: getattr(row, name) for name in _FIELDS} for row in rows},
    }


def _restore(shop: Shop, snapshot: Snapshot) -> None:
    order = snapshot["reasons.order"]
    rows = db.session.scalars(select(Reason).where(Reason.shop_id == shop.id))
    for row in rows:
        values = snapshot.get(f"reason.{row.id}")
        if values is None:
            row.deleted_at = row.deleted_at or clock.now()
            continue
        for name in _FIELDS:
            setattr(row, name, values[name])
        row.position = order.index(row.code)
        row.deleted_at = None


REASONS = Store("reasons", _snapshot, _restore, tables=(Reason,))
