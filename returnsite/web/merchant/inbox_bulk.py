"""Actions on many returns: chosen in the list, filled in on a page where they need words."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    request,
    url_for,
)
from werkzeug.datastructures import MultiDict

from ...domain.errors import DomainError
from ...domain.inbox import Filters
from ...domain.roles import Permission
from ...services.inbox.bulk import (
    MOST,
    Action,
    Chosen,
    Order,
    Outcome,
    act_on_many,
    chosen_returns,
    load_outcome,
    matching_returns,
    open_amounts,
    possible_actions,
    undo_many,
)
from ...services.inbox.export import export_piece, heading
from ..htmx import is_fragment, page
from ..i18n import gettext as _
from ..i18n import locale_code, ngettext
from ..rendering import money
from ..typed import printable, whole
from . import bp
from .guard import may, permission
from .inbox_bulk_words import button_text, failure_text, outcome_title, title_of
from .inbox_export_words import export_wording
from .inbox_filters import address, live_address, read_filters
from .return_words import channel_options

NEEDS = {Action.REFUND: Permission.MOVE_MONEY}
FILLED_IN = frozenset({Action.DECLINE, Action.REFUND, Action.NOTE})
"""Actions that ask for something first."""


@bp.post("/returns/bulk")
@permission(Permission.WORK_ON_RETURNS)
def returns_bulk(slug: str) -> Any:
    """Do it, or ask what it needs first. Where nothing is asked, htmx swaps the list alone."""
    action, chosen = _action(), _chosen()
    back = _list_url if action in FILLED_IN else _swap_url
    if not chosen:
        return redirect(back(), 303)
    if action in FILLED_IN and "confirmed" not in request.form:
        return _ask(action, chosen)
    try:
        done = act_on_many(shop=g.shop, actor=g.actor, chosen=chosen, order=_order(action))
    except DomainError as error:
        return _ask(action, chosen, error)
    return redirect(back(done=str(done)), 303)


@bp.post("/returns/bulk/<id:outcome_id>/undo")
@permission(Permission.WORK_ON_RETURNS)
def returns_undo(slug: str, outcome_id: int) -> Any:
    """Take it back."""
    if load_outcome(shop_id=g.shop.id, user_id=g.member.user_id, text=str(outcome_id)) is None:
        abort(404)
    undone = undo_many(shop=g.shop, actor=g.actor, outcome_id=outcome_id)
    return redirect(_swap_url(done=str(undone or outcome_id)), 303)


@bp.post("/returns/export")
@permission(Permission.EXPORT)
def returns_export_chosen(slug: str) -> Any:
    """The ticked returns, or all that the list showed, as CSV."""
    if request.form.get("all") == "1":
        return _export(_query())
    if not _ids(request.form):
        return redirect(_list_url(), 303)
    return _export(request.form)


@bp.get("/returns/export")
@permission(Permission.EXPORT)
def returns_export(slug: str) -> Response:
    """All returns of the list, or those named, as CSV."""
    return _export(request.args)


def _export(args: MultiDict[str, str]) -> Response:
    wanted: dict[str, Any] = {
        "shop": g.shop,
        "filters": read_filters(args).filters,
        "ids": _ids(args),
    }
    wanted |= {"locale": locale_code(), "words": export_wording()}
    response = make_response(_pieces(current_app._get_current_object(), wanted))  # type: ignore[attr-defined]
    response.mimetype = "text/csv"
    name = f'attachment; filename="returns-{g.shop.slug}.csv"'
    response.headers["Content-Disposition"] = name
    return response


def _pieces(app: Flask, wanted: dict[str, Any]) -> Iterator[str]:
    """A context for each piece: none, and no connection, is held while the browser reads."""
    yield heading(wanted["words"], wanted["locale"])
    begin: int | None = None
    while True:
        with app.app_context():
            piece = export_piece(**wanted, begin=begin)
        yield piece.text
        begin = piece.next
        if begin is None:
            return


def _action() -> Action:
    """The action a button names, if the person may do it."""
    text = request.form.get("action", "")
    if text not in set(Action):
        abort(400)
    action = Action(text)
    if action in NEEDS and not may(NEEDS[action]):
        abort(403)
    return action


def _chosen() -> list[Chosen]:
    """The returns that were ticked, or all that the list showed."""
    if request.form.get("all") == "1":
        return matching_returns(shop=g.shop, filters=_filters())
    return chosen_returns(shop=g.shop, ids=_ids(request.form))


def _query() -> MultiDict[str, str]:
    return MultiDict(parse_qsl(request.form.get("query", "")[:4000]))


def _filters() -> Filters:
    return read_filters(_query()).filters


def _ids(args: MultiDict[str, str]) -> list[int]:
    given = args.getlist("id")[: 2 * MOST]
    return [int(text) for text in given if text.isascii() and text.isdigit() and len(text) < 18]


def _order(action: Action) -> Order:
    amounts = {
        return_id: seen
        for return_id in _ids(request.form)
        if (seen := whole(request.form.get(f"amount-{return_id}", ""), -1)) >= 0
    }
    return Order(
        action=action,
        text=request.form.get("text", ""),
        channel=request.form.get("channel", "original"),
        key=printable(request.form.get("key", ""))[:40],
        amounts=amounts,
    )


def _ask(action: Action, chosen: list[Chosen], error: DomainError | None = None) -> Response:
    """The page that asks for a reason, a note or the money."""
    amounts = open_amounts(chosen) if action is Action.REFUND else {}
    rows = [
        {
            "id": each.id,
            "number": each.number,
            "amount": amounts.get(each.id),
            "amount_text": money(amounts[each.id], each.currency) if each.id in amounts else "",
        }
        for each in chosen[:MOST]
    ]
    return page(
        "merchant/returns_bulk.html",
        status=422 if error else 200,
        action=action,
        heading=title_of(action, len(rows)),
        rows=rows,
        total=money(sum(amounts.values()), g.shop.currency) if amounts else "",
        channels=channel_options(),
        text=request.form.get("text", ""),
        channel=request.form.get("channel", "original"),
        key=request.form.get("key") or secrets.token_hex(8),
        error=failure_text(error.code, error.params) if error else "",
        back_url=_back_to_choice(),
        query=request.form.get("query", ""),
        cursor=_cursor(),
    )


def _list_url(**more: str) -> str:
    """Back to the list the action was chosen in."""
    return address(_filters(), **more)


def _back_to_choice() -> str:
    """The page of the list the action was chosen on, with the same returns ticked."""
    ids = [] if request.form.get("all") == "1" else _ids(request.form)[:MOST]
    more = {"page": _cursor(), "ticked": "-".join(map(str, ids))}
    return _list_url(**{name: text for name, text in more.items() if text})


def _cursor() -> str:
    return printable(request.form.get("page", ""))[:80]


def ticked_ids(args: MultiDict[str, str]) -> set[int]:
    """What an address says is ticked."""
    texts = args.get("ticked", "")[: 20 * MOST].split("-")
    return {number for text in texts if (number := whole(text))}


def _swap_url(**more: str) -> str:
    """The same for what htmx puts into the list's place."""
    return (live_address if is_fragment() else address)(_filters(), **more)


def bar_view(filters: Filters) -> list[dict[str, Any]]:
    """The buttons for what the list shows: what none of its returns can have done has none."""
    shown = [
        action
        for action in possible_actions(filters.wanted_statuses)
        if action not in NEEDS or may(NEEDS[action])
    ]
    return [
        {
            "action": action,
            "text": button_text(action),
            "target": "#main" if action in FILLED_IN else "#inbox",
            "first": action is shown[0] and action is not Action.NOTE,
        }
        for action in shown
    ]


def outcome_view(outcome: Outcome) -> dict[str, Any]:
    """What the list says of a bulk action that was just done."""
    left = outcome.remaining
    return {
        "id": outcome.id,
        "title": outcome_title(outcome.action, len(outcome.done)),
        "done": len(outcome.done),
        "failed": [
            {
                "number": each["number"],
                "url": url_for("merchant.return_page", number=each["number"]),
                "text": failure_text(each["code"], each["params"]),
            }
            for each in outcome.failed
        ],
        "failed_title": ngettext("%(num)s return was left as it is:",
                                 "%(num)s returns were left as they are:", len(outcome.failed)),
        "remaining": ngettext("%(num)s more is waiting: choose again.",
                              "%(num)s more are waiting: choose again.", left) if left else "",
        "left": {each["id"] for each in outcome.failed},
        "can_undo": outcome.can_undo and may(Permission.WORK_ON_RETURNS),
        "undo_label": _("Undo"),
        "filters": address(read_filters(request.args).filters).partition("?")[2],
    }  # fmt: skip
