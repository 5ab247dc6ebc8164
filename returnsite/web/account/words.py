"""What is said when somebody is refused: codes of services and forms → words."""

from __future__ import annotations

from typing import Any

from ...domain.errors import DomainError
from ...services.accounts.passwords import LONGEST, SHORTEST
from ..i18n import gettext as _


def refusal(error: DomainError) -> str:
    """The words for what a service refused."""
    return words(error.code, **error.params)


def words(code: str, **values: Any) -> str:
    """The words for a code; a code nobody knows is a mistake of ours."""
    table = {**_about_fields(), **_about_passwords(), **_about_links(), **_about_people()}
    return table[code] % values if values else table[code]


def _about_fields() -> dict[str, str]:
    return {
        "name_missing": _("Enter your name."),
        "email_missing": _("Enter your e-mail address."),
        "email_invalid": _("Enter an e-mail address, like sanne@shop.example."),
        "password_missing": _("Enter your password."),
        "new_password_missing": _("Enter a new password."),
        "code_missing": _("Enter the code."),
        "shop_name_missing": _("Enter the name of your shop."),
        "slug_invalid": _("Use only small letters, digits and single dashes."),
        "slug_taken": _("Another shop here has this address already. Choose another one."),
        "not_offered": _("Choose one of the list."),
        "too_long": _("That is too long."),
    }


def _about_passwords() -> dict[str, str]:
    return {
        "too_short": _("Use at least %(shortest)s characters. A few words do well.",
                       shortest=SHORTEST),
        "password_too_long": _("Use at most %(longest)s characters.", longest=LONGEST),
        "too_common": _("This password is guessed too easily. A few unusual words do better."),
        "too_close": _("This password is too close to your name, e-mail address or shop."),
        "password_wrong": _("That is not your password."),
        "sign_in_wrong": _("E-mail address or password is not right."),
        "code_wrong": _("This code is not right, or it was used before. Wait for the next one."),
        "recovery_code_wrong": _("This recovery code is not right, or it was used before."),
    }  # fmt: skip


def _about_links() -> dict[str, str]:
    return {
        "link_over": _("This link does not work any more."),
        "other_account": _("This invitation is for another e-mail address."),
        "email_taken": _("This address cannot be used."),
        "not_possible": _("That is not possible any more. Look at the page again."),
    }


def _about_people() -> dict[str, str]:
    return {
        "already_member": _("This person works in your shop already."),
        "too_many_invites": _("Too many invitations are open. Take some back first."),
        "last_owner": _("A shop keeps at least one owner. Make somebody else owner first."),
        "changed": _("Somebody else changed this meanwhile. This is how it is now."),
        "gone": _("This is no longer there."),
    }
