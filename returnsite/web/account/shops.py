"""The shops of somebody: choosing one, and opening a further one."""

from __future__ import annotations

from typing import Any

from flask import Response, g, redirect, request, url_for

from ...domain.errors import DomainError
from ...services.accounts.joining import create_own_shop
from ...services.accounts.sessions import shops_of
from ...services.activate_shop import ShopRefused
from ..htmx import page
from ..i18n import locale_code
from . import bp
from .guard import signed_in
from .shop_form import ShopForm, choices


@bp.get("/account/shops")
@signed_in
def shops() -> Response:
    """All shops of the person at hand."""
    return page("account/shops.html", shops=shops_of(user_id=g.person.user_id))


@bp.get("/account/new-shop")
@signed_in
def new_shop() -> Response:
    """The form for a further shop."""
    return _show(ShopForm(formdata=None, language=locale_code()))


@bp.post("/account/new-shop")
@signed_in
def create_shop() -> Any:
    """Open the shop, and go on to its settings."""
    form = ShopForm()
    if not form.validate():
        return _show(form)
    try:
        slug = create_own_shop(user_id=g.person.user_id, shop=form.new_shop(), actor=g.actor)
    except (DomainError, ShopRefused) as error:
        form.refuse_shop(error)
        return _show(form)
    return redirect(url_for("merchant.settings", slug=slug), 303)


def _show(form: ShopForm) -> Response:
    errors = form.problems
    return page(
        "account/new_shop.html",
        status=422 if errors else 200,
        form=form,
        errors=errors,
        choices=choices(),
        action=request.path,
    )
