"""The list of the shop's orders."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for

from ...domain.roles import Permission
from ...services.queries.order_list import OrderRow, has_orders, list_countries, list_orders
from ..htmx import page
from ..i18n import gettext as _
from ..i18n import ngettext
from ..portal.pictures import art_named
from ..rendering import clock_time, day_year, money
from . import bp
from .customers import customer_name
from .guard import may, permission
from .order_filters import Asked, key_text, read_address, stage_names
from .words import country_name

STAGE_LOOKS = {
    "open": ("", "clock"),
    "on_the_way": ("info", "truck"),
    "delivered": ("ok", "circle-check"),
    "cancelled": ("", "ban"),
}


@bp.get("/orders")
@permission(Permission.SEE_ORDERS)
def orders(slug: str) -> Response:
    """Orders, newest first, searched and filtered as the address says."""
    asked = read_address(request.args)
    found = list_orders(
        shop_id=g.shop.id, wanted=asked.filter, after=asked.after, before=asked.before
    )
    empty = not found.rows and not (asked.is_filtered and has_orders(g.shop.id))
    return page(
        "merchant/orders.html",
        rows=[_row(row) for row in found.rows],
        is_capped=found.is_capped,
        is_empty=empty and not (asked.before or asked.after),
        previous_url=found.before and asked.url(before=key_text(found.before)),
        next_url=found.after and asked.url(after=key_text(found.after)),
        **_frame(asked),
    )


def _frame(asked: Asked) -> dict[str, Any]:
    """What stands around the list."""
    codes = dict.fromkeys([*list_countries(g.shop.id), *([asked.country] if asked.country else [])])
    countries = sorted(((code, country_name(code)) for code in codes), key=lambda one: one[1])
    return {
        "asked": asked.values(),
        "is_filtered": asked.is_filtered,
        "chips": asked.chips(),
        "countries": countries,
        "stages": list(stage_names().items()),
        "sort_url": asked.url(sort=None if asked.sort else "oldest"),
        "clear_url": url_for("merchant.orders"),
        "import_url": url_for("merchant.orders_import") if may("import_orders") else None,
        "example_url": url_for("merchant.orders_template", table="orders"),
        "search_hint": _("Number, tracking number, customer or SKU")
        if may("see_customers")
        else _("Number, tracking number or SKU"),
    }


def _row(row: OrderRow) -> dict[str, Any]:
    kind, icon = STAGE_LOOKS.get(row.stage, ("", None))
    first, *others = row.titles or (_("No articles"),)
    return {
        "url": url_for("merchant.order", order_id=row.id),
        "number": row.number,
        "customer": customer_name(row.customer_name),
        "placed": day_year(row.placed_at),
        "placed_time": clock_time(row.placed_at),
        "title": first,
        "art": art_named("", first),
        "more": ngettext("and %(num)s more", "and %(num)s more", len(others)) if others else "",
        "units": ngettext("%(num)s item", "%(num)s items", row.units),
        "country": country_name(row.country) if row.country else "",
        "total": money(row.paid_total, row.currency),
        "stage": stage_names().get(row.stage, ""),
        "stage_kind": kind,
        "stage_icon": icon,
        "returns": ngettext("%(num)s return", "%(num)s returns", row.returns)
        if row.returns
        else "",
    }
