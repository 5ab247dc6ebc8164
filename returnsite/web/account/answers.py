"""What the views of "My account" answer: one card for htmx, else the page with its cards."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, g, make_response, redirect, request, url_for

from ...services.accounts.sessions import shops_of
from ..htmx import add_region, is_fragment, page, partial
from ..merchant.sections.cards import CARD, card_context
from .cards import CARDS, AccountCard, Me, load_me
from .forms import AccountForm


def card_named(name: str) -> AccountCard:
    """The card with this name; 404 when there is none."""
    return next((one for one in CARDS if one.name == name), None) or abort(404)


def show_page() -> Response:
    """All cards, as saved."""
    name, _dot, part = request.args.get("saved", "").partition(".")
    return _page({name: {"saved": part}})


def show_card(
    name: str,
    *,
    part: str | None = None,
    form: AccountForm | None = None,
    also: str = "",
    **more: Any,
) -> Response:
    """A card with a part open, and what else its template needs; 422 when something is wrong.

    `also` names another card that now says something else.
    """
    status = 422 if form and form.problems else 200
    open_part: dict[str, Any] = {"part": part, "form": form}
    if not is_fragment():
        return _page({name: open_part}, more={name: more}, status=status)
    me = load_me()
    card = {**card_context(card_named(name), me, **open_part), **more}
    return _cards(card, me, also, status)


def show_saved(name: str, part: str, *, also: str = "", news: str = "") -> Response:
    """The card after a part is saved, and another one that now says something else.

    Without htmx the page, by redirect. `news` says what was done where "Saved" is not enough.
    """
    saved = "" if news else part
    if not is_fragment():
        if news:
            flash(news)
        told = f"{name}.{saved}" if saved else None
        target = url_for("account.index", saved=told, _anchor=f"card-{name}")
        return make_response(redirect(target, 303))
    me = load_me()
    card = {**card_context(card_named(name), me, saved=saved), "news": news}
    return _cards(card, me, also)


def _cards(card: dict[str, Any], me: Me, also: str, status: int = 200) -> Response:
    """A card for the request's own target, and another one for its place."""
    answer = partial(CARD, card=card)
    answer.status_code = status
    if also:
        add_region(answer, f"card-{also}", CARD, card=card_context(card_named(also), me))
    return answer


def _page(
    special: dict[str, dict[str, Any]],
    *,
    more: dict[str, dict[str, Any]] | None = None,
    status: int = 200,
) -> Response:
    """The page; `special` and `more` hold what is not as usual with a card, by name."""
    me, more = load_me(), more or {}
    cards = [
        {**card_context(one, me, **special.get(one.name, {})), **more.get(one.name, {})}
        for one in CARDS
    ]
    return page(
        "account/index.html",
        status=status,
        cards=cards,
        shops=shops_of(user_id=g.person.user_id),
    )
