"""The returns behind how long a stage takes."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, request, url_for

from ....domain.roles import Permission
from ....services.analytics.lines import PAGE
from ....services.analytics.times import Timed, Which, count_timed, list_timed
from ....services.analytics.timing import STAGES
from ...htmx import page
from ...i18n import gettext as _
from ...i18n import ngettext
from ...rendering import day_short
from ...typed import whole
from .. import bp
from ..guard import permission
from ..words import country_name, status_name
from . import ask, wording
from .drill import times_url
from .lists import limit_texts
from .query import Query

_LONGEST = 2**31 - 1
"""Minutes that the column can hold: PostgreSQL refuses to compare it with more."""


@bp.get("/analytics/times")
@permission(Permission.SEE_RETURNS)
def analytics_times(slug: str) -> Response:
    """Those that took longest come first."""
    query, which = ask(), _which()
    scope = query.scope(g.shop.id)
    found = list_timed(scope, which, after=_after(), count=PAGE + 1)
    context = _context(query, which, found, count_timed(scope, which))
    return page("merchant/analytics/times.html", push_url=request.full_path, **context)


def _which() -> Which:
    stage = request.args.get("stage", "")
    if stage not in STAGES:
        abort(404)
    longer = whole(request.args.get("longer", ""), -1)
    return Which(stage, min(longer, _LONGEST) if longer >= 0 else None)


def _after() -> tuple[int, int] | None:
    """The last return of the page before: `minutes.id`."""
    minutes, id_ = (whole(part, -1) for part in request.args.get("after", "").partition(".")[::2])
    return (min(minutes, _LONGEST), id_) if minutes >= 0 and id_ >= 0 else None


def _context(
    query: Query, which: Which, found: list[Timed], counted: tuple[int, bool]
) -> dict[str, Any]:
    shown, longer = found[:PAGE], None if which.longer is None else str(which.longer)
    last = f"{shown[-1].minutes}.{shown[-1].id}" if len(found) > PAGE else None
    limits = [wording.stage_name(which.stage), *limit_texts(query)]
    if which.longer is not None:
        limits.append(_("longer than %(time)s", time=wording.days(which.longer)))
    return {
        "shop": g.shop,
        "back_url": query.address(url_for("merchant.analytics")),
        "heading": _("Returns asked for %(period)s", period=wording.period_text(query.period)),
        "limits": limits,
        "counted": ngettext("%(num)s return", "%(num)s returns", counted[0]),
        "is_sample": counted[1],
        "rows": [_row(each) for each in shown],
        "first_url": times_url(query, which.stage, longer=longer)
        if request.args.get("after")
        else None,
        "next_url": times_url(query, which.stage, longer=longer, after=last) if last else None,
    }


def _row(timed: Timed) -> dict[str, Any]:
    return {
        "number": timed.number,
        "asked": day_short(timed.asked_at),
        "order_number": timed.order_number,
        "status": timed.status,
        "status_text": status_name(timed.status),
        "country": country_name(timed.country),
        "method": wording.label_of("method", timed.method),
        "carrier": wording.label_of("carrier", timed.carrier),
        "time": wording.days(timed.minutes),
        "url": url_for("merchant.return_page", number=timed.number),
    }
