"""E-mail addresses of people: one form for each, and none that mail cannot reach."""

from __future__ import annotations

from ...mailing.message import UnsendableMail, mail_address
from .errors import AccountRefused

LONGEST = 254


def normal_email(text: str) -> str:
    """The form in which addresses are kept and compared."""
    return text.strip().lower()


def checked_email(text: str) -> str:
    """The kept form of an address mail can be sent to. Raises AccountRefused `email_invalid`."""
    try:
        address = mail_address(normal_email(text))
    except UnsendableMail:
        raise AccountRefused("email_invalid") from None
    if len(address) > LONGEST or "." not in address.rpartition("@")[2]:
        raise AccountRefused("email_invalid")
    return address
