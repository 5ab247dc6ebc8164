"""Trying a rule draft on the last 10,000 orders: seconds, and how that compares to reading them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from bench.data import SLUG, Database
from returnsite import clock
from returnsite.domain.policy import Condition, Effect, Rule
from returnsite.domain.rule_edits import Entry
from returnsite.extensions import db
from returnsite.models import Parcel
from returnsite.services.rules.draft import RulesState
from returnsite.services.rules.trial import MOST_ORDERS, Totals, judge_items, make_trial
from returnsite.services.rules.trial_orders import BATCH, items_of, last_orders
from returnsite.services.shops import ShopSettings, find_shop

GOAL = 5.0
RULES = 40


def report(database: Database) -> Iterator[str]:
    """A row for each draft: one that changes little, and one that changes every item."""
    with database.app.app_context():
        shop = find_shop(slug=SLUG)
        assert shop is not None
        _spread_deliveries()
        ids = last_orders(shop.id, MOST_ORDERS)
        reading = min(_read(shop, ids) for _ in range(3))
        for name, draft in (("a few items change", _few()), ("every item changes", _all())):
            seconds, changed = min(_try(shop, ids, draft) for _ in range(3))
            verdict = "met" if seconds <= GOAL else "missed"
            yield (
                f"| {database.name} | {len(ids):,} orders, {RULES} rules, {name} | {changed:,} | "
                f"{reading:.1f} | {seconds:.1f} | {seconds / reading:.1f} | {verdict} |"
            )


def _spread_deliveries() -> None:
    """Parcels delivered over the last 300 days, as in a shop and not on one day."""
    parcels = db.session.execute(select(Parcel.id).where(Parcel.id <= MOST_ORDERS)).scalars()
    now = clock.now()
    db.session.execute(
        update(Parcel),
        [{"id": one, "delivered_at": now - timedelta(days=one % 300)} for one in parcels],
    )
    db.session.commit()


def _read(shop: ShopSettings, ids: list[int]) -> float:
    """The baseline: the same rows made into the same values, and nothing judged."""
    begin = time.process_time()
    for start in range(0, len(ids), BATCH):
        db.session.rollback()
        for _item in items_of(shop.policy, ids[start : start + BATCH]):
            pass
    return time.process_time() - begin


def _try(shop: ShopSettings, ids: list[int], draft: tuple[Rule, ...]) -> tuple[float, int]:
    live = tuple(Entry(rule) for rule in _live())
    entries = tuple(Entry(rule) for rule in draft)
    state = RulesState(
        version=1,
        is_open=True,
        live=live,
        entries=entries,
        undo="",
        changed_by="",
        changed_at=None,
    )
    begin = time.process_time()
    totals, trial = Totals(), make_trial(shop.policy, state)
    for start in range(0, len(ids), BATCH):
        db.session.rollback()
        judge_items(trial, items_of(shop.policy, ids[start : start + BATCH]), totals)
    return time.process_time() - begin, totals.items - totals.same


def _live() -> tuple[Rule, ...]:
    """Rules as shops have them: by country, category, reason, SKU and price."""
    conditions = [
        (Condition("country", "in", ("BE", "DE")), Condition("order_value", "at_most", 7499)),
        (Condition("category", "is", "Socks"),),
        (Condition("reason", "in", ("damaged", "wrong_item")),),
        (Condition("sku", "starts_with", "GIFT"),),
        (Condition("price", "at_least", 25_000), Condition("tag", "is", "large")),
    ]
    return tuple(
        Rule(n + 1, f"Rule {n + 1}", conditions[n % 5], (Effect("fee", 100 + n),))
        for n in range(RULES)
    )


def _few() -> tuple[Rule, ...]:
    rule = Rule(
        99,
        "Some",
        (Condition("title", "contains", "shirt 17"),),
        (Effect("returnable", value=False),),
    )
    return (*_live(), rule)


def _all() -> tuple[Rule, ...]:
    rules = list(_live())
    rules[0] = replace(
        rules[0], conditions=(), effects=(Effect("window_days", 60), Effect("fee", 695))
    )
    return tuple(rules)
