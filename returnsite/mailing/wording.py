"""The words of a return in mails: amounts, days, items, refund and way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_currency
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from ..domain.money import to_decimal
from .facts import HandoffFacts, ItemFacts, ReturnFacts


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the refund statement; `amount` is finished text, empty where there is none."""

    label: str
    amount: str
    note: str = ""
    is_total: bool = False


def money(amount: int, currency: str) -> str:
    """Minor units as people of the mail's language write them."""
    return format_currency(to_decimal(amount, currency), currency, locale=str(get_locale()))


def long_day(day: date) -> str:
    """`Thursday 3 December`."""
    return format_date(day, "EEEE d MMMM", locale=str(get_locale()))


def far_day(day: date) -> str:
    """`3 December 2028`."""
    return format_date(day, "d MMMM y", locale=str(get_locale()))


def country_name(code: str) -> str:
    """`Netherlands` for NL; the code itself where nobody knows it."""
    locale = get_locale()
    name = locale.territories.get(code) if locale else None
    return name or code


def item_title(item: ItemFacts) -> str:
    """`2 × Linen shirt, Blue / M`."""
    title = f"{item.title}, {item.variant}" if item.variant else item.title
    return f"{item.quantity} × {title}"


def resolution_text(item: ItemFacts) -> str:
    """What the customer gets for a line."""
    if item.resolution == "credit":
        return _("Store credit")
    if item.resolution != "exchange":
        return _("Money back")
    wanted = item.exchange_title or item.exchange_wish
    return _("Exchange for: %(wanted)s", wanted=wanted) if wanted else _("Exchange")


def statement_rows(facts: ReturnFacts, limit: int) -> list[Row]:
    """The refund statement from the stored amounts; items past `limit` are counted, not named."""
    shown = facts.items[:limit]
    rows = [
        Row(
            item_title(item),
            "" if item.resolution == "exchange" else money(item.refund_amount, facts.currency),
            f"{item.reason} · {resolution_text(item)}",
        )
        for item in shown
    ]
    if rest := len(facts.items) - len(shown):
        rows.append(Row(ngettext("and %(num)s more item", "and %(num)s more items", rest), ""))
    return [*rows, *_other_rows(facts), *_total_rows(facts)]


def _other_rows(facts: ReturnFacts) -> list[Row]:
    amounts = [
        (_("Extra store credit"), facts.bonus),
        (_("Postage of your order"), facts.outbound_shipping),
        (_("Price difference of your exchange"), facts.exchange_difference),
    ]
    rows = [Row(label, money(amount, facts.currency)) for label, amount in amounts if amount]
    return [*rows, _fee_row(facts)]


def _fee_row(facts: ReturnFacts) -> Row:
    charged = money(-facts.fee, facts.currency) if facts.fee else ""
    if facts.own_postage and facts.goods_expected:
        return Row(_("Return fee of the shop"), charged or _("None"), _postage(facts))
    return Row(_("Return fee"), charged or _("Free"))


def _postage(facts: ReturnFacts) -> str:
    """Who pays the carrier that the customer posts the parcel with."""
    if facts.blameless:
        return _("You pay the carrier first. Ask customer service to pay it back.")
    return _("You pay the carrier's postage yourself.")


def _total_rows(facts: ReturnFacts) -> list[Row]:
    rows = []
    if facts.money_total and facts.credit_total:
        rows.append(Row(_("As money"), money(facts.money_total, facts.currency)))
        rows.append(Row(_("As store credit"), money(facts.credit_total, facts.currency)))
    if facts.refund_total or not facts.to_pay:
        rows.append(Row(_("You get"), money(facts.refund_total, facts.currency), is_total=True))
    if facts.to_pay:
        rows.append(Row(_("You still pay"), money(facts.to_pay, facts.currency), is_total=True))
    return rows


def refund_sentences(facts: ReturnFacts) -> list[str]:
    """When the customer gets what."""
    days = facts.shop.refund_days
    sentences = []
    if facts.money_total:
        sentences.append(
            ngettext(
                "You get your money back within %(num)s day after we receive your parcel.",
                "You get your money back within %(num)s days after we receive your parcel.",
                days,
            )
        )
    if facts.credit_total:
        sentences.append(
            ngettext(
                "You get your store credit by e-mail within %(num)s day after we receive"
                " your parcel.",
                "You get your store credit by e-mail within %(num)s days after we receive"
                " your parcel.",
                days,
            )
        )
    if any(item.resolution == "exchange" for item in facts.items):
        sentences.append(_("We send your exchange once we have received your parcel."))
    return sentences


def handoff_steps(facts: ReturnFacts, handoff: HandoffFacts) -> list[str]:
    """What the customer does, one step a line."""
    by_day = long_day(facts.hand_in_day) if facts.hand_in_day else ""
    match handoff.method:
        case "in_store":
            steps = [_("Take everything with you."), _store_step(facts, handoff)]
        case "pickup":
            steps = [_pack(), *_pickup_steps(handoff)]
        case "drop_off_labelless":
            steps = [
                _pack(),
                _place_step(facts, handoff),
                _("Have the code scanned and keep the receipt."),
            ]
        case _:
            steps = [
                _pack(),
                _("Print the label and stick it on the outside."),
                _place_step(facts, handoff),
                _("Keep the receipt."),
            ]
    if by_day and handoff.method != "pickup":
        steps.append(_("Do this by %(day)s.", day=by_day))
    return steps


def _pack() -> str:
    return _("Pack everything in one box or bag, without old labels.")


def _place_step(facts: ReturnFacts, handoff: HandoffFacts) -> str:
    if handoff.place:
        return _("Hand it in at %(place)s.", place=", ".join(handoff.place))
    if handoff.carrier:
        return _("Hand it in at a %(carrier)s point.", carrier=handoff.carrier)
    post = _("Post it with a carrier of your choice.")
    return f"{post} {_postage(facts)}" if facts.own_postage else post


def _store_step(facts: ReturnFacts, handoff: HandoffFacts) -> str:
    place = ", ".join(handoff.place) or facts.shop.name
    return _("Bring it to %(place)s and show your return number.", place=place)


def _pickup_steps(handoff: HandoffFacts) -> list[str]:
    carrier = handoff.carrier or _("The carrier")
    if handoff.pickup_date is None:
        return [_("%(carrier)s collects your parcel.", carrier=carrier)]
    return [
        _(
            "%(carrier)s collects your parcel on %(day)s.",
            carrier=carrier,
            day=long_day(handoff.pickup_date),
        ),
        _("The driver brings the label."),
    ]


def code_purpose(facts: ReturnFacts, handoff: HandoffFacts) -> str:
    """What the code is for, and for whom."""
    if handoff.code_kind == "carrier":
        return _("Show this code at %(carrier)s.", carrier=handoff.carrier or _("the counter"))
    return _("Show this code at %(shop)s.", shop=facts.shop.name)
