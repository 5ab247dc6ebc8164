"""The mail with which a merchant tries a mail server."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from .draft import Draft, render
from .message import Letter


def trial_letter(*, shop_name: str, language: str, is_file: bool = False) -> Letter:
    """Says that it arrived, or that it only became a file, in the shop's language."""
    with force_locale(language):
        draft = Draft(_("Test mail of %(shop)s", shop=shop_name))
        if is_file:
            draft.add("heading", _("Nobody gets this mail"))
            draft.add("text", _("No mail server is set, so it was written to a file."))
        else:
            draft.add("heading", _("It works"))
            draft.add("text", _("Mails of your returns portal leave through this mail server."))
        return render(draft, sender=shop_name, language=language, reply_to=None)
