"""The form above the figures: chips for periods, fields for the rest. It is a plain GET form."""

from __future__ import annotations

from typing import Any

from flask import url_for

from ....domain.periods import Comparison, Preset
from ....services.analytics.choices import Choices
from ...i18n import gettext as _
from . import wording
from .drill import here
from .headings import heading_of
from .query import FILTERS, NONE, Query

SHORT = (Preset.DAYS_30, Preset.DAYS_90, Preset.YEAR, Preset.LAST_YEAR)


def filter_form(query: Query, choices: Choices) -> dict[str, Any]:
    """What the form and the bar of periods show."""
    names = preset_names()
    limits = {"from": None, "to": None}
    return {
        "chips": [
            {
                "text": names[preset],
                "url": here(query, **limits, period=preset.value),
                "is_on": query.preset is preset,
            }
            for preset in SHORT
        ],
        "own_period": wording.period_text(query.period),
        "compared": _compared(query),
        "fields": _fields(query, choices),
        "presets": list(names.items()),
        "comparisons": list(comparison_names().items()),
        "dates": _dates(query),
        "errors": [(f"filter-{name}", text) for name, text in query.errors.items()],
        "limits": _limits(query, choices),
        "action": url_for("merchant.analytics"),
        "export_action": url_for("merchant.analytics_export"),
        "live_action": url_for("merchant.analytics_figures"),
    }


def preset_names() -> dict[Preset, str]:
    """Periods in words."""
    return {
        Preset.DAYS_30: _("30 days"),
        Preset.DAYS_90: _("90 days"),
        Preset.YEAR: _("This year"),
        Preset.LAST_YEAR: _("Last year"),
        Preset.CUSTOM: _("Own dates"),
    }


def comparison_names() -> dict[Comparison, str]:
    """Comparisons in words."""
    return {
        Comparison.BEFORE: _("The days before"),
        Comparison.YEAR_AGO: _("A year earlier"),
        Comparison.NONE: _("Nothing"),
    }


def _compared(query: Query) -> str:
    if query.before is None:
        return ""
    return _("compared with %(period)s", period=wording.period_text(query.before))


def _dates(query: Query) -> list[dict[str, str]]:
    own = query.preset is Preset.CUSTOM or bool(query.errors)
    typed = {"from": query.typed_first, "to": query.typed_last} if own else {"from": "", "to": ""}
    labels = {"from": _("First day"), "to": _("Last day")}
    return [
        {
            "id": f"filter-{name}",
            "name": name,
            "label": labels[name],
            "value": typed[name],
            "error": query.errors.get(name, ""),
        }
        for name in ("from", "to")
    ]


def _fields(query: Query, choices: Choices) -> list[dict[str, Any]]:
    found = []
    for name in FILTERS:
        value = query.limits.get(name, "")
        if name == "product":
            options = [(str(key), title) for key, title in choices.products]
        else:
            keys = [key or NONE for key in choices.values[name]]
            options = [(key, wording.label_of(name, key)) for key in keys]
            options.sort(key=lambda option: option[1].casefold())
        if value and value not in {key for key, _text in options}:
            options.append((value, wording.label_of(name, value)))
        found.append(
            {
                "id": f"filter-{name}",
                "name": name,
                "label": heading_of(name),
                "value": value,
                "options": options,
            }
        )
    return found


def _limits(query: Query, choices: Choices) -> list[dict[str, str]]:
    """The filters that are on, each with the address without it."""
    products = {str(key): title for key, title in choices.products}
    return [
        {
            "text": products.get(value, value)
            if name == "product"
            else wording.label_of(name, value),
            "name": heading_of(name),
            "url": here(query, **{name: None}),
        }
        for name, value in query.limits.items()
    ]
