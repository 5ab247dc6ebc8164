"""What the answers of a draft come to: eligibility, fee and refund, computed anew each time.

The live fragments, the review page and the confirmation all call `make_quote`, so that the
amount is the same wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, select

from ..database import run
from ..domain.eligibility import LineAssessment, assess_line
from ..domain.facts import Basket, Choice, OrderFacts
from ..domain.fees import not_customers_fault
from ..domain.methods import MethodOption, available_methods
from ..domain.policy import Method, Policy, Resolution
from ..domain.refunds import Statement, statement
from ..models import ProductVariant
from .drafts import Wizard
from .queries.order_lines import WizardLine


@dataclass(frozen=True, slots=True)
class Variant:
    """What an exchange can offer. `stock` None means not known; price in minor units."""

    sku: str
    product_key: str
    title: str
    options: Mapping[str, str]
    price: int
    stock: int | None

    @property
    def in_stock(self) -> bool:
        """False only when the catalogue knows that none is left."""
        return self.stock is None or self.stock > 0


Variants = Mapping[tuple[str, str], Variant]
"""By product key and SKU: two products may use one SKU."""


@dataclass(frozen=True, slots=True)
class Quote:
    """The state of a draft at one moment. `chosen` and `basket` hold the lines going back."""

    assessments: Mapping[int, LineAssessment]
    chosen: tuple[WizardLine, ...]
    basket: Basket
    statement: Statement | None
    """None while nothing is chosen."""
    methods: tuple[MethodOption, ...]
    """What this order's country, the contracts and the rules allow."""
    variants: Variants
    """What exchanges ask for, or the whole catalogue of these products."""

    def choice(self, line_id: int) -> Choice | None:
        """The choice for a line, None when it is not going back."""
        return next((c for c in self.basket.choices if c.line_id == line_id), None)

    def offered(self, line: WizardLine) -> list[Variant]:
        """The known variants of the line's product, in catalogue order."""
        return [v for (product, _sku), v in self.variants.items() if product == line.product_key]

    def wanted(self, line: WizardLine, sku: str | None) -> Variant | None:
        """The variant with this SKU of the line's product, None when it is not known."""
        return self.variants.get((line.product_key, sku or ""))

    def own_postage(self, method: str | None) -> bool:
        """Whether the customer pays a carrier's postage this way; may have to, for None."""
        return any(o.own_postage for o in self.methods if method in {None, o.method})


def make_quote(wizard: Wizard, variants: Variants | None = None) -> Quote:
    """Judge the wizard's answers. Without `variants` those that exchanges ask for are read."""
    variants = _wanted(wizard) if variants is None else variants
    choices = choices_of(wizard, variants)
    by_line = {choice.line_id: choice for choice in choices}
    assessments = {
        line.facts.line_id: assess(wizard, line, by_line.get(line.facts.line_id))
        for line in wizard.lines
    }
    chosen = tuple(line for line in wizard.lines if line.facts.line_id in by_line)
    shipment = wizard.answers.get("shipment", {})
    options = _methods(wizard, [assessments[line.facts.line_id] for line in chosen])
    basket = Basket(choices, shipment.get("method"), shipment.get("carrier"))
    return Quote(
        assessments=assessments,
        chosen=chosen,
        basket=basket,
        statement=make_statement(wizard, basket) if choices else None,
        methods=options,
        variants=variants,
    )


def needs_approval(wizard: Wizard, quote: Quote) -> bool:
    """Whether the shop looks at this return first: at every one, or a rule says so."""
    chosen = (quote.assessments[line.facts.line_id] for line in quote.chosen)
    return wizard.shop.policy.manual_approval or any(one.manual_approval for one in chosen)


def is_blameless(wizard: Wizard, quote: Quote) -> bool:
    """Whether anything comes back through the shop's or the carrier's fault."""
    policy = wizard.shop.policy
    return any(not_customers_fault(policy, choice) for choice in quote.basket.choices)


def assess(wizard: Wizard, line: WizardLine, choice: Choice | None) -> LineAssessment:
    """May this line go back, given what has been answered for it?"""
    return assess_line(wizard.shop.policy, wizard.order.facts, line.facts, choice, now=wizard.now)


def make_statement(wizard: Wizard, basket: Basket) -> Statement:
    """The refund statement for a basket, e.g. with another method than the chosen one."""
    return order_statement(
        wizard.shop.policy, wizard.order.facts, wizard.lines, basket, now=wizard.now
    )


def order_statement(
    policy: Policy, order: OrderFacts, lines: Sequence[WizardLine], basket: Basket, *, now: datetime
) -> Statement:
    """What a basket of an order comes to, given all lines of that order."""
    goods = [line for line in lines if line.facts.is_goods]
    return statement(
        policy,
        order,
        tuple(line.facts for line in lines),
        basket,
        units_total=sum({g.facts.order_line_id: g.facts.quantity for g in goods}.values()),
        units_back_before=sum(line.refunded_units for line in goods),
        shipping_refunded_before=any(line.shipping_refunded for line in lines),
        now=now,
    )


def choices_of(wizard: Wizard, variants: Variants) -> tuple[Choice, ...]:
    """The answers as the domain wants them; lines of other orders are not among them."""
    items: dict[str, int] = wizard.answers.get("items", {})
    return tuple(
        _choice(wizard, line, items[str(line.facts.line_id)], variants)
        for line in wizard.lines
        if str(line.facts.line_id) in items
    )


def resolution_of(answers: Mapping[str, Any], line_id: int) -> dict[str, Any]:
    """The refund answer for one line: `resolution`, `sku`, `wish`; empty when not answered."""
    refund = answers.get("refund", {})
    mode = refund.get("mode")
    if mode is None:
        return {}
    line: dict[str, Any] = refund.get("lines", {}).get(str(line_id), {})
    return line if mode == "per_line" else {**line, "resolution": mode}


def load_variants(wizard: Wizard) -> Variants:
    """All variants of the products of this order, in catalogue order. One query, or none."""
    return _variants(_BY_PRODUCT, wizard)


def _choice(wizard: Wizard, line: WizardLine, quantity: int, variants: Variants) -> Choice:
    line_id = line.facts.line_id
    reason = wizard.answers.get("reasons", {}).get(str(line_id), {}).get("reason")
    refund = resolution_of(wizard.answers, line_id)
    variant = variants.get((line.product_key, refund.get("sku", "")))
    exchanged = refund.get("resolution") == Resolution.EXCHANGE
    return Choice(
        line_id=line_id,
        quantity=quantity,
        reason=reason,
        resolution=refund.get("resolution") or None,
        exchange_price=variant.price if variant and exchanged else None,
    )


def _wanted(wizard: Wizard) -> Variants:
    skus = {
        sku
        for line_id in wizard.answers.get("items", {})
        if (sku := resolution_of(wizard.answers, int(line_id)).get("sku"))
    }
    return _variants(_BY_SKU, wizard, skus=sorted(skus)) if skus else {}


_VARIANTS = (
    select(
        ProductVariant.sku,
        ProductVariant.product_key,
        ProductVariant.title,
        ProductVariant.options,
        ProductVariant.price,
        ProductVariant.stock,
    )
    .where(ProductVariant.shop_id == bindparam("shop_id"))
    .order_by(ProductVariant.id)
)
_products: BindParameter[Any] = bindparam("products", expanding=True)
_skus: BindParameter[Any] = bindparam("skus", expanding=True)
_BY_PRODUCT = _VARIANTS.where(ProductVariant.product_key.in_(_products))
_BY_SKU = _BY_PRODUCT.where(ProductVariant.sku.in_(_skus))


def _variants(query: Executable, wizard: Wizard, **values: Any) -> Variants:
    products = sorted({line.product_key for line in wizard.lines if line.product_key})
    if not products:
        return {}
    rows = run(query, {"shop_id": wizard.shop.id, "products": products, **values})
    return {(row.product_key, row.sku): Variant(**row._mapping) for row in rows}


def _methods(wizard: Wizard, assessments: list[LineAssessment]) -> tuple[MethodOption, ...]:
    options = available_methods(wizard.shop.policy, wizard.order.facts.country)
    allowed = set(Method)
    for assessment in assessments:
        allowed &= set(assessment.methods)
    return tuple(option for option in options if option.method in allowed)
