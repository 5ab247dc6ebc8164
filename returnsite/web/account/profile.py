"""My account: everything about the person at hand, and their name and language."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, g, redirect, request, url_for
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from ...services.accounts.profile import change_profile, load_profile
from ..confirmed import ask_again, confirm_now, is_confirmed
from ..htmx import client_redirect, is_fragment, swaps_page
from ..i18n import gettext as _
from ..portal import LANGUAGE_NAMES
from . import bp
from .answers import card_named, show_card, show_page, show_saved
from .forms import AccountForm, text
from .guard import home_of, next_url, signed_in
from .words import words


class NameForm(AccountForm):
    """What colleagues see."""

    name = text(
        "name_missing",
        label=_l("Your name"),
        description=_l("Colleagues see it beside what you do."),
        render_kw={"autocomplete": "name"},
    )


class LanguageForm(AccountForm):
    """The language of the pages; "" is the browser's."""

    language = SelectField(
        _l("Language"),
        description=_l("Of these pages and of mails to you."),
        validate_choice=False,
    )

    def offer(self) -> list[str]:
        """List the languages there are."""
        codes = ["", *current_app.config["LANGUAGES"]]
        names = {**LANGUAGE_NAMES, "": _("That of the browser")}
        self.language.choices = [SelectChoice(code, names[code]) for code in codes]
        return codes


@bp.get("/account/")
@signed_in
def index() -> Response:
    """The person's account at a glance."""
    return show_page()


@bp.get("/account/card/<name>")
@signed_in
def card(name: str) -> Any:
    """A card as saved: what "Cancel" leads to."""
    current = card_named(name)
    if not is_fragment():
        return redirect(url_for("account.index", _anchor=f"card-{current.name}"), 303)
    return show_card(name)


@bp.get("/account/profile")
@signed_in
def profile() -> Any:
    """Where name and language used to be."""
    return redirect(url_for("account.index", _anchor="card-about"), 303)


@bp.get("/account/name")
@signed_in
def name() -> Response:
    """The form for the name, in its place."""
    known = load_profile(user_id=g.person.user_id)
    return show_card("about", part="name", form=NameForm(formdata=None, name=known.name))


@bp.post("/account/name")
@signed_in
def save_name() -> Response:
    """Save the name."""
    form = NameForm()
    if not form.validate():
        return show_card("about", part="name", form=form)
    change_profile(user_id=g.person.user_id, name=form.name.data, actor=g.actor)
    return show_saved("about", "name")


@bp.get("/account/language")
@signed_in
def language() -> Response:
    """The form for the language, in its place."""
    form = LanguageForm(formdata=None, language=load_profile(user_id=g.person.user_id).locale)
    form.offer()
    return show_card("about", part="language", form=form)


@bp.post("/account/language")
@signed_in
def save_language() -> Response:
    """Save the language; the whole page is in another one then."""
    form = LanguageForm()
    if form.language.data not in form.offer():
        form.refuse("language", words("not_offered"))
        return show_card("about", part="language", form=form)
    change_profile(user_id=g.person.user_id, locale=form.language.data, actor=g.actor)
    if is_fragment():
        return client_redirect(url_for("account.index", saved="about.language"))
    return show_saved("about", "language")


@bp.get("/account/confirm")
@signed_in
def confirm() -> Any:
    """The password again, on the way to a page that asks for it."""
    if is_confirmed():
        return redirect(next_url() or home_of(g.person.user_id), 303)
    return _ask("", status=200)


@bp.post("/account/confirm")
@signed_in
def save_confirm() -> Any:
    """Renew the session and go on."""
    problem = confirm_now()
    if problem:
        return _ask(problem)
    target = next_url() or home_of(g.person.user_id)
    if is_fragment() and swaps_page():
        return client_redirect(target)
    return redirect(target, 303)


def _ask(problem: str, status: int = 422) -> Response:
    kept = [("next", next_url())]
    return ask_again(problem, action=request.path, kept=kept, status=status)
