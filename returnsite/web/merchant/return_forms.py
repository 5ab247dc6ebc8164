"""The forms of a return's page: which there are in this state, and what they ask."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from babel.numbers import format_decimal

from ...domain.ledger import Channel
from ...domain.lifecycle import Event, Status, allowed_events, customer_can_cancel
from ...domain.money import exponent, to_decimal
from ...domain.roles import Permission
from ...services.queries.return_page import ReturnPage
from ...services.returns.record_payout import PAYABLE
from ..i18n import gettext as _
from ..i18n import locale_code
from ..rendering import money
from ..typed import Posted
from .return_words import channel_options

Field = dict[str, Any]


@dataclass(frozen=True, slots=True)
class FormWords:
    """One form: what it is called, what it asks. `error_on` is the field a refusal stands at."""

    name: str
    title: str
    button: str
    text: str = ""
    fields: list[Field] = field(default_factory=list)
    error_on: str = ""
    kind: str = ""
    needs: Permission = Permission.WORK_ON_RETURNS
    is_next: bool = False
    """Whether it is what is to be done now, and stands open at the top."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A form that was refused: what was typed, and why not, by the field it is about."""

    name: str
    posted: Posted
    text: str
    errors: Mapping[str, str] = field(default_factory=dict)
    """What is about a field of its own; the rest stands at the form's `error_on`."""

    def text_at(self, form: FormWords, name: str) -> str:
        """What is wrong with a field of the form."""
        own = {one: text for one, text in self.errors.items() if any_named(form, one)}
        return (own or {form.error_on: self.text}).get(name, "")


def any_named(form: FormWords, name: str) -> bool:
    """Whether the form has this field."""
    return any(one["name"] == name for one in form.fields)


def errors_of(made: list[dict[str, Any]], failed: Failed) -> list[tuple[str, str]]:
    """Where what is wrong stands, and its words; on top alone when the form is not there."""
    wrong = [
        (one["id"], one["error"])
        for form in made
        if form["name"] == failed.name
        for one in form["fields"]
        if one["error"]
    ]
    return wrong or [("note-text" if failed.name == "note" else "", failed.text)]


def forms(found: ReturnPage) -> list[FormWords]:
    """Every form this state allows, those to be done now first."""
    made = [form for make in _MAKERS for form in make(found)]
    return sorted(made, key=lambda form: not form.is_next)


def _input(name: str, label: str, value: str = "", **more: Any) -> Field:
    return {"name": name, "label": label, "value": value, "type": "text", **more}


def _reason(label: str, hint: str = "") -> Field:
    return _input("reason", label, type="textarea", hint=hint)


def _plain(amount: int, currency: str) -> str:
    """An amount as it is typed, with every digit of its currency."""
    digits = exponent(currency)
    pattern = "0." + "0" * digits if digits else "0"
    return str(format_decimal(to_decimal(amount, currency), pattern, locale=locale_code()))


def _review(found: ReturnPage) -> list[FormWords]:
    if found.status != Status.REQUESTED:
        return []
    kept = _("Nothing has to be sent back: the customer keeps it and gets the refund.")
    told = _("The customer reads this.")
    return [
        FormWords("approve", _("Approve"), _("Approve"), is_next=True,
                  text=_("The customer gets label or code by e-mail.")),
        FormWords("keep", _("Approve, may be kept"), _("Approve, nothing comes back"), text=kept,
                  kind="secondary", is_next=True),
        FormWords("decline", _("Decline"), _("Decline this return"), kind="danger", is_next=True,
                  fields=[_reason(_("Why?"), told)], error_on="reason"),
    ]  # fmt: skip


def _give(found: ReturnPage) -> list[FormWords]:
    if found.status not in PAYABLE:
        return []
    here = found.status != Status.APPROVED or not found.columns["goods_expected"]
    return [*_give_money(found, here), *_give_credit(found, here), *_give_exchange(found, here)]


def _give_money(found: ReturnPage, is_next: bool) -> list[FormWords]:
    whole = found.balance.open_money
    if not whole:
        return []
    payable = found.ledger.payable(found.status).open_money
    fields = [
        _amount(found, payable),
        _input("channel", _("How did you pay?"), Channel.ORIGINAL, type="select",
               options=channel_options()),
        _input("reference", _("Reference"), hint=_("Optional. The customer sees it.")),
        _input("key", "", secrets.token_urlsafe(12), type="hidden"),
    ]  # fmt: skip
    text = _what_is_here(found, found.ledger.arrived.open_money, whole)
    return [
        FormWords("pay", _("Refund"), _("I have refunded this"), fields=fields, text=text,
                  error_on="amount", needs=Permission.MOVE_MONEY, is_next=is_next and payable > 0)
    ]  # fmt: skip


def _give_credit(found: ReturnPage, is_next: bool) -> list[FormWords]:
    whole, payable = found.balance.open_credit, found.ledger.payable(found.status).open_credit
    if not payable:
        return []
    here = _what_is_here(found, found.ledger.arrived.open_credit, whole)
    text = _("The customer gets a code by e-mail. Nobody else sees it.")
    return [
        FormWords("credit", _("Store credit"), _("Send store credit"),
                  fields=[_amount(found, payable)], text=f"{here} {text}".strip(),
                  error_on="amount", needs=Permission.MOVE_MONEY, is_next=is_next)
    ]  # fmt: skip


def _amount(found: ReturnPage, payable: int) -> Field:
    label = _("Amount in %(currency)s", currency=found.currency)
    return _input("amount", label, _plain(payable, found.currency) if payable else "",
                  type="amount")  # fmt: skip


def _what_is_here(found: ReturnPage, here: int, whole: int) -> str:
    """Which part of an amount is for goods that are here, while others are waited for."""
    waits = found.status in {Status.IN_TRANSIT, Status.RECEIVED} or (
        found.status == Status.APPROVED and found.columns["goods_expected"]
    )
    if not waits or here >= whole:
        return ""
    amounts = {"now": money(here, found.currency), "whole": money(whole, found.currency)}
    return _("%(now)s for what is here, %(whole)s once everything has come.", **amounts)


def _give_exchange(found: ReturnPage, is_next: bool) -> list[FormWords]:
    if not found.ledger.wants_exchange or found.columns["exchange_sent_at"] is not None:
        return []
    if found.status == Status.CLOSED:
        return []
    hint = _("Optional: order or tracking number. The customer sees it.")
    return [
        FormWords("exchange", _("Exchange"), _("The exchange was sent"), is_next=is_next,
                  fields=[_input("reference", _("Number"), hint=hint)], error_on="reference")
    ]  # fmt: skip


def _on_the_way(found: ReturnPage) -> list[FormWords]:
    if found.status == Status.APPROVED and found.columns["goods_expected"]:
        text = _("When the customer shows that the parcel was handed in. The customer is told.")
        return [FormWords("sent", _("It is on the way"), _("It is on the way"), text=text,
                          kind="secondary")]  # fmt: skip
    if Event.LOSE in allowed_events(found.status):
        text = _("It is refunded as if it had arrived, and the customer is told.")
        return [FormWords("lost", _("The parcel is lost"), _("The parcel is lost"), text=text,
                          kind="danger")]  # fmt: skip
    return []


def _time(found: ReturnPage) -> list[FormWords]:
    expected = found.status == Status.APPROVED and found.columns["goods_expected"]
    if not expected and found.status != Status.EXPIRED:
        return []
    title = _("Open it again") if found.status == Status.EXPIRED else _("Give more time")
    days = str(found.shop.policy.hand_in_days)
    fields = [
        _input("days", _("Days from today"), days, type="number"),
        _reason(_("Why?"), _("For your team, not for the customer.")),
    ]
    return [FormWords("extend", title, title, fields=fields, error_on="reason", kind="secondary")]


def _finish(found: ReturnPage) -> list[FormWords]:
    if found.status == Status.RECEIVED and not found.ledger.is_complete:
        text = _(
            "What has not come is not refunded, and can be returned another time. The"
            " customer is told."
        )
        return [FormWords("short", _("The rest does not come"), _("Stop waiting for the rest"),
                          text=text, kind="secondary")]  # fmt: skip
    kept = found.status == Status.APPROVED and not found.columns["goods_expected"]
    if not kept and found.status not in {Status.RECEIVED, Status.LOST}:
        return []
    open_ = bool(found.balance.open_total) or found.ledger.wants_exchange
    why = _reason(_("Why is the rest not paid?"), _("The customer reads this."))
    fields = [why] if open_ else []
    title = _("Complete without giving the rest") if open_ else _("Complete")
    return [FormWords("close", title, _("Complete this return"), fields=fields,
                      error_on="reason", kind="secondary", is_next=not open_)]  # fmt: skip


def _change(found: ReturnPage) -> list[FormWords]:
    if found.status not in PAYABLE:
        return []
    lines = [(str(line.id), line.title) for line in found.lines]
    directions = [("less", _("Less for the customer")), ("more", _("More for the customer"))]
    fields = [
        _input("direction", _("What changes?"), "less", type="select", options=directions),
        _input("amount", _("Amount in %(currency)s", currency=found.currency), type="amount"),
        _input("line", _("For"), type="select", options=[("", _("The whole return")), *lines]),
        _reason(_("Why?"), _("The customer reads this.")),
    ]
    title = _("Correct the amount")
    return [
        FormWords("correct", title, title, fields=fields, error_on="amount", kind="secondary",
                  needs=Permission.MOVE_MONEY)
    ]  # fmt: skip


def _retry(found: ReturnPage) -> list[FormWords]:
    if found.failed_handoff is None or found.status != Status.APPROVED:
        return []
    text = _("The carrier said: %(reason)s", reason=found.failed_handoff)
    return [FormWords("retry", _("The label could not be made"), _("Ask for it again"), text=text,
                      is_next=True)]  # fmt: skip


def _cancel(found: ReturnPage) -> list[FormWords]:
    gone = found.columns["handed_over_at"] is not None
    if not customer_can_cancel(found.status, gone) or found.balance.paid.total:
        return []
    text = _("The label is withdrawn, and the customer is told.")
    return [FormWords("cancel", _("Cancel"), _("Cancel this return"), text=text, kind="danger")]


_MAKERS: tuple[Callable[[ReturnPage], list[FormWords]], ...] = (
    _review, _retry, _give, _on_the_way, _finish, _time, _change, _cancel,
)  # fmt: skip
