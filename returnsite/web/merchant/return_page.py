"""One return: what came back and why, its money, its story, and what can be done now."""

from __future__ import annotations

from flask import Response, abort, flash, g, make_response, redirect, url_for
from werkzeug.datastructures import MultiDict

from ...domain.errors import DomainError
from ...domain.roles import Permission
from ...services.labels import read_label
from ...services.queries.return_page import ReturnPage, load_page, photo_path
from ...services.returns.case import Done, ReturnChanged, ReturnUnknown
from ..htmx import page
from ..typed import posted_form
from . import bp
from .counting import CountRefused, stepped
from .guard import permission
from .navigation import with_waiting
from .return_context import return_context
from .return_forms import Failed
from .return_runs import MONEY, WORK, Run
from .return_words import changed_text, done_text, refusal_text, refusals_by_field

_WORK = ",".join(WORK)
_MONEY = ",".join(MONEY)


@bp.get("/returns/<number>")
@permission(Permission.SEE_RETURNS)
def return_page(slug: str, number: str) -> Response:
    """The page."""
    return _show(find(number))


@bp.post(f"/returns/<number>/<any({_WORK}):action>")
@permission(Permission.WORK_ON_RETURNS)
def return_work(slug: str, number: str, action: str) -> Response:
    """Approve, decline, receive and whatever else is no money."""
    return _act(find(number), action, WORK[action])


@bp.post(f"/returns/<number>/money/<any({_MONEY}):action>")
@permission(Permission.MOVE_MONEY)
def return_money(slug: str, number: str, action: str) -> Response:
    """Refund, credit, correct."""
    return _act(find(number), action, MONEY[action])


@bp.get("/returns/<number>/photos/<file>")
@permission(Permission.SEE_RETURNS)
def return_photo(slug: str, number: str, file: str) -> Response:
    """A photo the customer added; its name is random."""
    path = photo_path(shop=g.shop, number=number, file=file)
    if path is None or not path.is_file():
        abort(404)
    response = make_response(path.read_bytes())
    response.mimetype = "image/jpeg"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@bp.get("/returns/<number>/labels/<id:shipment_id>")
@permission(Permission.SEE_CUSTOMERS)
def return_label(slug: str, number: str, shipment_id: int) -> Response:
    """The label, to print it for a customer, whose address it bears."""
    found = find(number)
    names = [one.document for one in found.shipments if one.id == shipment_id and one.document]
    data = read_label(names[0]) if names else None
    if data is None:
        abort(404)
    response = make_response(data)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="label-{found.number}.pdf"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def find(number: str) -> ReturnPage:
    """This shop's return; 404 for another's."""
    found = load_page(shop=g.shop, number=number)
    if found is None:
        abort(404)
    return found


def _act(found: ReturnPage, name: str, run: Run) -> Response:
    """Do it and show the page anew; a refusal shows it with what was typed."""
    posted = posted_form()
    if name == "receive" and (pressed := stepped(posted)) is not None:
        return _show(found, counted=pressed)
    try:
        done = run(found, posted)
        _say(name, posted, done)
    except ReturnUnknown:
        abort(404)
    except ReturnChanged as error:
        if not error.by_self:
            return _show(find(found.number), Failed(name, posted, changed_text(error)), status=409)
    except CountRefused as refusal:
        return _show(found, counted=posted, errors=refusal.errors)
    except DomainError as refusal:
        text = refusal_text(refusal)
        if name == "receive":
            return _show(find(found.number), counted=posted, errors={"count": text})
        failed = Failed(name, posted, text, refusals_by_field(refusal))
        return _show(find(found.number), failed, status=422)
    here = url_for("merchant.return_page", number=found.number)
    return redirect(here, 303)  # type: ignore[return-value]


def _show(
    found: ReturnPage,
    failed: Failed | None = None,
    *,
    counted: MultiDict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    answer = page(
        "merchant/return.html",
        status=422 if errors else status,
        push_url=url_for("merchant.return_page", number=found.number),
        **return_context(found, failed=failed, counted=counted, count_errors=errors),
    )
    return with_waiting(answer)


def _say(name: str, posted: MultiDict[str, str], done: Done) -> None:
    """What was done, once; where it can be undone, the bar with the button says so instead."""
    if done.undo_until is None or name == "note":
        flash(done_text(name, to_customer=posted.get("to_customer") == "1"))
