"""Portal: where returns go, for how long, who is told, and where policy and help are."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import Email, Length, NumberRange, Optional

from ....domain.policy import UnknownDelivery
from ....services.activate_shop import missing_parts
from ....services.settings.addresses import UnknownAddress, own_address
from ....services.settings.portal import PORTAL
from ....services.shops import ShopSettings
from ...i18n import gettext as _
from ...i18n import ngettext
from ..checklist import missing_text
from ..places import one_line
from .base import Change, Refused, Row, Section, SettingsForm, View
from .forms import (
    TOO_LONG,
    Needed,
    WholeNumber,
    choices,
    filled,
    http_url,
    line,
    web_address,
)

_DAYS = NumberRange(min=0, max=3650, message=_l("Enter a number of days from 0 to 3650."))
_A_YEAR = NumberRange(min=1, max=365, message=_l("Enter a number of days from 1 to 365."))
_LINK = (Length(max=500, message=TOO_LONG), http_url)
_MAIL = Email(message=_l("Enter an e-mail address, like returns@shop.example."))
STATUTORY_DAYS = 14
"""Consumers in the EU may withdraw for this many days after delivery (2011/83/EU, article 9)."""


class AddressForm(SettingsForm):
    """Which address returns go to."""

    return_address = SelectField(
        _l("Return address"), validators=[Needed(_l("Choose an address."))]
    )


class WindowForm(SettingsForm):
    """How long customers may return."""

    window_days = WholeNumber(
        _l("Return window"),
        description=_l("Days after delivery. Must be the same as in your return policy."),
        validators=[_DAYS],
        render_kw={"unit": _l("days"), "inputmode": "numeric"},
    )
    unknown_delivery = SelectField(
        _l("When the delivery date is not known"),
        choices=choices(
            [
                (UnknownDelivery.SHIPPED_PLUS_DAYS.value, _l("Count from some days after sending")),
                (UnknownDelivery.OPEN.value, _l("Always allow the return")),
                (UnknownDelivery.CLOSED.value, _l("Refuse the return")),
            ]
        ),
    )
    unknown_delivery_days = WholeNumber(
        _l("Days from sending to delivery, when nothing better is known"),
        validators=[_DAYS],
        render_kw={"unit": _l("days"), "inputmode": "numeric"},
    )


class NotificationForm(SettingsForm):
    """Who is told of a new return."""

    notify = RadioField(
        _l("Mail for each new return"),
        choices=choices([("none", _l("None")), ("mail", _l("Send a mail to this address"))]),
    )
    notification_email = StringField(
        _l("E-mail address"),
        filters=[line],
        validators=[Optional(), Length(max=254, message=TOO_LONG), _MAIL],
        render_kw={"type": "email", "autocomplete": "email", "spellcheck": "false"},
    )


class LinksForm(SettingsForm):
    """Pages of the shop that the portal leads to."""

    policy_url = StringField(
        _l("Return policy"),
        filters=[web_address],
        validators=_LINK,
    )
    support_url = StringField(
        _l("Customer service page"),
        filters=[web_address],
        validators=_LINK,
    )
    support_email = StringField(
        _l("Customer service e-mail"),
        description=_l("Customers who answer a mail reach this address."),
        filters=[line],
        validators=[Optional(), Length(max=254, message=TOO_LONG), _MAIL],
        render_kw={"type": "email", "spellcheck": "false"},
    )
    privacy_url = StringField(
        _l("Privacy statement"),
        filters=[web_address],
        validators=_LINK,
    )


class TermsForm(SettingsForm):
    """What is promised after confirming."""

    hand_in_days = WholeNumber(
        _l("Hand in within"),
        description=_l("Days after confirming in which the customer hands the parcel in."),
        validators=[_A_YEAR],
        render_kw={"unit": _l("days"), "inputmode": "numeric"},
    )
    refund_days = WholeNumber(
        _l("Refund within"),
        description=_l("Days after you received the goods. The law in the EU says 14 at most."),
        validators=[_A_YEAR],
        render_kw={"unit": _l("days"), "inputmode": "numeric"},
    )
    manual_approval = BooleanField(
        _l("I look at each return before the customer gets a label"),
    )


_FORMS: dict[str, type[SettingsForm]] = {
    "return_address": AddressForm,
    "window": WindowForm,
    "notification": NotificationForm,
    "links": LinksForm,
    "terms": TermsForm,
}


class Portal(Section):
    """The portal's own card."""

    name = "portal"
    store = PORTAL
    shown_in_preview = True

    def title(self) -> str:
        """The heading."""
        return _("Portal")

    def rows(self, view: View) -> list[Row]:
        """What is saved."""
        return [
            _address_row(view.settings),
            _window_row(view.settings),
            _notification_row(view.settings),
            _links_row(view.settings),
            _terms_row(view.settings),
        ]

    def form(self, view: View, part: str) -> SettingsForm | None:
        """One of the card's forms."""
        if part not in _FORMS:
            return None
        form = filled(_FORMS[part], _saved(view.settings))
        if isinstance(form, AddressForm):
            known = sorted(view.settings.addresses, key=lambda one: (one.name, one.id))
            form.return_address.choices = choices([(str(one.id), one_line(one)) for one in known])
        return form

    def form_template(self, part: str) -> str:
        """Fields one below the other, but for the choice of an address and of a mail."""
        return {
            "return_address": "merchant/sections/portal_address.html",
            "notification": "merchant/sections/portal_notification.html",
        }.get(part, "merchant/sections/fields.html")

    def context(self, view: View, part: str | None, form: Any) -> dict[str, Any]:
        """Whether there is anything to choose; without addresses there is nothing to save."""
        return {"is_bare": part == "return_address" and not view.settings.addresses}

    def change(self, view: View, part: str, form: Any) -> Change:
        """Write the form's fields into the columns they are named after."""
        if part == "return_address":
            return _choose(form.return_address.data)
        values = {field.name: field.data for field in form if field.name in _saved(view.settings)}
        if part == "notification":
            values = {"notification_email": _notified(form)}
        elif part == "links":
            values = {name: text or None for name, text in values.items()}
        return lambda shop: _write(shop, values)

    def asks_for_password(self, view: View, part: str) -> bool:
        """Where parcels go is worth a password."""
        return part == "return_address"

    def preview(self, view: View, part: str, form: Any) -> dict[str, Any] | None:
        """A word of warning while a time is typed that the law does not allow."""
        if part == "window":
            days = form.window_days.data
            return {"too_short": days is not None and days < STATUTORY_DAYS}
        if part == "terms":
            days = form.refund_days.data
            return {"too_long": days is not None and days > STATUTORY_DAYS}
        return None


def _write(shop: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(shop, name, value)


def _choose(text: str) -> Change:
    def choose(shop: Any) -> None:
        try:
            shop.return_address_id = own_address(shop, int(text)).id
        except (ValueError, UnknownAddress):
            raise Refused("return_address", _("Choose an address.")) from None

    return choose


def _notified(form: NotificationForm) -> str | None:
    if form.notify.data == "none":
        return None
    if not form.notification_email.data:
        raise Refused("notification_email", _("Enter an e-mail address, or choose None."))
    return str(form.notification_email.data)


def _saved(settings: ShopSettings) -> dict[str, Any]:
    policy = settings.policy
    return {
        "return_address": str(settings.return_address.id) if settings.return_address else "",
        "window_days": policy.window_days,
        "unknown_delivery": policy.unknown_delivery.value,
        "unknown_delivery_days": policy.unknown_delivery_days,
        "notify": "mail" if settings.notification_email else "none",
        "notification_email": settings.notification_email,
        "policy_url": settings.policy_url,
        "support_url": settings.support_url,
        "support_email": settings.support_email,
        "privacy_url": settings.privacy_url,
        "hand_in_days": policy.hand_in_days,
        "refund_days": policy.refund_days,
        "manual_approval": policy.manual_approval,
    }


def _address_row(settings: ShopSettings) -> Row:
    label, place = _("Return address"), settings.return_address
    if place is None:
        return Row("return_address", label, _("None yet"), problem=_("Needed to open the portal"))
    missing = missing_parts(place)
    return Row(
        "return_address",
        label,
        one_line(place),
        problem=missing_text(missing[0]) if missing else "",
    )


def _window_row(settings: ShopSettings) -> Row:
    policy = settings.policy
    days = policy.window_days
    note = {
        UnknownDelivery.SHIPPED_PLUS_DAYS: ngettext(
            "Delivery not known: counted from %(num)s day after sending",
            "Delivery not known: counted from %(num)s days after sending",
            policy.unknown_delivery_days,
        ),
        UnknownDelivery.OPEN: _("Delivery not known: always allowed"),
        UnknownDelivery.CLOSED: _("Delivery not known: refused"),
    }[policy.unknown_delivery]
    return Row(
        "window",
        _("Return window"),
        ngettext("%(num)s day after delivery", "%(num)s days after delivery", days),
        note,
        problem=_("Shorter than the law: 14 days in the EU") if days < STATUTORY_DAYS else "",
    )


def _notification_row(settings: ShopSettings) -> Row:
    address = settings.notification_email or _("None")
    return Row("notification", _("Mail for each new return"), address)


def _links_row(settings: ShopSettings) -> Row:
    links = (settings.policy_url, settings.support_url, settings.support_email)
    known = [_short(link) for link in (*links, settings.privacy_url) if link]
    return Row(
        "links",
        _("Policy and customer service"),
        known[0] if known else _("None yet"),
        " · ".join(known[1:]),
        problem="" if settings.policy_url else _("Customers look for your return policy here"),
    )


def _short(link: str) -> str:
    """Without what every address begins with."""
    return link.removeprefix("https://").removeprefix("http://").removeprefix("www.")


def _terms_row(settings: ShopSettings) -> Row:
    policy = settings.policy
    value = _(
        "Hand in within %(hand_in)s days, refund within %(refund)s days",
        hand_in=policy.hand_in_days,
        refund=policy.refund_days,
    )
    note = _("You approve each return") if policy.manual_approval else _("Approved automatically")
    too_long = policy.refund_days > STATUTORY_DAYS
    problem = _("Longer than the law: 14 days in the EU") if too_long else ""
    return Row("terms", _("After confirming"), value, note, problem=problem)
