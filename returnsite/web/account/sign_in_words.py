"""A sign-in of the log in words: what happened, how, and from where."""

from __future__ import annotations

from ...services.accounts.sign_ins import SignIn
from ..i18n import gettext as _

_EVENTS = {
    "signed_in": lambda: _("Signed in"),
    "sign_in_failed": lambda: _("Wrong password"),
    "code_failed": lambda: _("Wrong code"),
}
_HOW = {
    "password": lambda: _("Signed in with the password"),
    "code": lambda: _("Signed in with a code of the app"),
    "recovery code": lambda: _("Signed in with a recovery code"),
    "invitation": lambda: _("Came by an invitation"),
    "first run": lambda: _("Came by the first link"),
    "start link": lambda: _("Came by a start link"),
}


def what_happened(one: SignIn) -> str:
    """Signed in and how, or what was wrong."""
    words = _HOW.get(one.how) if one.worked else None
    return (words or _EVENTS[one.event])()


def from_where(one: SignIn) -> str:
    """Browser and network, as far as they are known."""
    network = _("network %(network)s", network=one.network) if one.network else ""
    return " · ".join(filter(None, (one.browser or _("Unknown browser"), network)))
