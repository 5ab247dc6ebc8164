"""The trial: what the draft would change for the last orders, as long work of the worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select

from ...domain.errors import DomainError
from ...domain.policy import Fault, Policy
from ...domain.rule_edits import Entries
from ...domain.rule_trial import Difference, Outcome, Trial
from ...extensions import db
from ...models import Shop, Task
from ..audit import Actor
from ..shops import ShopSettings, load_settings
from ..tasks import TASK_COLUMNS, ShowsProgress, TaskView, start_task
from .draft import RulesState, load_rules
from .trial_orders import BATCH, Item, items_of, last_orders

KIND = "rule_trial"
MOST_ORDERS = 10_000
LISTED = 1_000
"""Differences that are kept to be looked at one by one."""


class NothingToTry(DomainError):
    """There is no draft to try out."""

    default_code = "nothing_to_try"


@dataclass(slots=True)
class Totals:
    """What a trial found. `fee_sum` is what real returns would cost more, in minor units."""

    orders: int = 0
    items: int = 0
    returns: int = 0
    refused: int = 0
    accepted: int = 0
    fee: int = 0
    other: int = 0
    fee_sum: int = 0
    faults: Counter[int] = field(default_factory=Counter)
    """Refused items that came, or would come, back through the shop's fault: by rule id."""
    listed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def same(self) -> int:
        """Items for which nothing changes."""
        return self.items - self.refused - self.accepted - self.fee - self.other


def start_trial(*, shop: ShopSettings, actor: Actor, orders: int) -> int:
    """Have the worker try the draft on the last `orders` orders; the task's id. Commits.

    Raises NothingToTry.
    """
    if not load_rules(shop.id).is_open:
        raise NothingToTry
    orders = max(1, min(orders, MOST_ORDERS))
    return start_task(
        shop_id=shop.id, kind=KIND, params={"orders": orders}, actor=actor, total=orders
    )


def latest_trial(shop_id: int) -> TaskView | None:
    """The trial that was started last, in whatever state."""
    query = (
        select(*TASK_COLUMNS)
        .where(Task.shop_id == shop_id, Task.kind == KIND)
        .order_by(Task.id.desc())
        .limit(1)
    )
    row = db.session.execute(query).one_or_none()
    return TaskView(**row._mapping) if row else None


def run_trial(task: TaskView, progress: ShowsProgress) -> dict[str, Any]:
    """The runner of `KIND`."""
    shop = db.session.get_one(Shop, task.shop_id)
    settings = load_settings(shop.id, shop.settings_version)
    state = load_rules(shop.id)
    order_ids = last_orders(shop.id, int(task.params["orders"]))
    totals = Totals(orders=len(order_ids))
    trial = make_trial(settings.policy, state)
    for start in range(0, len(order_ids), BATCH):
        db.session.rollback()
        progress(start, len(order_ids))
        judge_items(trial, items_of(settings.policy, order_ids[start : start + BATCH]), totals)
    return _result(totals, state)


def make_trial(policy: Policy, state: RulesState) -> Trial:
    """The rules customers meet beside those of the draft."""
    return Trial(
        replace(policy, rules=_switched_on(state.live)),
        replace(policy, rules=_switched_on(state.entries)),
    )


def _switched_on(entries: Entries) -> tuple[Any, ...]:
    return tuple(entry.rule for entry in entries if entry.enabled)


def judge_items(trial: Trial, items: Iterable[Item], totals: Totals) -> None:
    """Judge items and count what changes; those of one return are judged together."""
    by_order = groupby(items, key=lambda item: id(item.case.order))
    for _order, group in by_order:
        of_order = list(group)
        for item in of_order:
            if item.return_id is None:
                _count(totals, item, trial.judge(item.case))
        for return_id in dict.fromkeys(item.return_id for item in of_order if item.return_id):
            _judge_return(trial, [item for item in of_order if item.return_id == return_id], totals)


def _judge_return(trial: Trial, items: Sequence[Item], totals: Totals) -> None:
    """Its items cost one fee together."""
    totals.returns += 1
    found = [trial.judge(item.case) for item in items]
    now, then = trial.fees([item.case for item in items])
    if not any(one and one.kind in {"refused", "accepted"} for one in found):
        totals.fee_sum += then - now
    for item, one in zip(items, found, strict=True):
        if one and one.kind == "fee":
            one = _as_return(one, now, then)
        _count(totals, item, one)


def _as_return(one: Difference, now: int, then: int) -> Difference | None:
    if now == then:
        return None
    return replace(one, now=replace(one.now, value=now), then=replace(one.then, value=then))


def _count(totals: Totals, item: Item, found: Difference | None) -> None:
    totals.items += 1
    if found is None:
        return
    setattr(totals, found.kind, getattr(totals, found.kind) + 1)
    if found.kind == "refused" and found.fault not in {None, Fault.CUSTOMER}:
        totals.faults[found.then.rule_id] += 1
    if len(totals.listed) < LISTED:
        totals.listed.append(_listed(item, found))


def _listed(item: Item, found: Difference) -> dict[str, Any]:
    return {
        "order": item.order,
        "placed_at": item.placed_at.isoformat(),
        "return": item.number,
        "title": item.title,
        "kind": found.kind,
        "reason": found.reason,
        "now": outcome_to_json(found.now),
        "then": outcome_to_json(found.then),
    }


def outcome_to_json(outcome: Outcome) -> list[Any]:
    """What it is about, the value, and the rule."""
    value = outcome.value
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, tuple):
        value = [str(one) for one in value]
    return [outcome.about, value, outcome.rule_id]


def _result(totals: Totals, state: RulesState) -> dict[str, Any]:
    counts = ("orders", "items", "returns", "same", "refused", "accepted", "fee", "other")
    return {
        **{name: getattr(totals, name) for name in counts},
        "fee_sum": totals.fee_sum,
        "faults": [[rule_id, count] for rule_id, count in totals.faults.most_common()],
        "version": state.version,
        "places": [[entry.id, place] for place, entry in enumerate(state.entries, 1)],
        "listed": totals.listed,
    }
