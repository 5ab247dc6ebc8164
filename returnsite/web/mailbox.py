"""The demo's mailbox: what customers and merchant would have got by mail. In demo mode only."""

from __future__ import annotations

from io import BytesIO

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    request,
    send_file,
    session,
)

from ..domain.roles import Permission, allows
from ..services.accounts.sessions import find_member
from ..services.queries.mailbox import Mail, list_mails, load_mail
from ..services.shops import demo_shop
from .htmx import page
from .merchant.guard import SESSION_KEY
from .rendering import clock_time, day
from .security import add_headers

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")

# The mail's own links open beside the demo; nothing in it runs, posts or asks for anything.
_SANDBOX = "sandbox allow-popups allow-popups-to-escape-sandbox"
_MAIL_POLICY = (
    _SANDBOX + "; default-src 'none'; img-src data:; style-src {styles}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)


def init_app(app: Flask) -> None:
    """Register the blueprint; it answers 404 outside demo mode."""
    app.register_blueprint(bp)


@bp.before_request
def only_in_demo() -> None:
    """Mails hold personal data: outside the demo nobody reads them here."""
    if not current_app.config["DEMO"]:
        abort(404)
    g.shop = demo_shop()


@bp.get("")
def index() -> Response:
    """All mails, newest first."""
    wanted = request.args.get("page", 1, type=int)
    return page(
        "mailbox/index.html",
        listing=list_mails(page=wanted, private=_is_owner()),
        day=day,
        time=clock_time,
    )


@bp.get("/<name>")
def mail(name: str) -> Response:
    """One mail: its text, its HTML in a frame of its own, its files."""
    found = _take(name)
    response = page("mailbox/mail.html", mail=found, row=found.row, day=day, time=clock_time)
    add_headers(response).headers["Content-Security-Policy"] += "; frame-src 'self'"
    return response


@bp.get("/<name>/html")
def html(name: str) -> Response:
    """The HTML of a mail, shut off from everything around it."""
    found = _take(name)
    # Else its links would open inside the frame, where most pages may not be shown.
    response = make_response(found.html.replace("<head>", '<head><base target="_blank">', 1))
    styles = " ".join(f"'sha256-{digest}'" for digest in found.style_hashes) or "'none'"
    response.headers["Content-Security-Policy"] = _MAIL_POLICY.format(styles=styles)
    g.frame_origins = ()
    return response


@bp.get("/<name>/file/<int:number>")
def file(name: str, number: int) -> Response:
    """A file that came with a mail, to keep."""
    files = _take(name).files
    if number >= len(files):
        abort(404)
    found = files[number]
    response = send_file(
        BytesIO(found.data), found.media_type, as_attachment=True, download_name=found.name
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _is_owner() -> bool:
    """Mails about accounts hold links that let somebody in: the demo's owner alone sees them."""
    token = session.get(SESSION_KEY, "")
    member = find_member(token=token, slug=g.shop.slug) if token and g.shop else None
    return member is not None and allows(member.role, Permission.MANAGE_TEAM)


def _take(name: str) -> Mail:
    found = load_mail(name, private=_is_owner())
    if found is None:
        abort(404)
    return found
