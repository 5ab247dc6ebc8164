"""The words of the inbox as a file: its first line, and what its codes are called."""

from __future__ import annotations

from flask import g

from ...domain.lifecycle import Status
from ...domain.policy import Method, Resolution
from ...services.inbox.choices import list_choices
from ...services.inbox.export import Wording
from ..i18n import gettext as _
from .words import carrier_title, method_name, reason_name, resolution_name, status_name


def export_wording() -> Wording:
    """In the language of the page the file was asked for on."""
    known = list_choices(g.shop.id)
    return Wording(
        headings=(
            *(_("Return"), _("Order"), _("Status"), _("Customer"), _("E-mail"), _("Country")),
            *(_("Method"), _("Carrier"), _("Reason"), _("Refund"), _("Items"), _("Units")),
            *(_("Currency"), _("Customer gets"), _("Asked for"), _("Handed over"), _("Received")),
            *(_("To pay by"), _("Completed"), _("Ended"), _("Also in the box")),
        ),
        statuses={code: status_name(code) for code in Status},
        methods={code: method_name(code) for code in Method},
        carriers={code: carrier_title(code) for code in known.carriers},
        reasons={code: reason_name(code) for code in known.reasons},
        resolutions={code: resolution_name(code) for code in Resolution},
    )
