"""What a customer is told after confirming: one mail for each thing that happens to a return."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from .compose import (
    HandoffPart,
    add_ending,
    add_greeting,
    add_handoff,
    make_letter,
)
from .draft import Draft
from .facts import NewsFacts, ReturnFacts
from .message import Letter
from .wording import Row, far_day, item_title, long_day, money, refund_sentences


def customer_approved(facts: ReturnFacts, handoff: HandoffPart) -> Letter:
    """The shop said yes; with label or code, unless the goods may be kept."""

    def write(draft: Draft) -> None:
        if facts.goods_expected:
            add_handoff(draft, facts, handoff)
        else:
            draft.add("notice", _("You do not have to send anything back."))
        draft.add("heading", _("Your refund"))
        for sentence in _refund(facts):
            draft.add("text", sentence)

    return _news(facts, lambda: _("Your return is approved"), write)


def _refund(facts: ReturnFacts) -> list[str]:
    if facts.goods_expected:
        return refund_sentences(facts)
    days = facts.shop.refund_days
    amount = money(facts.refund_total, facts.currency)
    if not facts.refund_total:
        return [_("We send your exchange soon.")]
    return [
        ngettext(
            "You get %(amount)s within %(num)s day.",
            "You get %(amount)s within %(num)s days.",
            days,
            amount=amount,
        )
    ]


def customer_declined(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """The shop said no, and why."""

    def write(draft: Draft) -> None:
        draft.add("text", _("We cannot take this return. Please do not send anything."))
        draft.add("item", _("Why"), quote=news.text)

    return _news(facts, lambda: _("Your return was declined"), write)


def customer_received(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """The parcel is here and was counted."""

    def write(draft: Draft) -> None:
        draft.add("rows", rows=tuple(_counted_rows(news)))
        _add_extras(draft, news)
        _add_what_follows(draft, facts, news)

    return _news(facts, lambda: _("We have your parcel"), write)


def _add_extras(draft: Draft, news: NewsFacts) -> None:
    """What was in the box besides."""
    if news.back:
        what = ", ".join(news.back)
        draft.add("text", _("Also in your parcel: %(what)s. We send that back to you.", what=what))
    if news.others:
        what = ", ".join(news.others)
        draft.add(
            "text",
            _("Also in your parcel: %(what)s. That is not part of this return. Do you miss it?"
              " Then tell us.", what=what),
        )  # fmt: skip


def _add_what_follows(draft: Draft, facts: ReturnFacts, news: NewsFacts) -> None:
    """What the customer still gets, and by when."""
    if news.open_total and news.settle_day:
        draft.add(
            "text",
            _(
                "You get %(amount)s by %(day)s at the latest.",
                amount=money(news.open_total, facts.currency),
                day=long_day(news.settle_day),
            ),
        )
    _add_rest(draft, facts, news)
    if any(item.resolution == "exchange" for item, _received, _accepted in news.counted):
        draft.add("text", _("We send your exchange soon."))


def customer_on_the_way(facts: ReturnFacts) -> Letter:
    """The parcel was handed in."""

    def write(draft: Draft) -> None:
        draft.add(
            "text",
            _("Your parcel was handed in and is coming to us. You do not have to do anything: we"
              " write as soon as it is here."),
        )  # fmt: skip

    return _news(facts, lambda: _("Your parcel is on its way"), write)


def customer_lost(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """The parcel never arrived, and that is not the customer's loss."""

    def write(draft: Draft) -> None:
        draft.add(
            "text",
            _("Your parcel was handed in, but it did not arrive here. We'll sort this out with the"
              " carrier. For you it counts as if it had arrived."),
        )  # fmt: skip
        _add_what_follows(draft, facts, news)
        draft.add("text", _("Did the parcel come back to you? Then tell us."))

    return _news(facts, lambda: _("Your parcel got lost"), write)


def customer_short(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """Nobody waits for the rest any more."""

    def write(draft: Draft) -> None:
        draft.add("rows", rows=tuple(_counted_rows(news)))
        draft.add(
            "text",
            _("We no longer wait for the rest. It is not refunded; if you still have it, you can"
              " return it another time."),
        )  # fmt: skip
        _add_what_follows(draft, facts, news)

    return _news(facts, lambda: _("Not everything has come"), write)


def customer_waived(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """The shop is done with the return, and gives something of it no more."""

    def write(draft: Draft) -> None:
        if news.amount:
            amount = money(news.amount, facts.currency)
            draft.add("text", _("You do not get the remaining %(amount)s.", amount=amount))
        draft.add("item", _("Why"), quote=news.text)

    return _news(facts, lambda: _("Your return is completed"), write)


def _counted_rows(news: NewsFacts) -> list[Row]:
    rows = []
    for item, received, accepted in news.counted:
        note = ""
        if accepted < received:
            left = received - accepted
            note = ngettext("%(num)s not accepted", "%(num)s not accepted", left)
        told = _("%(count)s of %(quantity)s received", count=received, quantity=item.quantity)
        rows.append(Row(item_title(item), told, note))
    return rows


def customer_refunded(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """Money is on its way."""

    def write(draft: Draft) -> None:
        pairs = [(_("Amount"), money(news.amount, facts.currency))]
        if news.reference:
            pairs.append((_("Reference"), news.reference))
        draft.add("facts", pairs=tuple(pairs))
        draft.add("text", _("It may take a few days before you see it in your account."))
        _add_open(draft, facts, news)

    return _news(facts, lambda: _("We have refunded you"), write)


def customer_exchange_sent(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """The other article is on its way."""

    def write(draft: Draft) -> None:
        wanted = [item for item in facts.items if item.resolution == "exchange"]
        for item in wanted:
            draft.add("text", item.exchange_title or item.exchange_wish or item_title(item))
        if news.reference:
            draft.add("facts", pairs=((_("Number"), news.reference),))
        _add_open(draft, facts, news)

    return _news(facts, lambda: _("Your exchange is on its way"), write)


def customer_credit(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """The code of store credit: the only place it is ever written."""

    def write(draft: Draft) -> None:
        pairs = [
            (_("Your code"), news.code),
            (_("Worth"), money(news.amount, facts.currency)),
        ]
        if news.code_until:
            pairs.append((_("Valid until"), far_day(news.code_until)))
        draft.add("facts", pairs=tuple(pairs))
        draft.add(
            "text",
            _("Use it for your next order at %(shop)s, all at once or in parts. Whoever has the"
              " code can use it, so keep this mail.", shop=facts.shop.name),
        )  # fmt: skip
        _add_open(draft, facts, news)

    return _news(facts, lambda: _("Your store credit"), write)


def customer_corrected(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """The amount is another one, and why."""

    def write(draft: Draft) -> None:
        rows = (
            Row(pgettext("amount", "Change"), money(news.amount, facts.currency)),
            Row(_("You get"), money(news.due_total, facts.currency), is_total=True),
        )
        draft.add("rows", rows=rows)
        draft.add("item", _("Why"), quote=news.text)

    return _news(facts, lambda: _("The amount of your refund has changed"), write)


def customer_note(facts: ReturnFacts, news: NewsFacts) -> Letter:
    """A message of the shop about this return."""

    def write(draft: Draft) -> None:
        draft.add("item", _("%(shop)s writes", shop=facts.shop.name), quote=news.text)

    return _news(facts, lambda: _("A message about your return"), write)


def customer_expired(facts: ReturnFacts) -> Letter:
    """Nothing was handed in."""

    def write(draft: Draft) -> None:
        draft.add(
            "text",
            _("We did not receive your parcel in time, so this return has ended. Did you hand it"
              " in? Send us the receipt, then we look for it."),
        )  # fmt: skip

    return _news(facts, lambda: _("Your return has expired"), write)


def customer_reminder(facts: ReturnFacts) -> Letter:
    """The last day is near."""
    return _hand_in(facts, lambda: _("Do not forget to hand in your return"))


def customer_reopened(facts: ReturnFacts) -> Letter:
    """The shop gave more time."""
    return _hand_in(facts, lambda: _("You have more time for your return"))


def _hand_in(facts: ReturnFacts, title: Callable[[], str]) -> Letter:
    def write(draft: Draft) -> None:
        if facts.hand_in_day:
            day = long_day(facts.hand_in_day)
            draft.add("notice", _("Hand it in by %(day)s at the latest.", day=day))
        if facts.handoff and facts.handoff.state == "ready":
            add_handoff(draft, facts, "included")

    return _news(facts, title, write)


def _add_open(draft: Draft, facts: ReturnFacts, news: NewsFacts) -> None:
    if news.open_total:
        amount = money(news.open_total, facts.currency)
        draft.add("text", _("Still to come: %(amount)s.", amount=amount))
    _add_rest(draft, facts, news)


def _add_rest(draft: Draft, facts: ReturnFacts, news: NewsFacts) -> None:
    if news.rest_total:
        amount = money(news.rest_total, facts.currency)
        draft.add("text", _("You get another %(amount)s once the rest is here.", amount=amount))


def _news(facts: ReturnFacts, title: Callable[[], str], write: Callable[[Draft], None]) -> Letter:
    """Greeting, what happened, and the way to the return's own page. The title is a function, as
    it is looked up in the language of the mail."""

    def compose(_limit: int) -> Draft:
        draft = Draft(f"{title()}: {facts.number}")
        add_greeting(draft, facts, title())
        draft.add(
            "facts",
            pairs=((_("Return number"), facts.number), (_("Order"), facts.order_number)),
        )
        write(draft)
        add_ending(draft, facts)
        return draft

    return make_letter(facts, facts.locale, compose)
