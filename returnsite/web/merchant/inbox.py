"""The merchant's inbox: the list of returns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, g, request, url_for

from ...domain.inbox import Sort, Tab
from ...domain.lifecycle import Status
from ...domain.policy import Method, Resolution
from ...domain.roles import Permission
from ...services.inbox.bulk import load_outcome
from ...services.inbox.choices import list_choices
from ...services.inbox.listing import MANY, list_returns
from ...services.inbox.rows import count_tabs, load_rows
from ...services.inbox.views import list_views
from ..htmx import page, region
from ..i18n import gettext as _
from ..i18n import ngettext
from ..rendering import number
from ..typed import printable
from . import bp
from .guard import may, permission
from .inbox_bulk import bar_view, outcome_view, ticked_ids
from .inbox_filters import Asked, address, chips, link, pairs_of, read_filters
from .inbox_rows import row_view
from .inbox_words import resolution_short, sort_name, tab_name
from .navigation import with_waiting
from .words import carrier_title, country_name, method_name, reason_name, status_name


@bp.get("/returns")
@permission(Permission.SEE_RETURNS)
def returns(slug: str) -> Response:
    """The list as the address asks for it."""
    asked = read_filters(request.args)
    status = 422 if asked.errors else 200
    return with_waiting(page("merchant/returns.html", status=status, **_listing(asked)))


@bp.get("/returns/_list")
@permission(Permission.SEE_RETURNS)
def returns_list(slug: str) -> Response:
    """The list alone, for htmx; the address bar then shows the page with the same list."""
    asked = read_filters(request.args)
    cursor = request.args.get("page", "")
    answer = region(
        "merchant/returns.html",
        "listing",
        status=422 if asked.errors else 200,
        push_url=address(asked.filters, **({"page": cursor} if cursor else {})),
        same_place="done" in request.args,
        **_listing(asked),
    )
    return with_waiting(answer)


def _listing(asked: Asked) -> dict[str, Any]:
    """Everything the list shows. A constant number of queries."""
    filters = asked.filters
    counts = count_tabs(g.shop.id)
    g.waiting = counts[Tab.TO_APPROVE]
    cursor = printable(request.args.get("page", ""))[:80]
    found = list_returns(shop=g.shop, filters=filters, cursor=cursor)
    return {
        "is_new": not counts[Tab.ALL],
        "portal_active": g.shop.active,
        "filters": filters,
        "search_text": filters.query,
        "asked": asked,
        "tabs": [_tab(tab, filters, counts[tab]) for tab in Tab],
        "chips": chips(filters),
        "choices": _choices(asked),
        "sorts": [(sort, sort_name(sort)) for sort in Sort],
        "rows": [row_view(row) for row in load_rows(g.shop.id, found.ids)],
        "total_text": total_text(found.total, many=found.many),
        "total": found.total,
        "has_more": found.total > len(found.ids),
        "previous": link(filters, page=found.previous) if found.previous else None,
        "next": link(filters, page=found.next) if found.next else None,
        "query": address(filters).partition("?")[2],
        "cursor": cursor,
        "heading": tab_name(filters.tab),
        **_around(asked),
        **_empty(asked, is_new=not counts[Tab.ALL]),
    }


def _empty(asked: Asked, *, is_new: bool) -> dict[str, Any]:
    """What to do where there is nothing to show."""
    texts = {
        Tab.TO_APPROVE: _("No return waits for your decision."),
        Tab.TO_PAY: _("Every refund that is due has been paid."),
        Tab.FAILED: _("Every label and code could be made."),
    }
    found = {"empty_text": texts.get(asked.filters.tab, _("Returns appear here by themselves."))}
    if is_new:
        found["portal_link"] = url_for("portal.find", slug=g.shop.slug, _external=True)
        found["settings_url"] = url_for("merchant.settings")
    return found


def _around(asked: Asked) -> dict[str, Any]:
    filters = asked.filters
    person = {"shop_id": g.shop.id, "user_id": g.member.user_id}
    outcome = load_outcome(**person, text=request.args.get("done", ""))
    shown = outcome_view(outcome) if outcome else None
    return {
        "cleared": link(filters.cleared()),
        "everywhere": link(filters.everywhere()) if filters != filters.everywhere() else None,
        "views": _views(asked),
        "outcome": shown,
        "ticked": shown["left"] if shown else ticked_ids(request.args),
        "export_url": url_for("merchant.returns_export") + _query(asked),
        "orders_url": url_for("merchant.orders"),
        "may_start": may(Permission.START_RETURNS) and may(Permission.SEE_ORDERS),
        "may_work": may(Permission.WORK_ON_RETURNS),
        "actions": bar_view(filters),
        "here": link(filters),
        "may_export": may(Permission.EXPORT),
    }


def total_text(total: int, *, many: bool) -> str:
    """`312 returns`, `More than 999 returns`."""
    if many:
        return _("More than %(count)s returns", count=number(total - 1))
    return ngettext("%(num)s return", "%(num)s returns", total)


def _query(asked: Asked) -> str:
    query = address(asked.filters).partition("?")[2]
    return f"?{query}" if query else ""


def _tab(tab: Tab, filters: Any, count: int) -> dict[str, Any]:
    shown = f"{MANY - 1}+" if count >= MANY else str(count) if count else ""
    on_tab = replace(filters, tab=tab)
    return {
        "id": f"tab-{tab}",
        "name": tab_name(tab),
        "count": "" if tab is Tab.ALL else shown,
        "current": tab is filters.tab,
        "alert": tab is Tab.FAILED and count > 0,
        **link(on_tab),
    }


def _choices(asked: Asked) -> list[dict[str, Any]]:
    """The filters of several values, each with the values there are and those that are on."""
    filters, known = asked.filters, list_choices(g.shop.id)
    kinds: tuple[tuple[str, str, Any, Any, Any], ...] = (
        ("status", _("Status"), filters.statuses, [*Status], status_name),
        ("country", _("Country"), filters.countries, known.countries, country_name),
        ("reason", _("Reason"), filters.reasons, known.reasons, reason_name),
        ("resolution", _("Customer gets"), filters.resolutions, [*Resolution], resolution_short),
        ("method", _("Method"), filters.methods, [*Method], method_name),
        ("carrier", _("Carrier"), filters.carriers, known.carriers, carrier_title),
    )
    return [
        {
            "name": name,
            "label": label,
            "options": [
                (str(code), text_of(code), code in on) for code in dict.fromkeys([*values, *on])
            ],
        }
        for name, label, on, values, text_of in kinds
        if values or on
    ]


def _views(asked: Asked) -> dict[str, Any]:
    """Saved views; the one whose filters are those at hand is current."""
    here = pairs_of(asked.filters)
    views = list_views(shop_id=g.shop.id, user_id=g.member.user_id)
    return {
        "all": [
            {
                "name": view.name,
                "url": f"{url_for('merchant.returns')}?{view.filters}",
                "live": f"{url_for('merchant.returns_list')}?{view.filters}",
                "current": view.pairs() == here,
                "shared_by": view.owner if not view.is_own else "",
            }
            for view in views
        ],
        "can_save": bool(here) and not any(view.pairs() == here for view in views),
        "edit_url": url_for("merchant.returns_views"),
    }
