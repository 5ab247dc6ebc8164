"""What each mail of a return says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from ..documents.qr import qr_png
from .draft import Draft, render
from .facts import HandoffFacts, ReturnFacts
from .message import Attachment, InlineImage, Letter
from .wording import (
    code_purpose,
    country_name,
    handoff_steps,
    item_title,
    long_day,
    money,
    refund_sentences,
    resolution_text,
    statement_rows,
)

HTML_MAX = 100_000
"""Bytes; mail programs cut off what is longer."""

_ITEM_LIMITS = (60, 20, 5)
_COMMENT_MAX = 600

HandoffPart = Literal["included", "later", "failed", "review", "none"]
"""What a confirmation says of label and code; decided once, so that it never says two things."""


def customer_confirmation(facts: ReturnFacts, handoff: HandoffPart) -> Letter:
    """To the customer after confirming."""

    def write(limit: int) -> Draft:
        draft = Draft(
            _("Your return %(number)s at %(shop)s", number=facts.number, shop=facts.shop.name)
        )
        add_greeting(draft, facts, _("Your return is registered"))
        draft.add(
            "facts",
            pairs=((_("Return number"), facts.number), (_("Order"), facts.order_number)),
        )
        add_handoff(draft, facts, handoff)
        draft.add("heading", _("Your refund"))
        draft.add("rows", rows=tuple(statement_rows(facts, limit)))
        for sentence in refund_sentences(facts):
            draft.add("text", sentence)
        add_ending(draft, facts)
        return draft

    return make_letter(facts, facts.locale, write)


def customer_handoff(facts: ReturnFacts) -> Letter:
    """To the customer when label or code came later than the confirmation."""

    def write(_limit: int) -> Draft:
        labelled = facts.handoff is not None and facts.handoff.document is not None
        title = _("Your return label is ready") if labelled else _("Your return is ready to go")
        draft = Draft(f"{title}: {facts.number}")
        add_greeting(draft, facts, title)
        draft.add("facts", pairs=((_("Return number"), facts.number),))
        add_handoff(draft, facts, "included")
        add_ending(draft, facts)
        return draft

    return make_letter(facts, facts.locale, write)


def customer_cancelled(facts: ReturnFacts) -> Letter:
    """To the customer after a return was cancelled."""

    def write(_limit: int) -> Draft:
        draft = Draft(_("Return %(number)s is cancelled", number=facts.number))
        add_greeting(draft, facts, _("Your return is cancelled"))
        draft.add("facts", pairs=((_("Return number"), facts.number),))
        draft.add(
            "text",
            _("Do not use the label or code any more. You can start a new return as long as the"
              " return period lasts."),
        )  # fmt: skip
        add_ending(draft, facts)
        return draft

    return make_letter(facts, facts.locale, write)


def merchant_notification(facts: ReturnFacts) -> Letter:
    """To the shop when a return was announced."""

    def write(limit: int) -> Draft:
        draft = Draft(
            _("New return %(number)s for order %(order)s",
              number=facts.number, order=facts.order_number)
        )  # fmt: skip
        draft.add("heading", _("New return"))
        if facts.status == "requested":
            draft.add("notice", _("This return waits for your approval."))
        draft.add("facts", pairs=_merchant_facts(facts))
        for item in facts.items[:limit]:
            details = (item.reason, resolution_text(item))
            comment = item.comment[:_COMMENT_MAX] + ("…" if item.comment[_COMMENT_MAX:] else "")
            draft.add("item", item_title(item), lines=details, quote=comment)
        if (rest := len(facts.items) - limit) > 0:
            draft.add("text", ngettext("and %(num)s more item", "and %(num)s more items", rest))
        draft.add("link", _("Open the return"), url=facts.work_url)
        return draft

    return make_letter(facts, facts.shop.default_locale, write)


def _merchant_facts(facts: ReturnFacts) -> tuple[tuple[str, str], ...]:
    pairs = [
        (_("Return number"), facts.number),
        (_("Order"), facts.order_number),
        (_("Customer"), facts.customer_name),
        (_("Country"), country_name(facts.country)),
        (_("Refund"), money(facts.refund_total, facts.currency)),
        (_("Return fee"), money(facts.fee, facts.currency)),
    ]
    if facts.handoff and facts.handoff.carrier:
        pairs.append((_("Carrier"), facts.handoff.carrier))
    return tuple((label, value) for label, value in pairs if value)


def add_greeting(draft: Draft, facts: ReturnFacts, title: str) -> None:
    """The title, and the customer's name."""
    draft.add("heading", title)
    if facts.customer_name:
        draft.add("text", _("Hello %(name)s,", name=facts.customer_name))


def add_handoff(draft: Draft, facts: ReturnFacts, part: HandoffPart) -> None:
    """What to do with the parcel, with code and label where they are there."""
    if part == "none":
        return
    draft.add("heading", _("What to do now"))
    if part == "included" and facts.handoff is not None:
        _add_way_back(draft, facts, facts.handoff)
    elif part == "review":
        draft.add(
            "notice",
            _("We look at your request first. Wait for our mail before you send anything."),
        )
    elif part == "failed":
        draft.add("notice", _("We could not make your label or code. We will contact you."))
    else:
        draft.add("notice", _("Your label or code is not there yet. We mail it as soon as it is."))


def _add_way_back(draft: Draft, facts: ReturnFacts, handoff: HandoffFacts) -> None:
    if handoff.is_test:
        draft.add("notice", _("This is a test: label and code are made up, nothing is shipped."))
    draft.add("steps", lines=tuple(handoff_steps(facts, handoff)))
    _add_code(draft, facts, handoff)
    _add_label(draft, facts, handoff)


def _add_code(draft: Draft, facts: ReturnFacts, handoff: HandoffFacts) -> None:
    posted = handoff.kind == "label_pdf" and handoff.code_kind == "shop"
    if not handoff.code or posted:
        # Nobody asks for the shop's code where a parcel is posted, and the label has it.
        return
    image = InlineImage("return-code.png", qr_png(handoff.code))
    draft.images.append(image)
    until = (
        _("Valid until %(day)s.", day=long_day(handoff.expires_day)) if handoff.expires_day else ""
    )
    purpose = code_purpose(facts, handoff)
    draft.add("code", handoff.code, image=image.cid, note=f"{purpose} {until}".strip())


def _add_label(draft: Draft, facts: ReturnFacts, handoff: HandoffFacts) -> None:
    if handoff.document is None:
        return
    draft.attachments.append(Attachment(f"label-{facts.number}.pdf", handoff.document))
    draft.add("text", _("The label is attached. Print it at full size."))
    if handoff.tracking_no:
        draft.add("facts", pairs=((_("Tracking number"), handoff.tracking_no),))


def add_ending(draft: Draft, facts: ReturnFacts) -> None:
    """The way to the return's own page, and who to turn to."""
    draft.add("link", _("Go to your return"), url=facts.status_url)
    shop = facts.shop
    pairs = [
        (_("Return policy"), shop.policy_url),
        (_("Help"), shop.support_url),
        (_("E-mail"), shop.support_email),
    ]
    if known := tuple((label, value) for label, value in pairs if value):
        draft.add("facts", pairs=known)


def make_letter(facts: ReturnFacts, locale: str, write: Callable[[int], Draft]) -> Letter:
    """Render both forms; with fewer items where the HTML would be cut off by mail programs."""
    with force_locale(locale):
        for limit in _ITEM_LIMITS:
            letter = render(
                write(limit),
                sender=facts.shop.name,
                language=locale,
                reply_to=facts.shop.support_email,
            )
            if len(letter.html.encode()) <= HTML_MAX:
                break
        return letter
