"""What the mails about an account say: invitations, links, and word of changes."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import force_locale
from flask_babel import gettext as _

from .draft import Draft, render
from .message import Letter

PRODUCT = "Returnsite"


def reset_letter(*, name: str, url: str, minutes: int, language: str) -> Letter:
    """The link to a new password."""

    def write() -> Draft:
        draft = Draft(_("Choose a new password"))
        _greet(draft, name, draft.subject)
        draft.add("text", _("Somebody, probably you, asked for a new password for this address."))
        draft.add("link", _("Choose a new password"), url=url)
        draft.add(
            "text",
            _("The link works once, for %(minutes)s minutes. Was it not you? Then do nothing: your"
              " password stays as it is.", minutes=minutes),
        )  # fmt: skip
        return draft

    return _letter(write, sender=PRODUCT, language=language)


def invite_letter(*, shop: str, inviter: str, url: str, language: str) -> Letter:
    """The invitation to work in a shop."""

    def write() -> Draft:
        draft = Draft(_("You are invited to the returns of %(shop)s", shop=shop))
        draft.add("heading", draft.subject)
        if inviter:
            draft.add(
                "text",
                _("%(name)s invites you to work on the returns of %(shop)s.",
                  name=inviter, shop=shop),
            )  # fmt: skip
        draft.add("link", _("Accept the invitation"), url=url)
        draft.add("text", _("The link works once, for 24 hours."))
        return draft

    return _letter(write, sender=shop, language=language)


def email_letter(*, name: str, url: str, language: str) -> Letter:
    """The link that proves a new address."""

    def write() -> Draft:
        draft = Draft(_("Confirm your new e-mail address"))
        _greet(draft, name, draft.subject)
        draft.add("text", _("From then on you sign in with this address."))
        draft.add("link", _("Confirm this address"), url=url)
        draft.add("text", _("The link works once, for 24 hours."))
        return draft

    return _letter(write, sender=PRODUCT, language=language)


def notice_letter(*, name: str, what: str, url: str, language: str) -> Letter:
    """Word of a change to the account, in case somebody else made it."""

    def write() -> Draft:
        title, text = {**_key_notices(), **_use_notices()}[what]
        draft = Draft(title)
        _greet(draft, name, title)
        draft.add("text", text)
        draft.add(
            "notice",
            _("Was it not you? Choose a new password at once, and tell the owner of your shop."),
        )
        draft.add("link", _("Choose a new password"), url=url)
        return draft

    return _letter(write, sender=PRODUCT, language=language)


def _key_notices() -> dict[str, tuple[str, str]]:
    """What it takes to sign in changed → subject and text."""
    return {
        "password_changed": (
            _("Your password was changed"),
            _("Your password was changed, and all other browsers were signed out."),
        ),
        "two_factor_on": (
            _("Two-factor sign-in is on"),
            _("From now on, signing in takes a code of your authenticator app too."),
        ),
        "two_factor_off": (
            _("Two-factor sign-in is off"),
            _("From now on, your password alone is enough to sign in."),
        ),
        "recovery_codes_renewed": (
            _("You have new recovery codes"),
            _("The recovery codes you had before do not work any more."),
        ),
    }


def _use_notices() -> dict[str, tuple[str, str]]:
    """The account was used, or its address changed → subject and text."""
    return {
        "recovery_code_used": (
            _("A recovery code was used"),
            _("Somebody signed in to your account with one of your recovery codes."),
        ),
        "email_asked": (
            _("Your e-mail address is about to change"),
            _("Somebody asked to sign in to your account with another e-mail address."),
        ),
        "email_changed": (
            _("Your e-mail address was changed"),
            _("You now sign in with another e-mail address; this one does not work any more."),
        ),
        "new_browser": (
            _("Somebody signed in to your account"),
            _("It was from a browser and a network your account was not used from before."),
        ),
    }


def _greet(draft: Draft, name: str, title: str) -> None:
    draft.add("heading", title)
    if name:
        draft.add("text", _("Hello %(name)s,", name=name))


def _letter(write: Callable[[], Draft], *, sender: str, language: str) -> Letter:
    with force_locale(language):
        return render(write(), sender=sender, language=language, reply_to=None, private=True)
