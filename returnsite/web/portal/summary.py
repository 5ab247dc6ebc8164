"""The return so far, as the panel and the bar show it, and the statement of the review page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...domain.fees import FeeQuote
from ...domain.policy import Resolution
from ...domain.refunds import Statement, StatementLine
from ...services.queries.order_lines import WizardLine
from ...services.quotes import Variant, is_blameless, make_statement, resolution_of
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import money
from .pictures import art_for, own_picture
from .steps.base import View
from .words import fee_waived, postage_note, resolution_title

Row = dict[str, Any]


def summary(view: View) -> dict[str, Any]:
    """Variables of `partials/summary.html`."""
    statement, method = _statement(view)
    estimated = view.quote.basket.method is None
    if statement is None:
        return {
            "items": [],
            "rows": [],
            "bar_label": _("Nothing chosen yet"),
            "total": "",
            "announce": "",
        }
    label = total_label(statement, estimated)
    total = money(statement.total or statement.to_pay, statement.currency)
    fee = _fee_row(view, statement, method)
    return {
        "items": [_item(view, line, statement) for line in view.quote.chosen],
        "rows": [*_rows(statement), fee],
        "total_label": label,
        "total": total,
        "total_note": _total_note(view, statement, estimated),
        "bar_label": _bar_label(view) if statement.total else label,
        "announce": _(
            "%(label)s %(total)s. %(fee_label)s %(fee)s.",
            label=label,
            total=total,
            fee_label=fee["label"],
            fee=fee["amount"],
        ),
    }


def statement_rows(view: View, statement: Statement) -> list[Row]:
    """The full statement: per line what was paid, the discount in it, bonus, fee and total."""
    rows: list[Row] = []
    for line in statement.lines:
        rows += _line_rows(view, statement, line)
    rows += _extra_rows(statement)
    rows.append(_fee_row(view, statement, view.quote.basket.method))
    rows += _total_rows(statement)
    return rows


def total_label(statement: Statement, estimated: bool) -> str:
    """What the total is: money, credit or both, or what is still owed for an exchange."""
    if not statement.total and statement.to_pay:
        return _("You pay extra")
    if not statement.total and _only_exchanges(statement):
        return _("Exchange")
    if statement.credit_total and not statement.money_total:
        return _("Store credit")
    if statement.money_total and statement.credit_total:
        return _("Money and store credit")
    return _("You get back, estimated") if estimated else _("You get back")


def _only_exchanges(statement: Statement) -> bool:
    return all(line.resolution == Resolution.EXCHANGE for line in statement.lines)


def exchange_text(variant: Variant | None, wish: str) -> str:
    """What the customer gets instead."""
    wanted = ", ".join(variant.options.values()) or variant.title if variant else wish
    return _("Exchange for %(wanted)s", wanted=wanted) if wanted else _("Exchange")


def _statement(view: View) -> tuple[Statement | None, str | None]:
    """The statement with the chosen method, or until then with the cheapest one; and which."""
    quote = view.quote
    if quote.statement is None or quote.basket.method is not None or not quote.methods:
        return quote.statement, quote.basket.method
    options = dict.fromkeys(option.method for option in quote.methods)
    baskets = (replace(quote.basket, method=method) for method in options)
    statements = [(make_statement(view.wizard, basket), basket.method) for basket in baskets]

    def cost(found: tuple[Statement, str | None]) -> tuple[int, bool]:
        fee = found[0].fee
        return fee.amount if fee else 0, quote.own_postage(found[1])

    return min(statements, key=cost)


def _item(view: View, line: WizardLine, statement: Statement) -> dict[str, Any]:
    line_id = line.facts.line_id
    choice = view.quote.choice(line_id)
    refund = resolution_of(view.wizard.answers, line_id)
    quantity = choice.quantity if choice else 1
    note = ngettext("%(num)s piece", "%(num)s pieces", quantity)
    resolution = refund.get("resolution")
    if resolution == Resolution.EXCHANGE:
        note = exchange_text(view.quote.wanted(line, refund.get("sku")), refund.get("wish", ""))
    elif resolution:
        note = f"{note} · {resolution_title(resolution)}"
    else:
        paid = next(s.paid_amount for s in statement.lines if s.line_id == line_id)
        note = f"{note} · {money(paid, statement.currency)}"
    return {
        "title": line.facts.title,
        "note": note,
        "image_url": own_picture(line.image_url),
        "art": art_for(line),
    }


def _rows(statement: Statement) -> list[Row]:
    refunded = sum(line.refund_amount for line in statement.lines)
    rows: list[Row] = []
    if refunded:
        rows.append({"label": _("Items"), "amount": money(refunded, statement.currency)})
    return rows + _extra_rows(statement)


def _extra_rows(statement: Statement) -> list[Row]:
    currency = statement.currency
    rows: list[Row] = []
    if statement.outbound_shipping:
        rows.append(
            {
                "label": _("Delivery costs you paid"),
                "amount": money(statement.outbound_shipping, currency),
            }
        )
    if statement.bonus_total:
        rows.append({"label": _("Bonus"), "amount": money(statement.bonus_total, currency)})
    difference = sum(line.exchange_difference for line in statement.lines)
    if difference:
        rows.append({"label": _("Price difference"), "amount": money(-difference, currency)})
    return rows


def _line_rows(view: View, statement: Statement, line: StatementLine) -> list[Row]:
    source = next(s for s in view.quote.chosen if s.facts.line_id == line.line_id)
    title = source.facts.title
    label = f"{title} × {line.quantity}" if line.quantity > 1 else title
    currency = statement.currency
    if line.resolution == Resolution.EXCHANGE:
        refund = resolution_of(view.wizard.answers, line.line_id)
        text = exchange_text(view.quote.wanted(source, refund.get("sku")), refund.get("wish", ""))
        return [{"label": label, "note": text, "amount": money(0, currency)}]
    if line.list_amount is None or not line.discount_share:
        return [{"label": label, "amount": money(line.paid_amount, currency)}]
    return [
        {"label": label, "amount": money(line.list_amount, currency)},
        {
            "kind": "sub",
            "label": _("Your discount on this order"),
            "amount": money(-line.discount_share, currency),
        },
    ]


def _fee_row(view: View, statement: Statement, method: str | None) -> Row:
    if method is not None and view.quote.own_postage(method):
        return _postage_row(view, statement)
    fee = statement.fee
    estimated = view.quote.basket.method is None
    varies = estimated and fee is not None and not fee.waived_by
    free = fee is None or not fee.amount
    row: Row = {
        "label": _("Return fee, from") if varies else _("Return fee"),
        "amount": money(0, statement.currency) if varies and free else _fee_text(statement),
    }
    if fee is not None and fee.base > fee.amount:
        row |= {
            "was": money(fee.base, statement.currency),
            "note": fee_waived(fee.waived_by),
            "kind": "is-credit",
        }
    return row


def _postage_row(view: View, statement: Statement) -> Row:
    """Where the customer pays a carrier, the shop's part is not all that it costs."""
    fee = statement.fee
    charged = fee is not None and fee.amount
    return {
        "label": _("Return fee of the shop"),
        "amount": _fee_text(statement) if charged else _("None"),
        "note": postage_note(blameless=is_blameless(view.wizard, view.quote)),
    }


def _fee_text(statement: Statement) -> str:
    return fee_text(statement.fee, statement.currency)


def fee_text(fee: FeeQuote | None, currency: str) -> str:
    """`Free`, or the amount that is taken off."""
    if fee is None or not fee.amount:
        return _("Free")
    return money(-fee.amount, currency)


def _total_rows(statement: Statement) -> list[Row]:
    rows = [
        {
            "kind": "total",
            "label": total_label(statement, estimated=False),
            "amount": money(statement.total or statement.to_pay, statement.currency),
        }
    ]
    if statement.money_total and statement.credit_total:
        rows += [
            {"kind": "sub", "label": label, "amount": money(amount, statement.currency)}
            for label, amount in (
                (_("of which money"), statement.money_total),
                (_("of which store credit"), statement.credit_total),
            )
        ]
    return rows


def _total_note(view: View, statement: Statement, estimated: bool) -> str:
    if statement.to_pay:
        return _("Your exchange costs more than what you send back.")
    if not statement.total and _only_exchanges(statement):
        return _("We send your exchange once we have your parcel.")
    if estimated and statement.fee is not None and not statement.fee.waived_by:
        return _("The fee depends on how you send it back.")
    return ngettext(
        "Within %(num)s day after we have your parcel.",
        "Within %(num)s days after we have your parcel.",
        view.wizard.shop.policy.refund_days,
    )


def _bar_label(view: View) -> str:
    count = sum(choice.quantity for choice in view.quote.basket.choices)
    return ngettext("%(num)s item · back", "%(num)s items · back", count)
