"""The settings page: cards whose rows become forms in their place, and what blocks activation."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, g, redirect, request, url_for

from ...domain.roles import Permission
from ...services.settings.activation import NotReady, set_portal_active
from ...services.settings.mail import send_test_mail
from ...services.settings.store import (
    PortalWouldClose,
    Saved,
    SectionChanged,
    State,
    load_states,
    save_section,
    undo_section,
)
from ..confirmed import recently_confirmed
from ..htmx import add_region, fragments_beside, is_fragment, page, partial
from ..i18n import gettext as _
from ..typed import whole
from . import bp
from .checklist import blockers, checklist
from .guard import permission
from .history import history_page
from .navigation import other_pages
from .sections import SECTIONS, section_named
from .sections.base import Refused, Section, SettingsForm, View
from .sections.cards import CARD, card_context
from .sections.closing import FIELD as CLOSE_PORTAL

Answer = Response | Any
TEMPLATE = "merchant/settings.html"
PORTAL_FRAME = "merchant/sections/portal_frame.html"
PREVIEW = "merchant.preview_portal"
_ALSO_TOLD = {"portal": ("activation", "embed")}
"""What has no card of its own, in whose history it stands."""


@bp.get("/settings")
@permission(Permission.SEE_SETTINGS)
def settings(slug: str) -> Answer:
    """All sections, as saved."""
    name, _, part = request.args.get("saved", "").partition(".")
    return _page({name: {"saved": part, "undone": part == "undo"}})


@bp.get("/settings/<section>")
@permission(Permission.SEE_SETTINGS)
def settings_section(slug: str, section: str) -> Answer:
    """A section as saved: what "Cancel" leads to."""
    current = section_named(section)
    if not is_fragment():
        return redirect(url_for("merchant.settings", _anchor=f"card-{section}"), 303)
    return _with_portal(current, _answer(current, _view(current)))


@bp.get("/settings/<section>/<part>")
@permission(Permission.CHANGE_SETTINGS)
def settings_part(slug: str, section: str, part: str) -> Answer:
    """The page with one part of a section open."""
    current = section_named(section)
    view = _view(current)
    form = current.form(view, part) or abort(404)
    return _answer(current, view, part=part, form=form)


@bp.post("/settings/<section>/<part>")
@permission(Permission.CHANGE_SETTINGS)
def save_settings(slug: str, section: str, part: str) -> Answer:
    """Save a part: the section in place, or back to the page; 422 with what is wrong."""
    current = section_named(section)
    view = View(g.shop, State(_seen()))
    form = current.form(view, part) or abort(404)
    if current.only_looking(part, form):
        return _look(current, view, part, form)
    if not form.validate():
        return _answer(current, view, part=part, form=form, status=422)
    save = recently_confirmed(_save) if current.asks_for_password(view, part) else _save
    return save(current, view, part, form)


@bp.get("/settings/<section>/<part>/_preview")
@permission(Permission.CHANGE_SETTINGS)
def preview_settings(slug: str, section: str, part: str) -> Answer:
    """What the values on the screen would come to; nothing is kept."""
    current = section_named(section)
    view = _view(current)
    form = current.form(view, part) or abort(404)
    card = card_context(current, view, part=part, form=form)
    if card["preview"] is None:
        abort(404)
    return partial(card["preview_template"], card=card)


@bp.post("/settings/<section>/undo")
@permission(Permission.CHANGE_SETTINGS)
def undo_settings(slug: str, section: str) -> Answer:
    """Put back what the section held before it was last saved."""
    return _undo(section_named(section))


@bp.post("/settings/mail/test")
@permission(Permission.CHANGE_SETTINGS)
def send_test(slug: str) -> Answer:
    """Send a mail to oneself through the shop's mail server."""
    send_test_mail(shop_id=g.shop.id, actor=g.actor, recipient=g.member.email)
    if not is_fragment():
        return redirect(url_for("merchant.settings", _anchor="card-mail"), 303)
    current = section_named("mail")
    return _answer(current, _view(current))


@bp.post("/settings/activation")
@permission(Permission.CHANGE_SETTINGS)
def set_activation(slug: str) -> Answer:
    """Open the portal to customers, or close it."""
    active = request.form.get("active") == "1"
    try:
        set_portal_active(shop_id=g.shop.id, active=active, actor=g.actor)
    except NotReady:
        return _page({}, status=422)
    flash(_said(active))
    return redirect(url_for("merchant.settings"), 303)


@bp.get("/settings/<section>/history")
@permission(Permission.SEE_SETTINGS)
def settings_history(slug: str, section: str) -> Answer:
    """Who changed what in a section, newest first."""
    current = section_named(section)
    back_url = url_for("merchant.settings", _anchor=f"card-{section}")
    return history_page(
        section, *_ALSO_TOLD.get(section, ()), title=current.title(), back_url=back_url
    )


def _seen() -> int:
    """The version the form was opened at; 0 is that of a section never saved."""
    return whole(request.form.get("version", ""), -1)


def _view(section: Section, state: State | None = None) -> View:
    if state is None:
        state = load_states(shop_id=g.shop.id).get(section.store.name, State())
    return View(g.shop, state)


def _look(section: Section, view: View, part: str, form: SettingsForm) -> Answer:
    """The form again with what it would come to; nothing is saved."""
    try:
        section.look_at(view, part, form)
    except Refused as refused:
        form[refused.field].errors = [refused.text]
    return _answer(section, view, part=part, form=form, status=422 if form.errors else 200)


def _may_close() -> bool:
    """Whether it was agreed to that the portal closes for want of what goes."""
    return bool(request.form.get(CLOSE_PORTAL))


def _undo(section: Section) -> Answer:
    try:
        saved = undo_section(
            shop_id=g.shop.id,
            store=section.store,
            actor=g.actor,
            seen=_seen(),
            may_close=_may_close(),
        )
    except PortalWouldClose as error:
        return _answer(section, _view(section), closing=error.missing, status=422)
    except SectionChanged as error:
        return _answer(section, _view(section, error.state), conflict=error.state, status=409)
    return _done(section, saved, "undo")


def _save(section: Section, view: View, part: str, form: SettingsForm) -> Answer:
    try:
        saved = save_section(
            shop_id=g.shop.id,
            store=section.store,
            actor=g.actor,
            seen=_seen(),
            change=section.change(view, part, form),
            subject=section.subject(part, form),
            event=section.event(part, form),
            may_close=_may_close(),
        )
    except Refused as refused:
        form[refused.field].errors = [refused.text]
        return _answer(section, view, part=part, form=form, status=422)
    except PortalWouldClose as error:
        closing = error.missing
        return _answer(section, view, part=part, form=form, closing=closing, status=422)
    except SectionChanged as error:
        fresh = _view(section, error.state)
        return _answer(section, fresh, part=part, form=form, conflict=error.state, status=409)
    return _done(section, saved, section.saved_part(part, form))


def _done(section: Section, saved: Saved, part: str) -> Answer:
    """The section as it now stands with "Saved", and the checklist; or the page, by redirect.

    Another card that now says something else is asked for by the answer itself.
    """
    if not is_fragment():
        target = url_for(
            "merchant.settings", saved=f"{section.name}.{part}", _anchor=f"card-{section.name}"
        )
        return redirect(target, 303)
    also = section.also_shows(g.shop, saved.settings)
    before = blockers()
    g.shop = saved.settings
    undone = part == "undo"
    card = card_context(section, View(g.shop, saved.state), saved=part, undone=undone)
    card["also"] = also
    is_news = section.on_checklist or blockers() != before
    beside = {"checklist": checklist(closed=saved.closed)} if is_news else {}
    answer = fragments_beside(CARD, TEMPLATE, tuple(beside), card=card, **beside)
    return _with_portal(section, answer)


def _with_portal(section: Section, answer: Response) -> Response:
    """Where a section shows in it, the portal beside the cards as saved, too."""
    if section.shown_in_preview:
        add_region(answer, "portal-preview", PORTAL_FRAME, portal_url=url_for(PREVIEW))
    return answer


def _answer(
    section: Section,
    view: View,
    *,
    part: str | None = None,
    form: SettingsForm | None = None,
    conflict: State | None = None,
    closing: str = "",
    status: int = 200,
) -> Answer:
    """The section alone for htmx, else the page with this section as it is to be seen."""
    open_part: dict[str, Any] = {
        "part": part,
        "form": form,
        "conflict": conflict,
        "closing": closing,
    }
    if is_fragment():
        answer = partial(CARD, card=card_context(section, view, **open_part))
        answer.status_code = status
        return answer
    return _page({section.name: open_part}, status=status)


def _page(special: dict[str, dict[str, Any]], status: int = 200) -> Answer:
    """All sections; `special` holds what is not as usual with one of them, by name."""
    states = load_states(shop_id=g.shop.id)
    cards = [
        card_context(
            one,
            View(g.shop, states.get(one.store.name, State())),
            **special.get(one.name, {}),
        )
        for one in SECTIONS
    ]
    g.frames_portal = True
    look = next((card for card in cards if "portal_url" in card), None)
    return page(
        TEMPLATE,
        status=status,
        cards=cards,
        checklist=checklist(),
        portal_url=look["portal_url"] if look else None,
        links=other_pages(),
    )


def _said(active: bool) -> str:
    if active:
        return _("The portal is open. Customers can return what stands under Orders.")
    return _("The portal is closed. Customers can start no return.")
