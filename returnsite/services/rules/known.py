"""What exists in a shop that rules can name, and the findings that follow."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from babel import Locale
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from ...domain.policy import Fault, Rule
from ...domain.rule_analysis import Finding, Known, analyse, named_words
from ...domain.rule_edits import Entries
from ...extensions import db
from ...models import Order, OrderLine, ProductVariant
from ..shops import ShopSettings

CONSUMER_COUNTRIES = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""The European Economic Area: consumers may withdraw within 14 days of delivery."""

LOOKED_AT = 10_000
"""Orders, from the last one back, in which a category or SKU must occur to exist."""


def find_problems(shop: ShopSettings, entries: Entries) -> list[Finding]:
    """What to look at in the rules that are switched on. Two queries at most."""
    rules = [entry.rule for entry in entries if entry.enabled]
    return analyse(rules, _known(shop, rules))


def fault_reasons(shop: ShopSettings) -> tuple[str, ...]:
    """The codes of the reasons that are the shop's or the carrier's fault."""
    return tuple(
        reason.code for reason in shop.policy.reasons if reason.fault is not Fault.CUSTOMER
    )


@cache
def country_codes() -> tuple[str, ...]:
    """Every country there is, ISO 3166-1 alpha-2."""
    codes = (str(code) for code in Locale("en").territories)
    return tuple(sorted(code for code in codes if len(code) == 2 and code not in _NO_COUNTRY))


_NO_COUNTRY = frozenset({"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA",
                         "XB", "ZZ"})  # fmt: skip


def _known(shop: ShopSettings, rules: Sequence[Rule]) -> Known:
    return Known(
        reasons=frozenset(reason.code.casefold() for reason in shop.policy.reasons),
        fault_reasons=fault_reasons(shop),
        others={
            "country": frozenset(code.casefold() for code in country_codes()),
            "category": _existing(shop.id, OrderLine.category, named_words(rules, "category")),
            "sku": _existing(shop.id, OrderLine.sku, named_words(rules, "sku")),
        },
        consumer_countries=CONSUMER_COUNTRIES,
    )


def _existing(
    shop_id: int, column: InstrumentedAttribute[str], words: frozenset[str]
) -> frozenset[str]:
    """Which of these words the last orders, or for SKUs the catalogue, know; case-folded.

    Words beyond ASCII count as known: not every database can compare them without case.
    """
    asked = sorted(word for word in words if word.isascii())
    if not asked:
        return words
    recent = (
        select(Order.id).where(Order.shop_id == shop_id).order_by(Order.id.desc()).limit(LOOKED_AT)
    ).scalar_subquery()
    lowered = func.lower(column)
    found = select(lowered).where(OrderLine.order_id.in_(recent), lowered.in_(asked))
    if column is OrderLine.sku:
        own = func.lower(ProductVariant.sku)
        catalogue = select(own).where(ProductVariant.shop_id == shop_id, own.in_(asked))
        found = found.union(catalogue)  # type: ignore[assignment]
    else:
        found = found.distinct()
    return words - frozenset(asked) | frozenset(db.session.scalars(found))
