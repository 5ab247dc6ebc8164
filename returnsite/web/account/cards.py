"""The cards of "My account": the person, how they sign in, and the browsers that are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import current_app, g, url_for

from ...services.accounts.profile import Profile, load_profile
from ...services.accounts.sessions import OpenSession, list_sessions
from ...services.accounts.sign_ins import SignIn, own_sign_ins
from ...services.accounts.two_factor import recovery_codes_left
from ...services.secrets import can_keep_secrets
from ...services.settings.store import State
from ..i18n import gettext as _
from ..i18n import ngettext
from ..merchant.sections.base import Card, Row
from ..portal import LANGUAGE_NAMES
from .setup import begin_setup
from .sign_in_words import from_where, what_happened
from .times import ago


@dataclass(frozen=True, slots=True)
class Me:
    """What the cards are shown from."""

    profile: Profile
    codes_left: int
    sessions: list[OpenSession]
    sign_ins: list[SignIn]
    state: ClassVar[State] = State()
    """An account is one person's: nobody else saves it meanwhile."""


def load_me() -> Me:
    """The person at hand."""
    user_id = g.person.user_id
    profile = load_profile(user_id=user_id)
    return Me(
        profile,
        codes_left=recovery_codes_left(user_id=user_id) if profile.has_two_factor else 0,
        sessions=list_sessions(user_id=user_id),
        sign_ins=own_sign_ins(user_id=user_id),
    )


class AccountCard(Card):
    """A card of one's own account. Parts have the addresses `/account/<part>`."""

    def urls(self, part: str | None) -> dict[str, str]:
        """Addresses of the card and of the part that is open."""
        parts = url_for("account.index")
        urls = {"show": url_for("account.card", name=self.name), "parts": parts}
        return {**urls, "save": parts + part} if part else urls


class About(AccountCard):
    """Name, address and language."""

    name = "about"

    def title(self) -> str:
        """The heading."""
        return _("About you")

    def rows(self, view: Me) -> list[Row]:
        """What is known of the person."""
        me = view.profile
        waiting = _("Waits for confirmation: %(email)s", email=me.new_email)
        waiting += "" if _mails() else f". {_unmailed()}"
        language = LANGUAGE_NAMES.get(me.locale, "") or _("That of the browser")
        return [
            Row("name", _("Name"), me.name or _("None")),
            Row("email", _("E-mail address"), me.email, waiting if me.new_email else ""),
            Row("language", _("Language"), language),
        ]

    def saved_text(self, view: Me, saved: str) -> str:
        """A new address is not saved yet."""
        sent = _("Link sent") if _mails() else _("Link made")
        return sent if saved == "email" else ""

    def context(self, view: Me, part: str | None, form: Any) -> Mapping[str, Any]:
        """What the button says."""
        if part != "email":
            return {}
        if not _mails():
            return {"save_text": _("Make a link"), "form_note": _unmailed()}
        return {"save_text": _("Mail me a link")}


def _mails() -> bool:
    """Whether what is mailed here leaves the installation."""
    return bool(current_app.config["MAIL_SERVER"])


def _unmailed() -> str:
    return _(
        "No mail server is set here: the link is written into mail/accounts of the data folder."
    )


class SigningIn(AccountCard):
    """Password and second factor."""

    name = "signing-in"
    template = "account/signing_in.html"

    def title(self) -> str:
        """The heading."""
        return _("Signing in")

    def rows(self, view: Me) -> list[Row]:
        """How the person signs in."""
        return [_password(view.profile), _two_factor(view)]

    def context(self, view: Me, part: str | None, form: Any) -> Mapping[str, Any]:
        """For the second factor: whether it is on, and what the app is to be given."""
        is_on, can_keep = view.profile.has_two_factor, can_keep_secrets()
        setting_up = part == "two-factor" and not is_on and can_keep
        return {
            "is_on": is_on,
            "can_keep": can_keep,
            "secret": begin_setup() if setting_up else "",
            "form_note": _("All other browsers are signed out.") if part == "password" else "",
        }


class Browsers(AccountCard):
    """Where the person is signed in."""

    name = "browsers"
    template = "account/browsers.html"

    def title(self) -> str:
        """The heading."""
        return _("Where you are signed in")

    def rows(self, view: Me) -> list[Row]:
        """A browser a row; all but this one can be signed out."""
        return [_browser(one) for one in view.sessions]


class SignIns(AccountCard):
    """Who has been here as this person lately, or tried to."""

    name = "sign-ins"
    template = "account/sign_ins.html"

    def title(self) -> str:
        """The heading."""
        return _("Recent sign-ins")

    def rows(self, view: Me) -> list[Row]:
        """A sign-in or a try a row."""
        return [_sign_in(one) for one in view.sign_ins]


CARDS: tuple[AccountCard, ...] = (About(), SigningIn(), Browsers(), SignIns())


def _password(me: Profile) -> Row:
    if not me.has_password:
        return Row("password", _("Password"), _("None"), action=_("Set a password"))
    changed = me.password_changed_at
    note = _("Changed %(ago)s", ago=ago(changed)) if changed else ""
    return Row("password", _("Password"), _("Set"), note)


def _two_factor(view: Me) -> Row:
    label = _("Two-factor sign-in")
    if view.profile.has_two_factor:
        left = ngettext(
            "%(num)s recovery code left", "%(num)s recovery codes left", view.codes_left
        )
        return Row("two-factor", label, _("On"), left)
    why = _(
        "A code of an app on your phone beside the password: "
        "who has only the password gets nowhere."
    )
    return Row("two-factor", label, _("Off"), why, action=_("Switch on"))


def _browser(one: OpenSession) -> Row:
    here = one.id == g.person.session_id
    seen = ago(one.last_seen_at)
    about = [
        _("Signed in %(ago)s", ago=ago(one.created_at)),
        _("network %(network)s", network=one.network) if one.network else "",
    ]
    return Row(
        "",
        one.browser or _("Unknown browser"),
        "" if here else _("Seen %(ago)s", ago=seen),
        " · ".join(filter(None, about)),
        key=str(one.id),
        badges=((_("This browser"), "accent", ""),) if here else (),
        press=None if here else (_("Sign out"), seen),
    )


def _sign_in(one: SignIn) -> Row:
    wrong = (what_happened(one), "warn", "triangle-alert")
    return Row(
        "",
        ago(one.at),
        what_happened(one) if one.worked else "",
        from_where(one),
        badges=() if one.worked else (wrong,),
    )
