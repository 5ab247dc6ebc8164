"""Refund options: what customers may choose in return."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField, ValidationError
from wtforms.validators import NumberRange, Optional

from ....domain.policy import Resolution
from ....services.settings.portal import REFUND
from ...i18n import gettext as _
from ..words import resolution_name
from .base import Change, Row, Section, SettingsForm, View
from .forms import PercentField, WholeNumber, choices, filled, percent_text


class RefundForm(SettingsForm):
    """Which options there are, and what store credit adds."""

    resolutions = SelectMultipleField(
        _l("The customer can choose"),
        description=_l("One, two or all three."),
    )
    bonus = PercentField(
        _l("Bonus on store credit"),
        description=_l("On top of the amount, for who takes credit instead of money. 0 is none."),
        render_kw={"unit": "%", "inputmode": "decimal"},
    )
    credit_valid_days = WholeNumber(
        _l("Store credit is valid for"),
        description=_l("Days after it is given. Leave it empty and it never runs out."),
        validators=[
            Optional(),
            NumberRange(min=1, max=3650, message=_l("Enter a number of days from 1 to 3650.")),
        ],
        render_kw={"unit": _l("days"), "inputmode": "numeric"},
    )
    refund_outbound_shipping = BooleanField(
        _l("Refund the shipping costs of the order when everything comes back"),
    )

    def validate_resolutions(self, field: Any) -> None:
        """Somebody who returns something gets something."""
        if not field.data:
            raise ValidationError(_("Choose at least one."))


class Refund(Section):
    """The card of refund options."""

    name = "refund"
    store = REFUND

    def title(self) -> str:
        """The heading."""
        return _("Refund options")

    def rows(self, view: View) -> list[Row]:
        """What is offered, the bonus and the shipping costs of the order."""
        policy = view.settings.policy
        names = [resolution_name(code) for code in policy.resolutions]
        no_money = Resolution.MONEY not in policy.resolutions
        percent = percent_text(policy.credit_bonus_bp)
        bonus = _("Store credit with a bonus of %(bonus)s%%", bonus=percent)
        with_bonus = policy.credit_bonus_bp and Resolution.CREDIT in policy.resolutions
        shipping = (
            _("Shipping costs are refunded when everything comes back")
            if policy.refund_outbound_shipping
            else _("Shipping costs of the order are not refunded")
        )
        return [
            Row(
                "resolutions",
                _("The customer can choose"),
                ", ".join(names) or _("Nothing yet"),
                " · ".join([bonus, shipping] if with_bonus else [shipping]),
                problem=_("In the EU, money back must be offered for 14 days") if no_money else "",
            )
        ]

    def form(self, view: View, part: str) -> SettingsForm | None:
        """The only form."""
        if part != "resolutions":
            return None
        policy = view.settings.policy
        form = filled(
            RefundForm,
            {
                "resolutions": [code.value for code in policy.resolutions],
                "bonus": percent_text(policy.credit_bonus_bp),
                "credit_valid_days": view.settings.credit_valid_days,
                "refund_outbound_shipping": policy.refund_outbound_shipping,
            },
        )
        form.resolutions.choices = choices(
            [(code.value, resolution_name(code)) for code in Resolution]
        )
        return form

    def change(self, view: View, part: str, form: Any) -> Change:
        """Keep the shop's order of what stays, new options behind."""
        wanted = set(form.resolutions.data)
        known = [code.value for code in view.settings.policy.resolutions]
        order = [*known, *(code.value for code in Resolution if code.value not in known)]

        def write(shop: Any) -> None:
            shop.resolutions = [code for code in order if code in wanted]
            shop.credit_bonus_bp = form.bonus.basis_points
            shop.credit_valid_days = form.credit_valid_days.data
            shop.refund_outbound_shipping = form.refund_outbound_shipping.data

        return write
