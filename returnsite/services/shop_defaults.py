"""What a new shop starts with: reasons, rules, carriers and fees, as rows it can change later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.policy import Condition, Effect, Fault, Method, Rule
from ..domain.rule_language import EffectKind, rule_to_json
from ..extensions import db
from ..models import CarrierContract, FeeRule, Reason, ReturnRule, Shop


@dataclass(frozen=True, slots=True)
class ReasonDefault:
    """A reason every shop starts with; `code` is stable, for analytics across shops."""

    code: str
    fault: Fault
    en: str
    nl: str
    comment: bool = False
    photo: bool = False


_CUSTOMER, _SHOP, _CARRIER = Fault.CUSTOMER, Fault.SHOP, Fault.CARRIER

REASONS = (
    ReasonDefault("too_small", _CUSTOMER, "Too small", "Te klein"),
    ReasonDefault("too_large", _CUSTOMER, "Too large", "Te groot"),
    ReasonDefault("does_not_suit", _CUSTOMER, "I don’t like it", "Het bevalt niet"),
    ReasonDefault("changed_mind", _CUSTOMER, "I changed my mind", "Ik heb me bedacht"),
    ReasonDefault(
        "ordered_several",
        _CUSTOMER,
        "I ordered several to choose from",
        "Ik heb er meer besteld om te kiezen",
    ),
    ReasonDefault("better_price", _CUSTOMER, "Cheaper elsewhere", "Elders goedkoper"),
    ReasonDefault(
        "not_as_described", _SHOP, "Not as described", "Anders dan beschreven", comment=True
    ),
    ReasonDefault("wrong_item", _SHOP, "Wrong item received", "Verkeerd artikel ontvangen"),
    ReasonDefault("defective", _SHOP, "Faulty or broken", "Defect of werkt niet", comment=True),
    ReasonDefault(
        "damaged",
        _CARRIER,
        "Damaged in transit",
        "Beschadigd tijdens het vervoer",
        comment=True,
        photo=True,
    ),
    ReasonDefault("too_late", _CARRIER, "Arrived too late", "Te laat aangekomen"),
    ReasonDefault("other", _CUSTOMER, "Another reason", "Een andere reden", comment=True),
)

_ALWAYS_RETURNABLE = ("damaged", "defective", "wrong_item", "not_as_described")
_LEGAL_GUARANTEE_DAYS = 730


def default_rules() -> tuple[Rule, ...]:
    """Goods that are not what was sold come back even when on final sale or after the window."""
    return (
        Rule(
            id=0,
            name="Faulty, damaged and wrong items can always come back",
            conditions=(Condition("reason", "in", _ALWAYS_RETURNABLE),),
            effects=(
                Effect(EffectKind.RETURNABLE, value=True),
                Effect(EffectKind.WINDOW_DAYS, _LEGAL_GUARANTEE_DAYS),
            ),
        ),
    )


def add_default_settings(
    shop: Shop, *, fee: int, carriers: Sequence[str] = (), own_contracts: Sequence[str] = ()
) -> None:
    """Add reasons, rules, contracts and fees to a shop that has its id.

    `carriers` are codes in order of preference; with those in `own_contracts` the shop has an
    agreement of its own that includes returns. `fee` is in minor units of the shop's currency;
    a visit to a store costs nothing.
    """
    _add_reasons(shop)
    for position, rule in enumerate(default_rules()):
        stored = rule_to_json(rule)
        db.session.add(
            ReturnRule(
                shop_id=shop.id,
                name=rule.name,
                position=position,
                conditions=stored["conditions"],
                effects=stored["effects"],
            )
        )
    for carrier in dict.fromkeys((*carriers, *own_contracts)):
        own = carrier in own_contracts
        db.session.add(CarrierContract(shop_id=shop.id, carrier=carrier, own=own))
    db.session.add(FeeRule(shop_id=shop.id, amount=fee))
    db.session.add(FeeRule(shop_id=shop.id, method=Method.IN_STORE.value, amount=0))


def _add_reasons(shop: Shop) -> None:
    for position, reason in enumerate(REASONS):
        db.session.add(
            Reason(
                shop_id=shop.id,
                code=reason.code,
                labels={"en": reason.en, "nl": reason.nl},
                fault=reason.fault.value,
                comment_required=reason.comment,
                photo_required=reason.photo,
                position=position,
            )
        )
