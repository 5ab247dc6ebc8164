"""The links that a start prints: to the first owner's account, and into the demo shop."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask_babel import lazy_gettext as _l

from ...domain.errors import DomainError
from ...services.accounts.errors import AccountRefused, PasswordRefused
from ...services.accounts.joining import (
    NewPerson,
    enter_demo,
    first_run_works,
    make_first_owner,
    wrong_with_owner,
)
from ...services.accounts.start_links import start_token_works
from ...services.activate_shop import ShopRefused
from ..htmx import page
from ..i18n import locale_code
from ..merchant.guard import here
from . import bp
from .forms import secret, text
from .guard import anybody, enter
from .links import link_over
from .shop_form import ShopForm, choices
from .words import refusal


class FirstRunForm(ShopForm):
    """The first owner and their shop."""

    name = text("name_missing", label=_l("Your name"))
    email = text("email_missing", longest=254, label=_l("E-mail address"))
    password = secret("new_password_missing", label=_l("Password"))

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape, and all that making owner and shop would refuse one by one."""
        super().validate(extra_validators)
        for field, error in wrong_with_owner(person=self.person(), shop=self.new_shop()):
            if not self[field].errors:
                self.refuse(field, refusal(error))
        return not self.problems

    def person(self) -> NewPerson:
        """The owner as the service takes it."""
        values = (self.name.data, self.email.data, self.password.data, self.language.data)
        return NewPerson(*(value or "" for value in values))

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The person's first, as on the page."""
        own = {"name", "email", "password"}
        return sorted(super().problems, key=lambda problem: problem[0] not in own)


@bp.get("/first-run/<token>")
@anybody
def first_run(token: str) -> Response:
    """The form for the first owner. Opening it changes nothing."""
    if not first_run_works(token=token):
        return link_over("first_run")
    return _show(FirstRunForm(formdata=None, language=locale_code()))


@bp.post("/first-run/<token>")
@anybody
def make_owner(token: str) -> Any:
    """Make owner and shop, sign in and go on to the settings."""
    if not first_run_works(token=token):
        return link_over("first_run")
    form = FirstRunForm()
    if not form.validate():
        return _show(form)
    person, shop = form.person(), form.new_shop()
    try:
        joined = make_first_owner(token=token, person=person, shop=shop, network=here())
    except (DomainError, ShopRefused) as error:
        return _refuse(form, error)
    return enter(joined.user_id, "first run", url_for("merchant.settings", slug=joined.slug))


@bp.get("/demo/<token>")
@anybody
def demo(token: str) -> Response:
    """One press leads into the demo shop. Opening it changes nothing."""
    if not start_token_works("demo", token):
        return link_over("demo")
    return page("account/demo.html", action=request.path)


@bp.post("/demo/<token>")
@anybody
def enter_demo_shop(token: str) -> Any:
    """Sign the demo's owner in."""
    try:
        joined = enter_demo(token=token)
    except AccountRefused:
        return link_over("demo")
    return enter(joined.user_id, "start link", url_for("merchant.home", slug=joined.slug))


def _refuse(form: FirstRunForm, error: DomainError | ShopRefused) -> Response:
    if isinstance(error, PasswordRefused):
        form.refuse("password", refusal(error))
    elif isinstance(error, AccountRefused) and error.code == "link_over":
        return link_over("first_run")
    elif isinstance(error, AccountRefused) and error.code == "email_invalid":
        form.refuse("email", refusal(error))
    else:
        form.refuse_shop(error)
    return _show(form)


def _show(form: FirstRunForm) -> Response:
    errors = form.problems
    return page(
        "account/first_run.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        choices=choices(),
        action=request.path,
    )
