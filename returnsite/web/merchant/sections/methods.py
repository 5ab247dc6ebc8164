"""Methods: which of the four ways back there are, and what customers get where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField

from ....domain.policy import Method
from ....services.settings.matrix import (
    Cell,
    carriers_without_points,
    countries_of,
    method_matrix,
)
from ....services.settings.portal import METHODS
from ...i18n import gettext as _
from ...rendering import either
from ..words import carrier_title, country_name, method_name
from .base import Change, Row, Section, SettingsForm, View
from .forms import choices, filled


class MethodsForm(SettingsForm):
    """Which methods are on."""

    methods = SelectMultipleField(
        _l("Ways to send it back"),
        description=_l("What a customer sees also depends on country and carrier: see the table."),
    )


class Methods(Section):
    """The card with the matrix."""

    name = "methods"
    store = METHODS
    template = "merchant/sections/methods.html"

    def title(self) -> str:
        """The heading."""
        return _("Ways to send it back")

    def rows(self, view: View) -> list[Row]:
        """Which are on."""
        names = [method_name(code) for code in view.settings.policy.methods]
        return [
            Row(
                "methods",
                _("Switched on"),
                ", ".join(names) or _("None yet"),
                problem="" if names else _("Needed to open the portal"),
            )
        ]

    def form(self, view: View, part: str) -> SettingsForm | None:
        """The only form."""
        if part != "methods":
            return None
        saved = [code.value for code in view.settings.policy.methods]
        form = filled(MethodsForm, {"methods": saved})
        form.methods.choices = choices([(code.value, method_name(code)) for code in Method])
        return form

    def change(self, view: View, part: str, form: Any) -> Change:
        """Keep the shop's order of what stays, new ones behind."""
        wanted = set(form.methods.data or [])
        known = [code.value for code in view.settings.policy.methods]
        order = [*known, *(code.value for code in Method if code.value not in known)]

        def write(shop: Any) -> None:
            shop.methods = [code for code in order if code in wanted]

        return write

    def context(self, view: View, part: str | None, form: Any) -> Mapping[str, Any]:
        """The matrix in words."""
        countries = countries_of(settings=view.settings)
        rows = method_matrix(view.settings, countries)
        whys = {cell.why for row in rows for cell in row.cells if cell.why}
        return {
            "countries": [country_name(code) for code in countries],
            "matrix": [
                {
                    "name": method_name(row.method),
                    "on": row.on,
                    "carriers": _all_carriers(row.cells),
                    "cells": [_cell(cell) for cell in row.cells],
                }
                for row in rows
            ],
            "pointless": either([carrier_title(code) for code in carriers_without_points(rows)]),
            "legend": [(icon, text) for why, (icon, text) in _whys().items() if why in whys],
        }


def _all_carriers(cells: tuple[Cell, ...]) -> str:
    codes = dict.fromkeys(code for cell in cells for code in cell.carriers if code)
    return ", ".join(carrier_title(code) for code in codes)


def _cell(cell: Cell) -> dict[str, str]:
    if cell.why is None:
        names = either([carrier_title(code) for code in cell.carriers if code])
        return {"icon": "check", "text": names or _("Yes"), "kind": "is-yes"}
    icon, text = _whys()[cell.why]
    return {"icon": icon, "text": text, "kind": "is-no"}


def _whys() -> dict[str, tuple[str, str]]:
    """Icon and words for each reason why customers somewhere do not get a method."""
    return {
        "needs_own_contract": ("lock", _("Needs your own contract with the carrier")),
        "contract_without_returns": ("lock", _("Your contract does not include returns")),
        "no_carrier": ("truck", _("No carrier of yours does this here")),
        "no_stores": ("map-pin", _("Mark an address as a store first")),
        "only_domestic": ("minus", _("Only within your own country")),
        "not_in_country": ("minus", _("Does not exist here")),
        "method_off": ("ban", _("Switched off")),
    }
