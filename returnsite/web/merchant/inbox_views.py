"""Saved views of the inbox: keep, rename, share, delete."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from ...domain.errors import DomainError
from ...domain.roles import Permission
from ...services.inbox.views import NAME_LENGTH, change_view, delete_view, list_views, save_view
from ..htmx import page
from ..i18n import gettext as _
from . import bp
from .guard import permission
from .inbox_filters import pairs_of, read_filters


@bp.get("/returns/views")
@permission(Permission.SEE_RETURNS)
def returns_views(slug: str) -> Response:
    """One's own views to rename, share or delete, and those others share."""
    return _page()


@bp.post("/returns/views")
@permission(Permission.SEE_RETURNS)
def save_returns_view(slug: str) -> Any:
    """Keep the filters at hand under a name."""
    query = _query()
    try:
        save_view(**_person(), query=query, **_filled_in())
    except DomainError as error:
        return _page(error, new_query=query)
    return redirect(f"{url_for('merchant.returns')}?{query}", 303)


@bp.post("/returns/views/<id:view_id>")
@permission(Permission.SEE_RETURNS)
def change_returns_view(slug: str, view_id: int) -> Any:
    """Rename, share or delete a view of one's own."""
    try:
        if "delete" in request.form:
            found = delete_view(**_person(), view_id=view_id)
        else:
            found = change_view(**_person(), view_id=view_id, **_filled_in())
    except DomainError as error:
        return _page(error, view_id)
    return redirect(url_for("merchant.returns_views"), 303) if found else abort(404)


def _person() -> dict[str, Any]:
    return {"shop_id": g.shop.id, "user_id": g.member.user_id}


def _filled_in() -> dict[str, Any]:
    return {"name": request.form.get("name", "")[:500], "shared": request.form.get("shared") == "1"}


def _query() -> str:
    """The filters in their canonical form, whatever was posted."""
    asked = read_filters(MultiDict(parse_qsl(request.form.get("query", "")[:4000])))
    return urlencode(pairs_of(asked.filters))


def _page(
    error: DomainError | None = None, view_id: int | None = None, new_query: str = ""
) -> Response:
    views = list_views(**_person())
    typed = request.form.get("name", "")
    return page(
        "merchant/returns_views.html",
        status=422 if error else 200,
        own=[view for view in views if view.is_own],
        others=[view for view in views if not view.is_own],
        wrong=view_id,
        typed=typed,
        new_query=new_query,
        error=_error(error) if error else "",
        list_url=url_for("merchant.returns"),
    )


def _error(error: DomainError) -> str:
    return {
        "name_required": _("Enter a name."),
        "name_too_long": _("Use at most %(most)s characters.", most=NAME_LENGTH),
        "name_taken": _("You have a view with this name already."),
        "too_many_views": _(
            "Delete a view first: %(most)s are kept.", most=error.params.get("most")
        ),
    }[error.code]
